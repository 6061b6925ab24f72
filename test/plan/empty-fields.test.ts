import { describe, expect, it } from "vitest";
import { CoveCatalogue } from "../../runner/providers/cove/catalogue.ts";
import { load as loadAny, places, problemsOf as problemsOfAny } from "../support/plan.ts";

const catalogue = CoveCatalogue.shared();
const options = { catalogueOf: () => Promise.resolve(catalogue), files: { "moves.csv": "device_id,to\n5,9\n" } };
const load = (text: string, more: Parameters<typeof loadAny>[1] = {}) => loadAny(text, { ...options, ...more });
const problemsOf = (text: string) => problemsOfAny(text, options);

interface Parts {
  readonly fields?: string;
  readonly lookups?: string;
  readonly read?: string;
  readonly filter?: string;
  readonly set?: string;
  readonly params?: string;
  readonly rest?: string;
}

const plan = (parts: Parts): string => `rollcall: 1
name: empty-fields
service: cove
inputs: { limit: { type: integer, required: false } }
${parts.lookups ?? "lookups: {}"}
enumerate:
  call: EnumerateAccountStatistics
  fields: ${parts.fields ?? "[device_id, device_name, last_timestamp, used_storage, flags, device_name_alias]"}
${parts.read ?? "description: none"}
filter: ${parts.filter ?? "item.device_id > 5"}
change:
  set: { device_name_alias: ${parts.set ?? '"x"'} }
  call: ModifyAccount
  params:
    accountInfo: { Id: "\${{ item.device_id }}", NameAlias: ${parts.params ?? '"${{ set.device_name_alias }}"'} }
${parts.rest ?? ""}`;

async function found(parts: Parts): Promise<readonly string[]> {
  try {
    await load(plan(parts));
    return [];
  } catch {
    return places(await problemsOf(plan(parts)));
  }
}

const moves = "lookups: { moves: { csv: moves.csv, key: device_id, fields: { device_id: integer, to: integer } } }";
const read =
  "read: { call: GetAccountInfoById, params: { accountId: '${{ item.device_id }}' }, fields: { kind: { from: Type, type: string } } }";

