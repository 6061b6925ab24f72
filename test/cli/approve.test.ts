import { describe, expect, it } from "vitest";
import { digest } from "../../runner/core/model/item.ts";
import type { ApprovalQuestion, ApproveOptions } from "../../runner/workspace/options.ts";
import type { ApprovalReport } from "../../runner/workspace/reports.ts";
import { GuardError } from "../../runner/core/model/errors.ts";
import { rollcall, workspace, type Surroundings } from "./stand-in.ts";

const hex = "ab".repeat(32);
const key = { name: "alice", fingerprint: digest("cd".repeat(32)) };
const question: ApprovalQuestion = {
  digest: digest(hex),
  plan: "tidy",
  service: "cove",
  endpoint: "https://api.example",
  method: "RemoveAccount",
  destructive: true,
  size: 2,
  created: Date.UTC(2026, 10, 23),
  expires: Date.UTC(2026, 10, 24),
  author: { name: "mallory", host: "there\u001b[31m" },
  preview: {
    type: "preview",
    counts: { rows: 9, "filtered-out": 7, already: 0, refused: 0, selected: 2 },
    guards: [{ guard: "max", allowed: "5", found: 2, ok: true, message: "" }],
    sample: [],
    method: "RemoveAccount",
    expect: "absent",
    refusals: [],
    types: {},
  },
  key,
};

/** What came of a command line where the change set is this one. */
async function approving(words: readonly string[], around: Surroundings = {}, asked: Partial<ApprovalQuestion> = {}) {
  let answer: unknown;
  let passphrase: string | undefined;
  let options: ApproveOptions | undefined;
  const made = workspace({
    async approve(_file, given) {
      options = given;
      if (words.includes("locked.pem")) passphrase = await given.passphrase?.();
      answer = await given.consent({ ...question, ...asked });
      if (answer !== true) throw new GuardError("consent", "not agreed", { hint: "Nothing was signed." });
      return { file: "/somewhere/c.ndjson.approval-alice.json", digest: question.digest, key };
    },
  });
  const session = await rollcall(["approve", "c.ndjson", ...words], { ...around, workspace: made });
  return { ...session, answer, passphrase, options };
}

const sure = ["--key", "a.pem", "--yes", "--digest", hex];

