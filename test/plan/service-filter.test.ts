import { describe, expect, it } from "vitest";
import { cove } from "../../runner/providers/cove/connect.ts";
import { load, problemsOf } from "../support/plan.ts";

const catalogueOf = () => Promise.resolve(cove.catalogue());
const plan = (list: string, more = ""): string => `rollcall: 1
name: filters
service: cove
inputs: { code: { type: string, default: OT }, number: { type: integer, default: 843 } }
guards: { require: [{ that: inputs.code != "" && inputs.number > 0, message: both }] }
${more}enumerate:
  call: EnumerateAccountStatistics
${list}
  fields: [device_id, product_id]
filter: true
change:
  set: { product_id: 7 }
  call: ModifyAccount
  params: { accountInfo: { Id: "\${{ item.device_id }}", ProductId: "\${{ set.product_id }}" } }
`;

async function told(text: string): Promise<readonly string[]> {
  const problems = await problemsOf(text, { catalogueOf });
  return problems.map(({ line, column, code, message }) => `${line}:${column} ${code}: ${message}`);
}

describe("the filter of the service", () => {
  it("is looked at where it is written, at the word that is wrong", async () => {
    const wrong = "I32 == 1 AND PNX == 'a'";
    const faults = (place: string) => [`${place} unknown-column: there is no column PNX`];
    expect(await told(plan(`  params: { query: { PartnerId: 1, Filter: "${wrong}" } }`))).toEqual(faults("8:58"));
    expect(await told(plan(`  narrow: { query: { Filter: "${wrong}" } }`))).toEqual(faults("8:44"));
    expect(
      await told(plan(`  params:\n    query:\n      Filter: >-\n        I32 == 1\n        AND PNX == 'a'`)),
    ).toEqual(faults("12:13"));
    const lookup = `{ call: EnumerateAccountStatistics, params: { query: { Filter: "${wrong}" } }, fields: [device_id] }`;
    expect(await told(plan("", `lookups: { a: ${lookup} }\n`))).toEqual(faults("6:92"));
    const verify = plan("").concat(`verify: { params: { query: { Filter: "${wrong}" } } }\n`);
    expect(await told(verify)).toEqual(faults("15:52"));
  });

  it("is no expression", async () => {
    expect(await told(plan(`  narrow: { query: { Filter: 'item.product_id == 1' } }`))).toEqual([
      expect.stringMatching(/^8:30 bad-filter: item is a name of Rollcall's expressions/),
    ]);
  });

  it("is looked at in its literal parts where expressions make the rest of it", async () => {
    const text = (filter: string): string => plan(`  narrow: { query: { Filter: "${filter}" } }`);
    for (const right of [
      "I4 >= ${{ now - 5 }}",
      "${{ inputs.code }} == 1",
      "AA${{ inputs.number }} == '${{ inputs.code }}' AND I32 == 1",
    ])
      await expect(load(text(right), { catalogueOf })).resolves.toMatchObject({ notes: [] });
    expect(await told(text("I4 >= ${{ now - 5 }} AND PNX"))).toEqual(["8:56 unknown-column: there is no column PNX"]);
    expect(await told(text("PNX == ${{ now }} AND ( ("))).toEqual(["8:30 unknown-column: there is no column PNX"]);
  });

  it("may have old codes, and what the vendor warns of where the plan says so; never a secret", async () => {
    const filter = (text: string): string => plan(`  narrow: { query: { Filter: "${text}" } }`);
    const { notes } = await load(filter("OT == 1"), { catalogueOf });
    expect(notes.map(({ code, hint }) => `${code} ${hint}`)).toEqual(["old-code Write I32."]);
    const lenient = `${filter("D02F00 == 1 AND PNX")}allow_undocumented: true\n`;
    const loaded = await load(lenient, { catalogueOf });
    expect(loaded.notes.map(({ code }) => code)).toEqual(["deprecated-field", "unknown-column"]);
    expect(await told(`${filter("I3 == 'x'")}allow_undocumented: true\n`)).toEqual([
      expect.stringContaining("secret-field"),
    ]);
  });
});