describe("a field that may be empty", () => {
  it.each<[string, Parts]>([
    ["where a clause of the filter has tested it", { filter: "[item.used_storage != null, item.used_storage > 5]" }],
    ["in the set, after the filter", { filter: "item.device_name != null", set: '"${{ item.device_name.trim() }}"' }],
    [
      "in the params, after the filter and `unless`",
      {
        filter: "item.device_name != null",
        params: '"${{ set.device_name_alias + item.device_name + string(item.used_storage) }}"',
        rest: "  unless: item.used_storage == null || item.device_name.startsWith('x')",
      },
    ],
    [
      "in what proves the change, of the item as it was",
      {
        filter: "item.last_timestamp != null",
        rest: "  expect: after.last_timestamp == null || after.last_timestamp > before.last_timestamp",
      },
    ],
    [
      "where it has a default",
      {
        fields: "{ device_name_alias: device_name_alias, device_name: { from: device_name, default: none } }",
        filter: "item.device_name.trim() != ''",
      },
    ],
    [
      "where it must be there",
      {
        fields: "{ device_name_alias: device_name_alias, device_name: { from: device_name, optional: false } }",
        filter: "item.device_name.trim() != ''",
      },
    ],
    [
      "where it is computed of what is there",
      {
        fields: "{ device_name_alias: device_name_alias, name: { value: 'string(item.device_id)' } }",
        filter: "item.name.trim() != ''",
      },
    ],
    [
      "which flags are not: without any they are an empty list",
      { filter: "item.flags.size() == 0 && !('Trial' in item.flags)" },
    ],
    [
      "of a row, tested in the clause before",
      {
        lookups: moves,
        filter:
          "['item.device_id in lookup.moves', 'lookup.moves[item.device_id].to != null', 'lookup.moves[item.device_id].to > 3']",
      },
    ],
    [
      "that is read of each item, in a clause after the test",
      { read, filter: "[item.kind != null, item.kind.trim() != '']" },
    ],
    [
      "in a call about several items",
      {
        filter: "item.used_storage != null",
        rest: "undo:\n  possible: true\n  reason: none\n  call: ModifyAccountsBatch\n  chunk: 5\n  params: { accountIds: '${{ items.map(i, i.used_storage + 1) }}', accountInfo: { NameAlias: '${{ set.device_name_alias }}' } }",
      },
    ],
    [
      "that is taken back, where `undo.unless` leaves out the empty",
      {
        rest: "undo:\n  reason: none\n  call: ModifyAccount\n  unless: before.device_name_alias == null\n  params: { accountInfo: { Id: '${{ item.device_id }}', NameAlias: '${{ set.device_name_alias.trim() }}' } }",
      },
    ],
    [
      "that is in a list without empty cells",
      {
        lookups: "lookups: { names: { csv: moves.csv, fields: { to: string } } }",
        filter: "[item.device_name in lookup.names, item.device_name.trim() != '']",
      },
    ],
    ["inside of a set", { filter: "item.flags.exists(f, f.startsWith('x'))" }],
    [
      "inside of a set that is computed of texts",
      {
        fields: `{ device_name_alias: device_name_alias, words: { value: 'coalesce(item.device_name_alias, "").split(",")', type: set } }`,
        filter: "item.words.exists(word, word.trim() != '')",
      },
    ],
  ])("may be used %s", async (_, parts) => {
    expect(await found(parts)).toEqual([]);
  });

  it.each<[string, Parts, readonly string[]]>([
    ["in a filter", { filter: "item.used_storage > 5" }, ["10:9 may-be-empty"]],
    [
      "for being in a set, which may hold null",
      { filter: `["item.device_name in item.flags", "item.device_name.trim() != ''"]` },
      ["10:44 may-be-empty"],
    ],
    [
      "in a list of what may be empty",
      {
        lookups: "lookups: { names: { csv: moves.csv, fields: { device_id: integer, to: string } } }",
        filter: "['item.device_name in lookup.names.map(r, r.to)', item.device_name.trim() != '']",
      },
      ["10:59 may-be-empty"],
    ],
    [
      "in a clause before the test",
      { filter: "[item.used_storage > 5, item.used_storage != null]" },
      ["10:10 may-be-empty"],
    ],
    [
      "as a clause",
      {
        fields:
          "{ device_name_alias: device_name_alias, on: { value: 'item.device_name_alias == null ? dyn(null) : dyn(true)', type: boolean } }",
        filter: "item.on",
      },
      ["10:9 may-be-empty"],
    ],
    [
      "once, where every clause and the change use it",
      { filter: "[item.used_storage > 5, item.used_storage < 9]", set: '"${{ string(item.used_storage) }}"' },
      ["10:10 may-be-empty"],
    ],
    ["in the set", { set: '"${{ item.device_name.trim() }}"' }, ["12:34 may-be-empty"]],
    ["inside a text", { set: '"device ${{ item.device_name }}"' }, ["12:41 may-be-empty"]],
    [
      "in the params, where what is set is empty",
      { set: '"${{ item.device_name }}"', params: '"${{ set.device_name_alias.trim() }}"' },
      ["15:65 may-be-empty"],
    ],
    [
      "after the change",
      { filter: "item.last_timestamp != null", rest: "  expect: after.last_timestamp > before.last_timestamp" },
      ["16:11 may-be-empty"],
    ],
    [
      "of a row",
      { lookups: moves, filter: "item.device_id in lookup.moves && lookup.moves[item.device_id].to > 3" },
      ["10:43 may-be-empty"],
    ],
    [
      "in a computed field",
      { fields: "{ device_name_alias: device_name_alias, name: { value: 'item.device_name_alias.trim()' } }" },
      ["8:66 may-be-empty"],
    ],
    [
      "of a computed field that may be empty",
      {
        fields: "{ device_name_alias: device_name_alias, name: { value: item.device_name_alias } }",
        filter: "item.name.trim() != ''",
      },
      ["10:9 may-be-empty"],
    ],
    [
      "in a clause over the list, which is asked before what is read",
      { read, filter: "[item.kind != null && item.used_storage != null, item.used_storage > 5]" },
      ["10:58 may-be-empty"],
    ],
    ["of an input without a value", { filter: "item.device_id > inputs.limit" }, ["10:26 may-be-empty"]],
    [
      "that is taken back",
      {
        rest: "undo:\n  reason: none\n  call: ModifyAccount\n  params: { accountInfo: { Id: '${{ item.device_id }}', NameAlias: '${{ set.device_name_alias.trim() }}' } }",
      },
      ["19:73 may-be-empty"],
    ],
  ])("is told %s", async (_, parts, expected) => {
    expect(await found(parts)).toEqual(expected);
  });

  it("is no longer asked about in a run that has begun", async () => {
    const frozen = { source: plan({ filter: "item.used_storage > 5" }), inputs: {} };
    const { plan: resumed } = await load(frozen.source, { frozen });
    expect(resumed.filter).toHaveLength(1);
  });
});

