import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { itemId } from "../../runner/core/model/item.ts";
import { createInventory } from "../../runner/runs/inventory.ts";
import { openInventory } from "../../runner/runs/inventory-index.ts";
import { newFolder } from "../support/runs.ts";

/** An inventory of so many items, whose ids do not rise; every third is selected. */
async function inventory(size: number) {
  const path = join(newFolder(), "inventory.ndjson");
  const login = { user_id: 1, partner_id: 1, name: "x" };
  const header = { now: 1, login, call: "List", params: {}, key: "id", fields: [], endpoint: "http://x/" };
  const writer = await createInventory(path, header);
  const ids = Array.from({ length: size }, (_, place) => (place % 2 === 0 ? String(size * 2 - place) : `id-${place}`));
  const counts = { rows: size, "filtered-out": 0, already: 0, refused: 0, selected: 0 };
  for (const [place, id] of ids.entries()) {
    const as = place % 3 === 0 ? "selected" : "filtered-out";
    counts[as] += 1;
    await writer.add(
      { id: itemId(id), fields: { text: "é".repeat(place % 50) } },
      { as, ...(as === "selected" ? {} : { clause: 0 }) },
    );
  }
  return { path, ids, digest: await writer.seal(counts) };
}

it("finds every item by its id, in any order", async () => {
  const { path, ids, digest } = await inventory(5000);
  await using index = await openInventory(path, digest);
  expect(index.size).toBe(5000);
  expect(index.placeOf(itemId("nobody"))).toBeUndefined();
  for (let step = 0; step < 5000; step += 1) {
    const place = (step * 1777) % 5000;
    expect(index.placeOf(itemId(ids[place]!))).toBe(place);
    if (step % 20 !== 0) continue;
    expect(await index.at(place)).toMatchObject({ id: ids[place], fields: { text: "é".repeat(place % 50) } });
    expect(index.decisionAt(place)).toBe(place % 3 === 0 ? "selected" : "filtered-out");
  }
});

it("refuses one that was changed, and one that is changed while it is in use", async () => {
  const { path, ids, digest } = await inventory(5000);
  const text = readFileSync(path, "utf8");
  await using index = await openInventory(path, digest);
  writeFileSync(path, text.replace(ids[4]!, "8".repeat(ids[4]!.length)));
  await expect(index.at(4)).rejects.toMatchObject({ code: "audit" });
  await expect(openInventory(path, digest)).rejects.toMatchObject({ code: "audit" });
  writeFileSync(path, text.slice(0, 300));
  await expect(index.at(4999)).rejects.toMatchObject({ code: "audit" });
});
