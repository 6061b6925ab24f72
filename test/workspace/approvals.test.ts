import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GuardError } from "../../runner/core/model/errors.ts";
import type { Workspace } from "../../runner/workspace.ts";
import type { ConsentQuestion } from "../../runner/workspace/options.ts";
import { openWith } from "../../runner/workspace/open.ts";
import { realClock } from "../../runner/runs/clock.ts";
import { writePair } from "../support/keys.ts";
import { collect } from "../support/runs.ts";
import { changesReceived, ended, estate, runsIn, yes, type Estate } from "../support/workspace.ts";

const twoAbove = "{ above: 1, count: 2 }";

/** A folder in which alice, bob and carol may approve, and a change set that was saved there. */
async function approvable({ rule = twoAbove, more = "", count = 3, devices = 400 } = {}) {
  const here = await estate({ devices });
  for (const name of ["alice", "bob", "carol", "mallory"]) writePair(here.cwd, name);
  const path = join(here.cwd, "rollcall.config.yaml");
  const keys = ["alice", "bob", "carol"].map((name) => `    ${name}: { file: ${name}.pub }\n`).join("");
  const config = readFileSync(path, "utf8");
  writeFileSync(path, `${config}approval:\n  keys:\n${keys}  require: [${rule}]\n${more}`);
  const open = (clock = realClock()) =>
    openWith({ cwd: here.cwd, env: { CI: "", XDG_CONFIG_HOME: here.cwd } }, { clock });
  const workspace = await open();
  const file = join(here.cwd, "changes.ndjson");
  const ids = here.movable(count);
  await collect(here.workspace.preview(await here.plan(ids), { out: { file } }));
  const approve = (key: string, out?: string) =>
    workspace.approve(file, {
      key: `${key}.pem`,
      consent: () => true,
      ...(out !== undefined && { out }),
    });
  return {
    here: { ...here, workspace },
    ids,
    file,
    approve,
    open,
    [Symbol.asyncDispose]: () => here[Symbol.asyncDispose](),
  };
}

async function apply(workspace: Workspace, file: string, consent: (question: ConsentQuestion) => unknown = yes) {
  return collect(workspace.apply(await workspace.loadChangeSet(file), { consent: consent as typeof yes }));
}

async function refusal(
  doing: Promise<unknown>,
): Promise<{ code: string; exitCode: number; message: string; hint: string }> {
  const error: unknown = await doing.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Error);
  return error as never;
}

/** What the service has heard of: anything, a login too. */
const heard = ({ simulator }: Estate): number => simulator.witness.entries.length;