describe("the message of a rule", () => {
  it("may use what the rule has found to be there", async () => {
    const ruled = (that: string) =>
      found({ rest: `guards: { require: [{ that: "${that}", message: "limit is \${{ inputs.limit }}" }] }\n` });
    expect(await ruled("inputs.limit == null || inputs.limit > 0")).toEqual([]);
    expect(await ruled("inputs.limit != null")).toEqual([expect.stringContaining("may-be-empty")]);
    const warn = (when: string) =>
      found({ rest: `warn: [{ when: "${when}", message: "limit is \${{ inputs.limit }}" }]\n` });
    expect(await warn("inputs.limit != null && item.device_id == inputs.limit")).toEqual([]);
    expect(await warn("item.device_id > 5")).toEqual([expect.stringContaining("may-be-empty")]);
  });
});

describe("a column that the catalogue does not know", () => {
  it("passes where the plan says that it may, and of which type it is", async () => {
    const fields = "{ device_id: device_id, device_name_alias: device_name_alias, x: { from: I9999, type: integer } }";
    expect(await found({ fields })).toEqual([expect.stringContaining("unknown-field")]);
    expect(await found({ fields, rest: "allow_undocumented: true\n" })).toEqual([]);
  });
});

describe("the names of a set field", () => {
  const seeding = (value: string): string =>
    plan({ fields: "[device_id, seeding_mode]" })
      .replace(/set: .*/, `set: { seeding_mode: ${value} }`)
      .replace(/NameAlias: .*/, 'NameAlias: "${{ set.seeding_mode }}" }');

  it("are looked at where an expression writes them out", async () => {
    const [problem] = await problemsOf(seeding("\"${{ item.device_id > 5 ? 'normal' : 'Seeding' }}\""));
    expect(problem).toMatchObject({
      ...{ line: 12, column: 61, code: "bad-value", hint: "Did you mean seeding?" },
      message: 'set.seeding_mode: "Seeding" is not one of its names',
    });
  });
});

describe("an expression that YAML or a slip has made a text of", () => {
  const withMember = (value: string): string => plan({}).replace('"${{ item.device_id }}"', () => value);

  it.each<string>(["item.device_id", '"${ item.device_id }"', '"{{ item.device_id }}"', '"$${{ item.device_id }}"'])(
    "is told how it is written: %s",
    async (written) => {
      const problems = await problemsOf(withMember(written));
      expect(problems.map(({ code, hint }) => [code, hint])).toEqual([["bad-type", "Write ${{ item.device_id }}."]]);
    },
  );

  it.each<string>([
    '\n  - item.device_name == "a: b"',
    '\n  - item.device_id in {"3": true}',
    '\n  - {"3": true}',
    "\n  - [1, 2].exists(x, x == 1)",
    '\n  - item.device_id == (inputs.limit == 3 ? "a" : "b")',
  ])("as a clause needs quotes: %s", async (filter) => {
    const problems = await problemsOf(plan({ filter }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.hint).toMatch(/^If it is one text, put quotes around it/);
  });
});

describe("the keys of a lookup", () => {
  const products = (clause: string, more = "key: Id, "): string =>
    plan({
      lookups: `lookups: { products: { call: EnumerateProducts, params: { partnerId: 1 }, ${more}fields: [Id${more === "" ? "" : ", Name"}] } }`,
      filter: clause,
    });

  it("are what the service says they are", async () => {
    expect(places(await problemsOf(products("item.device_name in lookup.products")))).toEqual(["10:9 bad-type"]);
    expect(places(await problemsOf(products("item.device_name in lookup.products", "")))).toEqual(["10:9 bad-type"]);
    await load(products("item.device_id in lookup.products && lookup.products[item.device_id].Name.trim() != ''"));
    await load(products("item.device_id in lookup.products", ""));
  });
});
