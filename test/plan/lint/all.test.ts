import { describe, expect, it } from "vitest";
import { dangerCodes } from "../../../runner/plan/lint/lint.ts";
import { boundLints } from "../../../runner/plan/lint/bounds.ts";
import type { LintContext } from "../../../runner/plan/lint/lint.ts";
import { readSource } from "../../../runner/language/source.ts";
import { readFileSync } from "node:fs";
import { load, places, problemsOf } from "../../support/plan.ts";

/** Line 1 to 22; nothing about it is dangerous. */
const sound = `rollcall: 1
name: lint
service: cove
enumerate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 4001 } }
  fields:
    device_id: device_id
    device_name: device_name
    product_id: product_id
    last_timestamp: last_timestamp
    os_type: os_type
filter:
  - item.os_type == "server"
  - item.product_id in [3, 4]
change:
  set: { product_id: 4 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
guards: { min: 1, max: 50 }
stop: { errors: 3 }
`;

/** Replaces, one pair after the other; each has to be there. */
function edited(...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, () => to);
  }, sound);
}

const dangers = async (text: string): Promise<readonly string[]> => places((await load(text)).warnings);

const removal = [
  [
    sound.slice(sound.indexOf("  set:"), sound.indexOf("guards:")),
    '  call: RemoveAccount\n  params: { accountId: "${{ item.device_id }}" }\n  destructive: true\n  expect: absent\n',
  ],
] as const;
const command = [
  [
    sound.slice(sound.indexOf("  set:"), sound.indexOf("guards:")),
    '  call: SendRemoteCommands\n  params: { accountId: "${{ item.device_id }}", command: go }\n  expect: after.product_id == 4\n',
  ],
] as const;
const clauses = '\n  - item.os_type == "server"\n  - item.product_id in [3, 4]';
const asked = "params: { query: { PartnerId: 4001 } }";
const set = "{ product_id: 4 }";