describe("a change set that has to be approved by two", () => {
  it("is refused with one, before anything is sent, and applied with both, who are on record", async () => {
    await using set = await approvable();
    const { here, file, approve } = set;
    const before = heard(here);
    await approve("alice");
    const one = await refusal(apply(here.workspace, file));
    expect(one).toMatchObject({ code: "approval", exitCode: 5 });
    expect(one.message).toBe(
      "The config says that changes of more than 1 item need 2 approvals, and there is 1: alice.",
    );
    expect(one.hint).toContain("rollcall approve");
    expect(heard(here)).toBe(before);
    expect(runsIn(here.cwd)).toHaveLength(1);

    await approve("bob");
    let question: ConsentQuestion | undefined;
    const saved = await here.workspace.loadChangeSet(file);
    const run = await ended(
      here,
      here.workspace.apply(saved, {
        consent: (asked) => {
          question = asked;
          return true;
        },
      }),
    );
    expect(run.end.counts.confirmed).toBe(3);
    expect(question?.approvals?.map(({ key }) => key)).toEqual(["alice", "bob"]);
    const { approvals } = await here.workspace.approvals(file);
    const expected = approvals.map(({ key, fingerprint, at }) => ({ key, fingerprint, at }));
    expect(run.records.find(({ type }) => type === "consent")).toMatchObject({ how: "library", approvals: expected });
    expect((await here.workspace.show(run.run)).summary.approvals).toEqual(expected);
    expect((await here.workspace.audit(run.run)).ok).toBe(true);
    expect(run.violations).toEqual([]);
  });

  it("still takes consent, and is used up once applied", async () => {
    await using set = await approvable();
    const { here, file, approve } = set;
    await approve("alice");
    await approve("carol");
    expect(await refusal(apply(here.workspace, file, () => false))).toMatchObject({ code: "consent" });
    expect(changesReceived(here.simulator)).toEqual([]);
    await apply(here.workspace, file);
    expect(await refusal(apply(here.workspace, file))).toMatchObject({ code: "stale" });
    expect(await refusal(approve("bob"))).toMatchObject({ code: "stale" });
    const { enough, applied } = await here.workspace.approvals(file);
    expect(enough).toBe(true);
    expect(runsIn(here.cwd)).toContain(applied);
  });

  it("is looked at again when somebody is asked: an approval taken back in between does not count", async () => {
    await using set = await approvable();
    const { here, file, approve } = set;
    await approve("alice");
    const { file: second } = await approve("bob");
    const events = here.workspace.apply(await here.workspace.loadChangeSet(file), { consent: yes });
    const gone = (async () => {
      for await (const event of events) if (event.type === "preview") writeFileSync(second, "{}");
    })();
    const error = await refusal(gone);
    expect(error).toMatchObject({ code: "approval" });
    expect(error.message).toContain(
      "changes.ndjson.approval-bob.json does not count: it holds no approval, or is damaged",
    );
    expect(changesReceived(here.simulator)).toEqual([]);
  });

  it("counts a key once, by whatever file, and no key that the config does not name", async () => {
    await using set = await approvable();
    const { here, file, approve } = set;
    await approve("alice");
    await approve("alice", `${file}.approval-again.json`);
    await approve("mallory");
    const { approvals, rules, enough } = await here.workspace.approvals(file);
    expect(approvals.map(({ counts }) => counts)).toEqual([true, true, false]);
    expect(approvals[2]?.why).toMatch(/its key [0-9a-f]{64} is none of the config/);
    expect([rules, enough]).toEqual([
      [{ rule: "changes of more than 1 item need 2 approvals", fulfilled: false, have: ["alice"] }],
      false,
    ]);
    expect((await refusal(apply(here.workspace, file))).message).toContain("none of the config");
  });

  it("may be approved by whoever made it, unless the config says not_author", async () => {
    await using set = await approvable({ rule: "{ count: 1 }", more: "  not_author: true\n" });
    await set.approve("alice");
    expect((await refusal(apply(set.here.workspace, set.file))).message).toContain("the config says not_author");
  });

  it("is approved until it expires, and not a moment longer", async () => {
    await using set = await approvable({ rule: "{ count: 1 }" });
    const { file, open, approve } = set;
    await approve("alice");
    const real = realClock();
    await using later = await open({ ...real, now: () => real.now() + 25 * 3_600_000 });
    expect((await later.approvals(file)).approvals[0]?.why).toContain("has expired with the change set");
    const late = later.approve(file, { key: "bob.pem", consent: () => true });
    expect(await refusal(late)).toMatchObject({ code: "stale" });
    // Somebody looks at it for a day.
    let now = real.now();
    await using slow = await open({ ...real, now: () => now });
    const looking = slow.approve(file, {
      key: "bob.pem",
      consent: () => {
        now += 25 * 3_600_000;
        return true;
      },
    });
    expect((await refusal(looking)).message).toContain("expired while this was being asked");
  });
});

describe("a rule", () => {
  it("that concerns none of the changes demands nothing, and an approval is on record all the same", async () => {
    await using set = await approvable({ rule: "{ above: 3, count: 2 }, { destructive: true }" });
    await set.approve("bob");
    const events = await apply(set.here.workspace, set.file);
    const consent = events.find((event) => event.type === "consent");
    expect(consent?.type === "consent" && consent.approvals?.map(({ key }) => key)).toEqual(["bob"]);
  });

  it("refuses a plan that is applied as it stands: with no request where that is clear, else with no change", async () => {
    for (const [rule, mayRead] of [
      ["{ count: 1 }", false],
      [twoAbove, true],
    ] as const) {
      await using set = await approvable({ rule });
      const { here, ids } = set;
      const before = heard(here);
      const error = await refusal(collect(here.workspace.apply(await here.plan(ids), { consent: yes })));
      expect(error).toMatchObject({ code: "approval", exitCode: 5 });
      expect(error.hint).toContain("preview PLAN --out FILE");
      expect(heard(here) > before).toBe(mayRead);
      expect(changesReceived(here.simulator)).toEqual([]);
    }
  });

  it("lets an approved run be verified and resumed, and refuses to run its rest again unapproved", async () => {
    await using set = await approvable({ rule: "{ count: 1 }" });
    const { here, file, approve } = set;
    await approve("alice");
    const stop = new AbortController();
    const saved = await here.workspace.loadChangeSet(file);
    let run = "";
    for await (const event of here.workspace.apply(saved, { consent: yes, stop: stop.signal })) {
      if (event.type === "run") run = event.run;
      if (event.type === "outcome") stop.abort();
    }
    for (const name of ["alice"]) writeFileSync(`${file}.approval-${name}.json`, "");
    const resumed = await ended(here, here.workspace.resume(run));
    expect(resumed.end).toMatchObject({ exit: 0, counts: { confirmed: 3 } });
    expect((await here.workspace.show(run)).summary.approvals?.map(({ key }) => key)).toEqual(["alice"]);
    const again = here.workspace.rerun(run, { only: ["confirmed"], consent: yes });
    expect(await refusal(collect(again))).toMatchObject({ code: "approval" });
  });
});

