import { describe, expect, it } from "vitest";
import { openLog } from "../../runner/cli/log.ts";
import { Redactor } from "../../runner/cli/redact.ts";
import { Secret } from "../../runner/core/model/secret.ts";

function logging(level: "debug" | "warn" | "silent", env: Record<string, string> = {}) {
  const lines: string[] = [];
  const redactor = new Redactor(env);
  return { lines, redactor, log: openLog(level, (line) => lines.push(line), redactor) };
}

describe("diagnostics", () => {
  it("are written from their level on", () => {
    const { log, lines } = logging("warn");
    log.debug({}, "quiet");
    log.info({}, "quiet");
    log.warn({ attempt: 2 }, "slow answer");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ attempt: 2, msg: "slow answer" }]);
  });

  it("can be silenced", () => {
    const { log, lines } = logging("silent");
    log.warn({}, "x");
    expect(lines).toEqual([]);
  });

  it("never hold a secret: by name, by type, by value", () => {
    const { log, lines, redactor } = logging("debug", { COVE_PASSWORD: 'from"env', HOME: "/root" });
    redactor.hide("from plan & input");
    log.debug(
      {
        password: "by name",
        request: { params: { password: "by name, deeper" }, visa: "by name too" },
        login: new Secret("by type"),
        error: 'refused: from"env',
        url: `http://x/?q=${encodeURIComponent("from plan & input")}`,
      },
      "sent from plan & input to /root",
    );
    const text = lines.join("\n");
    for (const secret of ["by name", "by type", "from", "env"]) expect(text).not.toContain(secret);
    expect(text).toContain("/root");
    expect(JSON.parse(text)).toMatchObject({ error: "refused: [redacted]", msg: "sent [redacted] to /root" });
  });
});
