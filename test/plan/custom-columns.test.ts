import { describe, expect, it } from "vitest";
import { askedFields } from "../../runner/core/select/asked-fields.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, load, places, problemsOf } from "../support/plan.ts";

const columns =
  "column: { call: EnumerateCustomColumns, params: { partnerId: 1 }, fields: { id: { from: Id, type: integer }, name: Name }, filter: 'inputs.column in [row.name, string(row.id)]' }";

const plan = (custom: string, { lookups = columns, call = "EnumerateAccountStatistics" } = {}): string => `rollcall: 1
name: custom-column
service: cove
inputs: { column: { type: string, default: Ticket } }
lookups: { ${lookups} }
enumerate:
  call: ${call}
  params: ${call === "EnumerateAccountStatistics" ? "{ query: { PartnerId: 1 } }" : "{ partnerId: 1 }"}
  fields: { device_id: ${call === "EnumerateAccountStatistics" ? "device_id" : "Id"}, text: { custom: ${custom} } }
filter: item.text == null
change:
  set: { text: "x" }
  call: UpdateAccountCustomColumnValues
  params: { accountId: "\${{ item.device_id }}", values: "\${{ [[lookup.column[0].id, set.text]] }}" }
`;

const options = { catalogueOf: () => Promise.resolve(cove.catalogue()) };
const sourceOf = async (custom: string, column: readonly object[] = []): Promise<string | undefined> => {
  const { plan: loaded } = await load(plan(custom), options);
  const now = { ...frozen, lookup: { column: column as never } };
  return askedFields(loaded.enumerate, now).find(({ name }) => name === "text")?.source;
};

describe("a custom column", () => {
  it.each([["843"], ["AA843"], ['"843"'], ['" AA843 "']])("is known by its number or its code: %s", async (custom) => {
    expect(await sourceOf(custom)).toBe("AA843");
  });

  it("is known by its name once that was looked up", async () => {
    expect(await sourceOf('"${{ lookup.column[0].id }}"', [{ id: 2048, name: "Ticket" }])).toBe("AA2048");
    expect(await sourceOf('"AA${{ lookup.column[0].id }}"', [{ id: 2048, name: "Ticket" }])).toBe("AA2048");
  });

  it("that is looked up in rows of which only those that fit are kept", async () => {
    const { plan: loaded } = await load(plan('"${{ lookup.column[0].id }}"'), options);
    const rows = [
      { Id: 843, Name: "Notes" },
      { Id: 2048, Name: "Ticket" },
    ];
    expect(loaded.lookups[0]!.take([rows], frozen)).toEqual([{ id: 2048, name: "Ticket" }]);
    expect(loaded.lookups[0]!.live).toBe("lists");
  });

  it("that was looked up and is there under another name already ends the list", async () => {
    const twice = plan('"${{ lookup.column[0].id }}"').replace("text: {", "other: AA2048, text: {");
    const { plan: loaded } = await load(twice, options);
    const now = { ...frozen, lookup: { column: [{ id: 2048, name: "Ticket" }] } };
    expect(() => askedFields(loaded.enumerate, now)).toThrow("text is the column AA2048, and so is another field");
  });

  it("that was looked up and is none ends the list", async () => {
    await expect(sourceOf('"${{ lookup.column[0].name }}"', [{ id: 1, name: "Ticket" }])).rejects.toThrow(
      "text: what was looked up is no number or code of a custom column",
    );
    await expect(sourceOf('"${{ lookup.column[0].id }}"', [])).rejects.toThrow();
  });

  it("of a name that nothing looks up is refused, and told how that is done", async () => {
    const [problem] = await problemsOf(plan("Ticket"), options);
    expect(problem).toMatchObject({ code: "unknown-field", line: 9 });
    expect(problem?.message).toBe("Ticket is no number or code of a custom column");
    expect(problem?.hint).toContain("EnumerateCustomColumns");
  });

  it("is refused where the list has none, and beside another source", async () => {
    expect(places(await problemsOf(plan("843", { call: "EnumerateUsers" }), options))).toContainEqual(
      expect.stringContaining("bad-field"),
    );
    const both = plan("843").replace("{ custom: 843 }", "{ custom: 843, value: '1' }");
    expect(places(await problemsOf(both, options))).toContainEqual(expect.stringContaining("bad-field"));
  });
});

describe("a lookup's filter", () => {
  it("is for the rows of a call", async () => {
    const csv = "column: { csv: a.csv, key: device_id, filter: 'true' }";
    const [problem] = await problemsOf(plan("843", { lookups: csv }), {
      ...options,
      files: { "a.csv": "device_id\n1\n" },
    });
    expect(problem).toMatchObject({ code: "bad-lookup", message: "only the rows of a call can be filtered" });
  });

  it("knows what a row has", async () => {
    const wrong = columns.replace("row.name", "row.Name");
    expect(places(await problemsOf(plan("843", { lookups: wrong }), options))).toEqual([
      expect.stringMatching(/^5:\d+ unknown-(name|member|field)/),
    ]);
  });
});
