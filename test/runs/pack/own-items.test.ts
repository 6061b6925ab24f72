import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { itemId, runId, type Fields } from "../../../runner/core/model/item.ts";
import { zeroCounts } from "../../../runner/core/select/decider.ts";
import { createInventory } from "../../../runner/runs/inventory.ts";
import { itemsOfCustomer } from "../../../runner/runs/pack/own-items.ts";
import { sharesOf } from "../../../runner/runs/pack/shares.ts";
import { newFolder } from "../../support/runs.ts";

const run = runId("20261127T100000Z-abcde");

/** A list of items with these fields; every second one is selected. */
async function listOf(all: readonly Fields[]) {
  const inventory = join(newFolder(), "inventory.ndjson");
  const header = { now: 0, login: { partner: 1 }, call: "List", params: {}, key: "id", fields: [], endpoint: "x" };
  const writer = await createInventory(inventory, header as never);
  const counts = zeroCounts();
  for (const [place, fields] of all.entries()) {
    const as = place % 2 === 0 ? "selected" : "filtered-out";
    await writer.add({ id: itemId(String(place)), fields }, { as });
    counts.rows += 1;
    counts[as] += 1;
  }
  const digest = await writer.seal(counts);
  return { inventory, digest, run };
}

const list = [
  { partner_id: 8, customer_name: "9" },
  { partner_id: 9, customer_name: "Nine Ltd" },
  { partner_id: 8, customer_name: "Eight" },
  { partner_id: 10, customer_name: " Spaced " },
  { partner_id: 9, customer_name: "NINE" },
  { partner_id: 11, customer_name: "spaced" },
  { partner_id: null, customer_name: null },
];

describe("the items of one customer", () => {
  it.each([
    ["9", [2, 5]],
    ["8", [1, 3]],
    ["Eight", [1, 3]],
    ["nine", [2, 5]],
    [" Spaced ", [4]],
    ["spaced", [6]],
  ])("are all of whom %j means, under whichever names they stand", async (wanted, places) => {
    const folder = await listOf(list);
    const own = await itemsOfCustomer(folder, wanted, folder.digest);
    expect(own.places).toEqual(places);
    expect([...own.indexes]).toEqual(places.filter((place) => place % 2 === 1).map((place) => (place - 1) / 2));
    const shares = await sharesOf(folder.inventory, folder.digest);
    for (const place of places) expect(shares.at(place)).toBe(places.length);
  });

  it.each([
    ["SPACED", "is the name of several customers"],
    ["nobody", "No item in the list"],
  ])("are not guessed where %j means nobody, or several", async (wanted, message) => {
    const folder = await listOf(list);
    const refused = { code: "usage", message: expect.stringContaining(message) };
    await expect(itemsOfCustomer(folder, wanted, folder.digest)).rejects.toMatchObject(refused);
  });

  it("are nobody's where the list does not say it, and are not counted for anybody", async () => {
    const folder = await listOf([{ size: 1 }, { size: 2 }]);
    await expect(itemsOfCustomer(folder, "1", folder.digest)).rejects.toMatchObject({
      message: expect.stringContaining("does not say whose its items are"),
    });
    const shares = await sharesOf(folder.inventory, folder.digest);
    expect([0, 1, 2, 3].map((place) => shares.at(place))).toEqual(Array(4).fill(undefined));
  });
});
