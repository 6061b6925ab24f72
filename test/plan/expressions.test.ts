import { describe, expect, it } from "vitest";
import { frozen, itemOf, load, places, problemsOf } from "../support/plan.ts";

const head = `rollcall: 1
name: expressions
service: cove
inputs: { word: { type: string, default: done } }
enumerate:
  call: EnumerateAccountStatistics
  fields: { device_id: device_id, text: "AA\${{ 800 + 43 }}", os_type: os_type, labels: labels, seen: TS, name: I1 }
filter: true
`;
const item = itemOf({ device_id: 5, text: null, os_type: "server", labels: ["b", "a"], seen: 5, name: "x" });

describe("the parts of a change", () => {
  it("see what they may see, and nothing else", async () => {
    const { plan } = await load(`${head}change:
  set: { text: "\${{ inputs.word }} \${{ coalesce(item.name, '') }}", labels: "\${{ union(item.labels, ['c']) }}" }
  call: UpdateAccountCustomColumnValues
  params:
    accountId: \${{ item.device_id }}
    values: \${{ [[843, set.text], [1, run.id], [2, set.labels]] }}
  unless: item.name == "skip" || login.name == "nobody"
  expect: coalesce(after.seen, 0) > coalesce(before.seen, 0) && set.text == after.text
  pending: after.text == "queued" && run.started <= now
guards: { require: [{ that: inputs.word != "", message: "Word \${{ inputs.word }} at \${{ now }}" }], max: 5, max_percent: 2.5 }
pace: { concurrency: 8, rate: 300/m }
stop: { percent: 5%, drifted: 7, of: wave }
verify: { within: 5m, every: 1s, horizon: 1d }
`);
    const set = plan.change.desired(frozen, item);
    expect(set).toEqual({ text: "done x", labels: ["b", "a", "c"] });
    expect(plan.change.params(frozen, item, set)).toEqual({
      accountId: 5,
      values: [
        [843, "done x"],
        [1, "20261123T204700Z-k3m7q"],
        [2, ["b", "a", "c"]],
      ],
    });
    expect(plan.change.unless?.(frozen, item)).toBe(false);
    const seen = { before: item.fields, after: { ...item.fields, seen: 9, text: "done x" }, set };
    expect(plan.change.expect.kind === "expression" && plan.change.expect.holds(frozen, seen)).toBe(true);
    expect(plan.change.pending?.(frozen, seen)).toBe(false);
    const [rule] = plan.guards.require;
    expect([rule?.holds(frozen), rule?.message(frozen), rule?.text]).toEqual([
      true,
      "Word done at 1700000000",
      'inputs.word != ""',
    ]);
    expect(plan.guards).toMatchObject({ max: 5, maxPercent: 2.5 });
    expect(plan.pace).toEqual({ concurrency: 8, perMinute: 300 });
    expect(plan.stop).toEqual({
      errors: 3,
      percent: 5,
      consecutive: 3,
      unknown: 0,
      driftedPercent: 100,
      drifted: 7,
      of: "wave",
    });
    expect(plan.verify).toEqual({ withinMs: 300_000, everyMs: 1000, horizonMs: 86_400_000 });
    expect(plan.enumerate.fields.map(({ name, source }) => [name, source])).toEqual([
      ["device_id", "I0"],
      ["text", "AA843"],
      ["os_type", "I32"],
      ["labels", "I77"],
      ["seen", "I6"],
      ["name", "I1"],
    ]);
    expect(plan.filter).toEqual([]);
  });

  const change = (rest: string): string =>
    `${head}change:\n  call: SendRemoteCommands\n  params: { accountId: "\${{ item.device_id }}" }\n${rest}`;

  it.each<[string, string]>([
    ["  expect: item.seen > 1", "12:11 unknown-name"],
    ["  expect: accepted\n  unless: before.seen > 1", "13:11 unknown-name"],
    ["  expect: accepted\n  unless: item.seen", "13:11 bad-type"],
    ["  expect: accept", "12:11 unknown-name"],
    ["  expect: accepted\n  pending: set.text == 'x'", "13:16 unknown-field"],
    ["  expect: accepted\nguards: { require: [{ that: item.seen > 1, message: m }] }", "13:29 unknown-name"],
    [
      "  expect: accepted\nguards: { require: [{ that: 'true', message: \"a ${{ inputs.wrod }}\" }] }",
      "13:60 unknown-input",
    ],
  ])("refuse %j", async (rest, place) => {
    expect(places(await problemsOf(change(rest)))).toEqual([place]);
  });

  it("refuse an enum name that only running shows, with the near one", async () => {
    const { plan } = await load(
      `${head}change:\n  set: { os_type: "\${{ inputs.word }}" }\n  call: ModifyAccount\n  params: { accountInfo: { Id: "\${{ item.device_id }}", Name: "\${{ set.os_type }}" } }\n`,
      { set: ["word=sever"] },
    );
    expect(() => plan.change.desired(frozen, item)).toThrow(/set\.os_type: "sever" is not one of its names/);
  });

  it("convert what is set to the form of its field", async () => {
    const text =
      head.replace("name: I1", "used: used_storage") +
      `change:\n  set: { used: "\${{ to_bytes('64 KB') }}", seen: "\${{ item.os_type == 'workstation' ? 1 : 0 }}", text: "" }\n  call: ModifyAccount\n  params: { accountInfo: "\${{ set }}" }\n`;
    const { plan } = await load(text);
    const desired = plan.change.desired(frozen, item);
    expect(desired).toEqual({ used: 65_536, seen: null, text: null });
    // Unset is sent as the plan writes it: null may tell the service to leave the field alone. Old values are only given back.
    expect(plan.change.params(frozen, item, desired)).toEqual({ accountInfo: { used: 65_536, seen: 0, text: "" } });
    const old = { used: null, seen: 5, text: "a" };
    expect(plan.change.params(frozen, item, old)).toEqual({ accountInfo: old });
  });
});