describe("approve", () => {
  it("shows what is approved before it signs: plan, service, how much, until when, by whom it was made", async () => {
    const { exit, out, err } = await approving(sure);
    expect([exit, err]).toEqual([0, ""]);
    expect(out).toMatch(/to change {2,}2 {2}by RemoveAccount/);
    expect(out).toMatch(/ok +max +found 2/);
    expect(out).toContain(
      "plan     tidy on cove (https://api.example)\nchange   RemoveAccount for 2 items, DESTRUCTIVE\n",
    );
    expect(out).toContain("by       mallory on there, from a list read 2026-11-23T00:00:00Z\n");
    expect(out).toContain(`until    2026-11-24T00:00:00Z\ndigest   ${hex}\nkey      alice, ${key.fingerprint}\n`);
    expect(out).toContain("Approved: /somewhere/c.ndjson.approval-alice.json\n");
    expect(out).not.toContain("\u001b");
  });

  it("asks the person at the terminal, and takes only a yes", async () => {
    const terminal = { terminal: 100 };
    const yes = await approving(["--key", "a.pem"], { ...terminal, typed: ["y"] });
    expect([yes.exit, yes.answer]).toEqual([0, true]);
    expect(yes.err).toContain("Approve 2 changes? [y/N] ");
    for (const typed of ["", "n", "2"]) {
      const { exit, answer } = await approving(["--key", "a.pem"], { ...terminal, typed: [typed] });
      expect([exit, answer]).toEqual([5, false]);
    }
    expect((await approving(["--key", "a.pem"], { ...terminal, ends: true })).exit).toBe(5);
  });

  it("signs nothing in a pipe without --yes and the digest, and says what to add", async () => {
    const piped = await approving(["--key", "a.pem"]);
    expect([piped.exit, piped.answer]).toEqual([5, undefined]);
    expect(piped.err).toContain(`add --yes --digest ${hex}`);
    const blind = await approving(["--key", "a.pem", "--yes"]);
    expect([blind.exit, blind.options]).toEqual([3, undefined]);
    expect(blind.err).toContain("--yes alone does not say what is approved");
    const ci = await approving(["--key", "a.pem"], { terminal: 80, typed: ["y"], env: { CI: "true" } });
    expect(ci.exit).toBe(5);
  });

  it("refuses another change set than the one that was looked at", async () => {
    const other = await approving(["--key", "a.pem", "--yes", "--digest", "0".repeat(64)]);
    expect([other.exit, other.answer]).toEqual([5, undefined]);
    expect(other.err).toContain(`c.ndjson has the digest ${hex}`);
    const slip = await approving(["--key", "a.pem", "--yes", "--digest", "abc"]);
    expect([slip.exit, slip.options]).toEqual([3, undefined]);
  });

  it("says that a key counts for nothing here", async () => {
    const { exit, err } = await approving(sure, {}, { key: { ...key, name: undefined } });
    expect(exit).toBe(0);
    expect(err).toContain("names no such key under approval.keys");
  });

  it("takes a passphrase from the terminal, unseen, or from a variable that a flag names, and from nowhere else", async () => {
    const words = ["--key", "locked.pem", "--yes", "--digest", hex];
    const typed = await approving(words, { terminal: 80, typed: ["hunter22"] });
    expect(typed.passphrase).toBe("hunter22");
    expect(typed.err).toContain("Passphrase of locked.pem (it is not shown): ");
    expect(typed.err + typed.out).not.toContain("hunter22");
    const named = await approving([...words, "--passphrase-env", "WORD"], { env: { WORD: "hunter22" } });
    expect(named.passphrase).toBe("hunter22");
    const unset = await approving([...words, "--passphrase-env", "WORD"]);
    expect([unset.exit, unset.err]).toEqual([3, expect.stringContaining("variable WORD is not set")]);
    expect((await approving(words)).passphrase).toBeUndefined();
    const slip = await approving([...words, "--passphrase-env", "hunter22!"]);
    expect(slip.exit).toBe(3);
  });

  it("tells programs in one line of JSON", async () => {
    const { out } = await approving([...sure, "--json"]);
    expect(JSON.parse(out)).toEqual({
      ...{ v: 1, type: "approval", file: "/somewhere/c.ndjson.approval-alice.json", digest: hex },
      key,
    });
  });
});

describe("approvals", () => {
  const at = Date.UTC(2026, 10, 23, 12);
  const by = { name: "alice", host: "here" };
  const report: ApprovalReport = {
    digest: digest(hex),
    expires: question.expires,
    approvals: [
      { file: "/x/a.json", counts: true, key: "alice", fingerprint: key.fingerprint, by, at },
      { file: "/x/b.json", counts: false, why: "it is damaged: it is not as it was written" },
    ],
    rules: [{ rule: "changes need 2 approvals", fulfilled: false, have: ["alice"] }],
    enough: false,
  };
  const listed = (more: Partial<ApprovalReport>, words: readonly string[] = []) =>
    rollcall(["approvals", "c.ndjson", ...words], {
      terminal: 120,
      workspace: workspace({ approvals: () => Promise.resolve({ ...report, ...more }) }),
    });

  it("lists each with what it is worth, and what is missing: exit 5", async () => {
    const { exit, out } = await listed({});
    expect(exit).toBe(5);
    expect(out).toBe(`c.ndjson, good until 2026-11-24T00:00:00Z
Digest ${hex}

Approvals
  alice: alice on here, 2026-11-23T12:00:00Z (/x/a.json)
  /x/b.json does not count: it is damaged: it is not as it was written

The config says that
  changes need 2 approvals; there: alice

To approve it: rollcall approve c.ndjson --key FILE
`);
  });

  it("says how to apply it when nothing is missing, and that it was applied: exit 0", async () => {
    const enough = await listed({ approvals: [], rules: [], enough: true });
    expect([enough.exit, enough.out]).toEqual([
      0,
      expect.stringContaining("Apply exactly this: rollcall apply c.ndjson"),
    ]);
    expect(enough.out).toContain("No approvals lie beside it.\n\nThe config demands none");
    const done = await listed({ enough: true, applied: "20261123T204700Z-k3m7q" as never });
    expect(done.out).toContain("It was applied already: rollcall show 20261123T204700Z-k3m7q");
    const json = await listed({}, ["--json"]);
    expect([json.exit, JSON.parse(json.out)]).toEqual([5, { v: 1, type: "approvals", ...report }]);
  });
});
