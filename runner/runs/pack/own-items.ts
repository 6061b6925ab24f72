import { RunnerError } from "../../core/model/errors.ts";
import type { Digest } from "../../core/model/item.ts";
import { customerFields, customerKey, customerOf, customerText, fitOf, type Customer } from "../customer.ts";
import type { RunFolder } from "../folder.ts";
import { readInventory } from "../inventory.ts";

/** Where the items of one customer stand: all of them, under whichever names. */
export interface OwnItems {
  /** In the tree, rising. */
  readonly places: readonly number[];
  /** In the change set. */
  readonly indexes: ReadonlySet<number>;
}

/**
 * The items of the customer who is meant. The list is read twice: somebody who is found by the name of one item may have others
 * under another name.
 * @param expected Digest of the list, from the ledger. @throws {RunnerError} `usage`: none is meant, or several; `audit`.
 */
export async function itemsOfCustomer(
  { inventory, run }: Pick<RunFolder, "inventory" | "run">,
  wanted: string,
  expected?: Digest,
): Promise<OwnItems> {
  const meant = await customersMeant(inventory, wanted, expected);
  const [key] = meant.found.keys();
  if (key === undefined || meant.found.size > 1)
    throw new RunnerError("usage", ...whyNone(run, wanted, { ...meant, found: [...meant.found.values()] }));
  const places: number[] = [];
  const indexes = new Set<number>();
  let place = 0;
  let index = 0;
  for await (const { fields, as } of readInventory(inventory, expected)) {
    place += 1;
    if (customerKey(customerOf(fields)) === key) {
      places.push(place);
      if (as === "selected") indexes.add(index);
    }
    if (as === "selected") index += 1;
  }
  return { places, indexes };
}

interface Meant {
  /** By their keys: those that fit best, and equally well. */
  readonly found: ReadonlyMap<string, Customer>;
  /** The list says whose items are. */
  readonly isNamed: boolean;
}

async function customersMeant(inventory: string, wanted: string, expected: Digest | undefined): Promise<Meant> {
  const found = new Map<string, Customer>();
  let best = 1;
  let isNamed = false;
  for await (const { fields } of readInventory(inventory, expected)) {
    const customer = customerOf(fields);
    isNamed ||= customerFields.some((name) => Object.hasOwn(fields, name));
    const fit = fitOf(customer, wanted);
    if (fit < best) continue;
    if (fit > best) found.clear();
    best = fit;
    if (!found.has(customerKey(customer))) found.set(customerKey(customer), customer);
  }
  return { found, isNamed };
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