describe("a plan that is valid and dangerous", () => {
  it("says nothing of one that is not", async () => {
    expect(await dangers(sound)).toEqual([]);
  });

  it.each<[string, string, string]>([
    ["a filter that is true", edited([clauses, " true"]), "13:9 always-true"],
    ["a filter that comes to true", edited([clauses, " 1 == 1"]), "13:9 always-true"],
    ["a side that decides alone", edited([clauses, ' true || item.os_type == "server"']), "13:9 always-true"],
    ["a fold of functions", edited([clauses, ' size([1]) == 1 && "abc".startsWith("a")']), "13:9 always-true"],
    ["every clause true", edited([clauses, "\n  - 1 < 2\n  - '!false'"]), "14:5 always-true"],
    ["one clause of several", edited(['item.os_type == "server"', "2 > 1"]), "14:5 always-true"],
    ["nothing verified", edited(...command, ["after.product_id == 4", "accepted"]), "19:11 not-verified"],
    ["a removal by an old list", edited(...removal), "20:11 unchecked-removal"],
    ["a share of all of the list", edited(["max: 50", "max: 50, max_percent: 100"]), "20:41 no-bound"],
    ["a stop at all", edited(["errors: 3", "errors: 3, percent: 100%"]), "21:29 no-bound"],
    ["a stop above guards.max", edited(["errors: 3", "errors: 50"]), "21:17 no-bound"],
    ["rejections in a row above guards.max", edited(["errors: 3", "consecutive: 60"]), "21:22 no-bound"],
    ["lost answers of what is sent once", edited(...command, ["errors: 3", "unknown: 2"]), "21:18 once"],
    [
      "several items in a call that is sent once",
      edited(
        ...command,
        ['"${{ item.device_id }}", command: go', "1, command: \"${{ items.map(i, string(i.device_id)).join(',') }}\""],
        ["  expect:", "  chunk: 20\n  result: { succeeded: a, failed: b }\n  expect:"],
      ),
      "19:10 once",
    ],
    [
      "a verb of a method that nobody knows",
      edited(
        ["call: ModifyAccount", "call: device.purge_all"],
        ["rollcall: 1", "rollcall: 1\nallow_undocumented: true"],
      ),
      "19:9 destructive-verb",
    ],
    [
      "narrowed by what no clause looks at",
      edited([asked, `${asked}\n  narrow: { query: { Filter: "I9 == 3 AND TS > 5" } }`]),
      "7:43 narrow-hides",
    ],
    [
      "narrowed by what is no field of the plan",
      edited([asked, `${asked}\n  narrow: { query: { Filter: "AN =~ 'I9*'" } }`]),
      "7:30 narrow-hides",
    ],
    ["narrowed by the scope", edited([asked, `${asked}\n  narrow: { query: { PartnerId: 5 } }`]), "7:33 narrow-hides"],
    [
      "a set of now",
      edited(
        [set, '{ last_timestamp: "${{ now }}" }'],
        ['ProductId: "${{ set.product_id', 'ExpirationTime: "${{ set.last_timestamp'],
      ),
      "17:26 depends-on-now",
    ],
    [
      "a set of long ago",
      edited(
        [set, '{ last_timestamp: "${{ ago(inputs.d) }}" }'],
        ['ProductId: "${{ set.product_id', 'ExpirationTime: "${{ set.last_timestamp'],
        ["service: cove", "service: cove\ninputs: { d: { type: duration, default: 3d } }"],
      ),
      "18:26 depends-on-now",
    ],
    [
      "a set of a field that is computed from now",
      edited(
        [set, '{ last_timestamp: "${{ item.later }}" }'],
        ['ProductId: "${{ set.product_id', 'ExpirationTime: "${{ set.last_timestamp'],
        ["    os_type: os_type", "    os_type: os_type\n    later: { value: now + days(3), type: unix_time }"],
      ),
      "18:26 depends-on-now",
    ],
  ])("is told of: %s", async (_, text, place) => {
    expect(await dangers(text)).toEqual([place]);
  });

  it.each<[string, string]>([
    [
      "a filter by an input",
      edited(
        [clauses, " inputs.all || item.product_id == 3"],
        ["service: cove", "service: cove\ninputs: { all: { type: boolean, default: true } }"],
      ),
    ],
    [
      "a removal that looks again",
      edited(...removal, ["  expect: absent", "  expect: absent\n  only_if_unchanged: true"]),
    ],
    ["shares below all", edited(["max: 50", "max: 50, max_percent: 99.5"], ["errors: 3", "percent: 99%"])],
    ["a stop below guards.max", edited(["errors: 3", "errors: 49"])],
    ["a call that is sent once, item by item", edited(...command)],
    [
      "a verb inside a word",
      edited(
        ["call: ModifyAccount", "call: removed_items.add"],
        ["rollcall: 1", "rollcall: 1\nallow_undocumented: true"],
      ),
    ],
    [
      "a verb that says so",
      edited(
        ["call: ModifyAccount", "call: item.delete\n  destructive: true"],
        ["rollcall: 1", "rollcall: 1\nallow_undocumented: true"],
      ),
    ],
    [
      "narrowed by what a clause looks at",
      edited([asked, `${asked}\n  narrow: { query: { Filter: "I9 == 3 AND OT == 2" } }`]),
    ],
    [
      "narrowed by what a computed field looks at",
      edited(
        [asked, `${asked}\n  narrow: { query: { Filter: "TS > 5" } }`],
        ['item.os_type == "server"', "item.is_old"],
        [
          "    os_type: os_type",
          "    os_type: os_type\n    is_old: { value: 'coalesce(item.last_timestamp, 0) < ago(\"30d\")', type: boolean }",
        ],
      ),
    ],
    ["now that only decides", edited([set, '{ product_id: "${{ now > 5 ? 4 : 3 }}" }'])],
    [
      "a set of now that the filter looks at",
      edited(
        [set, '{ last_timestamp: "${{ now }}" }'],
        ['ProductId: "${{ set.product_id', 'ExpirationTime: "${{ set.last_timestamp'],
        ['item.os_type == "server"', 'coalesce(item.last_timestamp, 0) < ago("30d")'],
      ),
    ],
  ])("is not told of: %s", async (_, text) => {
    expect(await dangers(text)).toEqual([]);
  });

  it("is told that the next wave does not wait for the one before", () => {
    const source = readSource("pace: { waves: [1, 10%] }\nverify:\n  mode: end\n", "plan.yaml");
    const context = { document: source.value } as unknown as LintContext;
    const found = boundLints.flatMap((lint) => [...lint(context)]);
    expect(places(found.map((finding) => source.problem(finding)))).toEqual(["3:9 verified-at-end"]);
    const without = { document: { verify: { mode: "end" } } } as unknown as LintContext;
    expect(boundLints.flatMap((lint) => [...lint(without)])).toEqual([]);
  });

  it("says that no guard bounds what a filter of everything selects", async () => {
    const { warnings } = await load(edited([clauses, " true"], ["max: 50", "allow_empty: true"]));
    expect(warnings[0]?.message).toMatch(/keeps every item of the list, and no guard bounds/);
  });

  it("calls it an error to write the key", async () => {
    const text = edited([set, "{ device_id: 4 }"], ["set.product_id", "set.device_id"]);
    expect(places(await problemsOf(text))).toContain("17:10 key-in-set");
  });
});

describe("a danger that is accepted", () => {
  const everything = edited([clauses, " true"]);

  it("is not told, and its reason stands in the plan", async () => {
    expect(await dangers(`${everything}accept_risks: { always-true: each of them has to have it }\n`)).toEqual([]);
  });

  it("hides no other", async () => {
    const text = edited([clauses, " true"], ["max: 50", "max: 50, max_percent: 100"]);
    expect(await dangers(`${text}accept_risks: { always-true: meant }\n`)).toEqual(["18:41 no-bound"]);
  });

  it("is told of where there is nothing to accept", async () => {
    expect(await dangers(`${sound}accept_risks:\n  once: it is meant\n`)).toEqual(["23:3 unused-acceptance"]);
  });

  it("may be one that shows only with the number of items", async () => {
    expect(await dangers(`${sound}accept_risks: { rounds-to-zero: there are few }\n`)).toEqual([]);
  });

  it("is one that is known, and has a reason", async () => {
    const problems = await problemsOf(`${sound}accept_risks: { always-tru: x, once: "" }\n`);
    expect(places(problems)).toEqual(["22:17 unknown-key", "22:38 bad-value"]);
    expect(problems[0]?.hint).toBe("Did you mean always-true?");
  });

  it("has its code in the schema", () => {
    const schema = JSON.parse(readFileSync("schemas/plan.schema.json", "utf8")) as {
      readonly $defs: { readonly acceptRisks: { readonly properties: object } };
    };
    expect(Object.keys(schema.$defs.acceptRisks.properties)).toEqual(expect.arrayContaining([...dangerCodes]));
  });
});
