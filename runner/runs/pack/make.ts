import { RunnerError } from "../../core/model/errors.ts";
import type { Digest } from "../../core/model/item.ts";
import { MerkleTree } from "../../ledger/merkle.ts";
import { replay } from "../../ledger/reader.ts";
import { customerFields, customerKey, customerOf, customerText, fitOf, type Customer } from "../customer.ts";
import type { RunFolder } from "../folder.ts";
import { readInventory } from "../inventory.ts";
import { itemLeaves, runLeaf, type Told } from "./leaves.ts";
import { OwnFacts } from "./own-facts.ts";
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

/** Items of customers that fit what was asked for equally well; a pack can be made where that is one customer. */
class Own {
  readonly found = new Map<string, Customer>();
  /** In the tree, rising. */
  readonly places: number[] = [];
  /** In the change set. */
  readonly indexes = new Set<number>();
  readonly fit: number;

  constructor(fit: number) {
    this.fit = fit;
  }

  add(customer: Customer, place: number, index: number | undefined): void {
    const key = customerKey(customer);
    if (!this.found.has(key)) this.found.set(key, customer);
    this.places.push(place);
    if (index !== undefined) this.indexes.add(index);
  }
}

async function itemsOfCustomer({ inventory, run }: RunFolder, wanted: string, expected?: Digest): Promise<Own> {
  let own = new Own(0);
  let place = 0;
  let index = 0;
  let isNamed = false;
  for await (const { fields, as } of readInventory(inventory, expected)) {
    place += 1;
    const customer = customerOf(fields);
    isNamed ||= customerFields.some((name) => Object.hasOwn(fields, name));
    const fit = fitOf(customer, wanted);
    if (fit > own.fit) own = new Own(fit);
    if (fit > 0 && fit === own.fit) own.add(customer, place, as === "selected" ? index : undefined);
    if (as === "selected") index += 1;
  }
  if (own.found.size === 1) return own;
  throw new RunnerError("usage", ...whyNone(run, wanted, { isNamed, found: [...own.found.values()] }));
}

function whyNone(
  run: string,
  wanted: string,
  { isNamed, found }: { readonly isNamed: boolean; readonly found: readonly Customer[] },
): [string, { readonly hint: string }] {
  if (!isNamed) {
    return [
      `The list of run ${run} does not say whose its items are.`,
      { hint: `A pack needs one of the fields ${customerFields.join(", ")} among \`fields\` of the plan.` },
    ];
  }
  if (found.length === 0)
    return [`No item in the list of run ${run} is of customer ${wanted}.`, { hint: "Give the id or the whole name." }];
  const names = found.slice(0, 5).map(customerText).join(", ");
  return [`${wanted} is the name of several customers: ${names}.`, { hint: "Give the id of one of them." }];
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
