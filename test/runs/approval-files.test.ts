import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { approvalFiles, approvalPath, writeApproval } from "../../runner/runs/approval-files.ts";
import { fingerprintOf } from "../../runner/ledger/key-fingerprint.ts";
import { signApproval, type ApprovalStatement } from "../../runner/runs/approval.ts";
import { newPair } from "../support/keys.ts";

const alice = newPair();
const bob = newPair();
const text = (pair: typeof alice, at = 1): string => signApproval({ at } as ApprovalStatement, pair.privateKey);
const folder = (): string => join(mkdtempSync(join(tmpdir(), "rollcall-approvals-")), "changes.ndjson");

describe("the files of approvals", () => {
  it("lie beside the change set, named after it and the key, whatever the key is called", async () => {
    const changes = folder();
    const path = approvalPath(changes, "alice");
    await writeApproval(path, text(alice), fingerprintOf(alice.publicKey));
    expect(basename(path)).toBe("changes.ndjson.approval-alice.json");
    expect(basename(approvalPath(changes, "../k ey"))).toBe("changes.ndjson.approval-.._k_ey.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(changes, ".."))).toEqual(["changes.ndjson.approval-alice.json"]);
  });

  it("are replaced by the same key, and by no other", async () => {
    const path = approvalPath(folder(), "key");
    await writeApproval(path, text(alice), fingerprintOf(alice.publicKey));
    await writeApproval(path, text(alice, 2), fingerprintOf(alice.publicKey));
    expect(readFileSync(path, "utf8")).toBe(text(alice, 2));
    await expect(writeApproval(path, text(bob), fingerprintOf(bob.publicKey))).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("--out FILE"),
    });
    expect(readFileSync(path, "utf8")).toBe(text(alice, 2));
  });

  it("do not hide behind a pipe that nobody writes to", async () => {
    const changes = folder();
    execFileSync("mkfifo", [`${changes}.approval-a.json`]);
    await writeApproval(approvalPath(changes, "b"), text(bob), fingerprintOf(bob.publicKey));
    expect(await approvalFiles(changes)).toMatchObject([{ fault: "it is not a file" }, { bytes: expect.any(Buffer) }]);
  });

  it("never take the place of something else", async () => {
    const path = approvalPath(folder(), "key");
    writeFileSync(path, "notes");
    await expect(writeApproval(path, text(bob), fingerprintOf(bob.publicKey))).rejects.toMatchObject({ code: "usage" });
    expect(readFileSync(path, "utf8")).toBe("notes");
    const place = approvalPath(folder(), "folder");
    mkdirSync(place);
    await expect(writeApproval(place, text(bob), fingerprintOf(bob.publicKey))).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("are found by their names, and one that can not be read hides none of the others", async () => {
    const changes = folder();
    writeFileSync(approvalPath(changes, "b"), "b");
    writeFileSync(approvalPath(changes, "a"), "a");
    writeFileSync(approvalPath(changes, "large"), " ".repeat(70_000));
    mkdirSync(approvalPath(changes, "folder"));
    writeFileSync(approvalPath(join(changes, "../other.ndjson"), "a"), "of another");
    writeFileSync(`${changes}.approval-note.txt`, "no approval");
    const found = await approvalFiles(changes);
    expect(found.map((one) => [basename(one.file), "fault" in one ? one.fault : one.bytes.toString()])).toEqual([
      ["changes.ndjson.approval-a.json", "a"],
      ["changes.ndjson.approval-b.json", "b"],
      ["changes.ndjson.approval-folder.json", "it is not a file"],
      ["changes.ndjson.approval-large.json", "it has 70000 bytes, which is no approval"],
    ]);
  });

  it("are told of where they can not be read", async () => {
    const changes = folder();
    symlinkSync(approvalPath(changes, "a"), approvalPath(changes, "a"));
    expect(await approvalFiles(changes)).toMatchObject([{ fault: expect.stringContaining("ELOOP") as string }]);
  });
});
