import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { leaveRequest, Mailbox } from "../../runner/runs/mailbox.ts";
import { newFolder } from "../support/runs.ts";
import { silentLog } from "../support/rpc-server.ts";

const by = { name: "ada", host: "desk" };
const at = (number: number): string => `${String(number).padStart(13, "0")}-aaaaaaaaaaaa.json`;

describe("the mailbox of a run", () => {
  it("gives requests out in the order in which they came, each once", async () => {
    const folder = join(newFolder(), "control");
    await leaveRequest(folder, { op: "pause", by, why: "one" }, 2);
    await leaveRequest(folder, { op: "continue", by, why: "two" }, 3);
    await leaveRequest(folder, { op: "set", by, why: "zero", concurrency: 2, perMinute: 60 }, 1);
    const mailbox = new Mailbox(folder, silentLog());
    const taken = await mailbox.take();
    expect(taken.map(({ why }) => why)).toEqual(["zero", "one", "two"]);
    expect(taken[0]).toMatchObject({ op: "set", by, concurrency: 2, perMinute: 60 });
    expect(await mailbox.take()).toEqual([]);
    const [first] = taken;
    expect(await mailbox.has(first?.id ?? "")).toBe(true);
    await mailbox.done(first?.id ?? "");
    await mailbox.done(first?.id ?? "");
    expect(await mailbox.has(first?.id ?? "")).toBe(false);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("is empty where nobody has ever left anything", async () => {
    expect(await new Mailbox(join(newFolder(), "control"), silentLog()).take()).toEqual([]);
  });

  it("hides no request behind what is none: folders, links, pipes, texts, long files, other kinds of records", async () => {
    const folder = join(newFolder(), "control");
    mkdirSync(folder);
    mkdirSync(join(folder, at(1)));
    writeFileSync(join(folder, "elsewhere"), JSON.stringify({ op: "abort", by, why: "" }));
    symlinkSync(join(folder, "elsewhere"), join(folder, at(2)));
    execFileSync("mkfifo", [join(folder, at(3))]);
    writeFileSync(join(folder, at(4)), "{");
    writeFileSync(join(folder, at(5)), JSON.stringify({ op: "abort", by, why: "x".repeat(100_000) }));
    writeFileSync(join(folder, at(6)), JSON.stringify({ op: "rm", by, why: "" }));
    writeFileSync(join(folder, at(7)), JSON.stringify({ op: "set", by, why: "", concurrency: 1.5 }));
    writeFileSync(join(folder, at(8)), JSON.stringify({ op: "set", by, why: "", perMinute: -1 }));
    writeFileSync(join(folder, at(11)), JSON.stringify({ op: "set", by, why: "", perMinute: 1e-300 }));
    writeFileSync(join(folder, at(9)), JSON.stringify({ op: "pause", by: "ada", why: "" }));
    writeFileSync(join(folder, at(12)), JSON.stringify({ op: "pause", by, why: "x".repeat(1001) }));
    writeFileSync(join(folder, at(13)), JSON.stringify({ op: "pause", by: { ...by, name: "x".repeat(301) }, why: "" }));
    writeFileSync(join(folder, "note.txt"), "hello");
    const log = silentLog();
    await leaveRequest(folder, { op: "pause", by, why: "the real one" }, 10);
    const taken = await new Mailbox(folder, log).take();
    expect(taken.map(({ why }) => why)).toEqual(["the real one"]);
    expect(log.warnings).toHaveLength(12);
  });

  it("takes of a request only what one may say: no other kind of record can be made of it", async () => {
    const folder = join(newFolder(), "control");
    mkdirSync(folder);
    const forged = { type: "end", seq: 7, op: "pause", by: { ...by, more: 1 }, why: "w", index: 3, id: "other" };
    writeFileSync(join(folder, at(1)), JSON.stringify(forged));
    const [taken] = await new Mailbox(folder, silentLog()).take();
    expect(taken).toEqual({ id: at(1).replace(".json", ""), op: "pause", by, why: "w" });
  });
});
