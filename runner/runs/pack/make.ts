import type { Digest } from "../../core/model/item.ts";
import { MerkleTree } from "../../ledger/merkle.ts";
import { replay } from "../../ledger/reader.ts";
import type { RunFolder } from "../folder.ts";
import { itemLeaves, runLeaf, type Told } from "./leaves.ts";
import { OwnFacts } from "./own-facts.ts";
import { itemsOfCustomer } from "./own-items.ts";
import type { Pack, PackedItem } from "./pack-file.ts";

/** The Merkle root over a run's leaves, of which the first holds the head of its record. @throws {RunnerError} `audit` */
export async function packRoot(told: Told): Promise<Digest> {
  const tree = new MerkleTree();
  tree.add(runLeaf(told));
  for await (const { text } of itemLeaves(told)) tree.add(text);
  return tree.end().root;
}

/**
 * What a run's files hold of one customer's items, each with its way to the root. In memory: that, and 32 bytes an item.
 * @param wanted The customer, by id or name; what is the id of one is not the name of another.
 * @throws {RunnerError} `usage`: the list does not say whose items are, has none of that customer, or of several so named.
 */
export async function makePack(told: Told, wanted: string): Promise<Omit<Pack, "signatures">> {
  const { folder, state } = told;
  const own = await itemsOfCustomer(folder, wanted, state.selection?.inventory);
  const facts = await factsOf(folder, own.indexes);
  const tree = new MerkleTree([0, ...own.places]);
  const runText = runLeaf(told);
  tree.add(runText);
  const leaves: { readonly place: number; readonly leaf: string; readonly facts: readonly string[] }[] = [];
  const places = new Set(own.places);
  for await (const { place, text, index } of itemLeaves(told)) {
    tree.add(text);
    if (!places.has(place)) continue;
    leaves.push({ place, leaf: text, facts: index === undefined ? [] : (facts.get(index) ?? []) });
  }
  const { root, paths } = tree.end();
  const [path = [], ...others] = paths;
  const items = leaves.map((leaf, at): PackedItem => ({
    place: leaf.place,
    leaf: leaf.leaf,
    path: others[at] ?? [],
    facts: leaf.facts,
  }));
  return { root, run: { place: 0, leaf: runText, path }, items };
}

async function factsOf(
  folder: RunFolder,
  indexes: ReadonlySet<number>,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const facts = new Map<number, string[]>();
  const own = new OwnFacts((index, fact) => {
    if (!indexes.has(index)) return;
    const known = facts.get(index);
    if (known === undefined) facts.set(index, [fact]);
    else known.push(fact);
  });
  await replay(folder.ledger, folder.run, (found) => own.take(found));
  return facts;
}