describe("who approves", () => {
  it("is shown what the plan makes of the list, and signs nothing without a clear yes", async () => {
    await using set = await approvable();
    const { here, file, ids } = set;
    const before = heard(here);
    for (const answer of [false, undefined, "yes", { given: true }]) {
      const error = await refusal(
        here.workspace.approve(file, {
          key: "alice.pem",
          consent: (question) => {
            expect(question).toMatchObject({
              method: "ModifyAccount",
              destructive: false,
              size: 3,
              service: "simulator",
            });
            expect(question.preview.sample.map(({ id }) => Number(id))).toEqual(ids);
            expect(question.key.name).toBe("alice");
            return answer as boolean;
          },
        }),
      );
      expect(error).toMatchObject({ code: "consent", hint: "Nothing was signed." });
    }
    expect((await here.workspace.approvals(file)).approvals).toEqual([]);
    expect(heard(here)).toBe(before);
  });

  it("needs none of the plan's secrets to look at it", async () => {
    await using set = await approvable();
    const { here, file } = set;
    const plan = join(here.cwd, "secret.yaml");
    writeFileSync(plan, withSecret);
    const loaded = await here.workspace.loadPlan(plan, { inputs: { partner: 4001, word: "hunter22-hunter22" } });
    await collect(here.workspace.preview(loaded, { out: { file } }));
    const { digest } = await here.workspace.approve(file, { key: "alice.pem", consent: () => true });
    expect(await here.workspace.approvals(file)).toMatchObject({ digest, approvals: [{ counts: true, key: "alice" }] });
    expect(await refusal(here.workspace.loadChangeSet(file))).toMatchObject({ code: "usage" });
  });
});

const withSecret = `rollcall: 1
name: secret
service: simulator
inputs:
  partner: { type: integer }
  word: { type: secret, min_length: 12 }
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: "\${{ inputs.partner }}" } }
  fields: [device_id, product_id]
filter: item.product_id == 3
change:
  call: SendAccountCommand
  params:
    command: set gui password
    parameters: { password: "\${{ inputs.word }}", restore_only: disallow }
  expect: accepted
guards: { max: 500 }
`;

describe("a change set of which one bit is another", () => {
  it("is neither applied nor approved, whatever was signed before, and nothing is sent", async () => {
    await using set = await approvable({ rule: "{ count: 1 }", count: 1, devices: 16 });
    const { here, file, approve } = set;
    await approve("alice");
    const whole = readFileSync(file);
    const before = heard(here);
    const taken: number[] = [];
    const edited = openSync(file, "r+");
    const put = (place: number, byte: number): number => writeSync(edited, Buffer.of(byte), 0, 1, place);
    for (const [place, byte] of whole.entries()) {
      put(place, byte ^ (1 << (place % 8)));
      const error: unknown = await here.workspace.loadChangeSet(file).catch((caught: unknown) => caught);
      if (!(error instanceof GuardError)) taken.push(place);
      put(place, byte);
    }
    expect(taken).toEqual([]);
    put(whole.length >> 1, 0);
    closeSync(edited);
    expect(await refusal(approve("bob"))).toMatchObject({ code: "tampered" });
    expect(heard(here)).toBe(before);
    writeFileSync(file, whole);
    await apply(here.workspace, file);
    expect(changesReceived(here.simulator)).toHaveLength(1);
  }, 60_000);
});
