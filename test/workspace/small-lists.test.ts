import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { collect } from "../support/runs.ts";
import { estate } from "../support/workspace.ts";

const planOf = (call: string, params: string, fields: string): string => `rollcall: 1
name: small-list
service: simulator
enumerate:
  call: ${call}
  params: ${params}
  fields: ${fields}
filter: "true"
change:
  call: RemoveCustomColumn
  params: { customColumnId: "\${{ item.Id }}" }
  destructive: true
  expect: accepted
guards: { max: 100 }
`;

describe("a list whose items follow from the type of its answer", () => {
  it.each([
    ["EnumerateProducts", "{ partnerId: 5010, currentPartnerOnly: false }", "[Id, Name, PartnerId]", /Documents/],
    ["EnumerateCustomColumns", "{ partnerId: 5010 }", "[Id, Name]", /"Notes"/],
    ["EnumerateStorages", "{ partnerId: 5010 }", "[Id, Name, LocationId]", /Boston storage/],
    ["EnumerateLocations", "{}", "[Id, Name]", /Sydney/],
  ])("can be enumerated: %s", async (call, params, fields, shown) => {
    await using here = await estate({ devices: 30 });
    writeFileSync(join(here.cwd, "plan.yaml"), planOf(call, params, fields));
    const plan = await here.workspace.loadPlan("plan.yaml");
    const events = await collect(here.workspace.preview(plan));
    const [told] = events;
    const preview = events.find((event) => event.type === "preview");
    expect(preview?.counts.rows).toBeGreaterThan(1);
    expect(preview?.counts.selected).toBe(preview?.counts.rows);
    if (told?.type !== "run") throw new Error("a run tells its id first");
    expect(await inventoryOf(told.folder)).toMatch(shown);
  });
});

async function inventoryOf(folder: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(join(folder, "inventory.ndjson"), "utf8");
}
