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

  it("never steer a terminal, whatever the service sent", () => {
    const { log, lines } = logging("warn");
    const value = "a\u009b31m\u202eb\u001b[2J\u007f";
    log.warn({ value }, "unknown value");
    // eslint-disable-next-line no-control-regex
    expect(lines.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ value }]);
  });
});
