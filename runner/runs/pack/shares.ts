import type { Digest } from "../../core/model/item.ts";
import { customerFields, customerKey, customerOf } from "../customer.ts";
import { membersOf, readSealed } from "../sealed-file.ts";

// Of each item of a list: how many items the list has of the same customer. That stands in the item's leaf, so that a pack from
// which some were left out shows it.

const names = customerFields.map((name) => Buffer.from(`"${name}":`));

/** Shares by place in the tree, from 1 on, which is the place in the list. */
export interface Shares {
  /** Undefined: the list does not say whose the item is. */
  at(place: number): number | undefined;
}

/** Read a list for it. In memory: 8 bytes an item, and the names of the customers. @throws {RunnerError} `audit` */
export async function sharesOf(inventory: string, expected: Digest | undefined): Promise<Shares> {
  const numbers = new Map<string, number>();
  /** Of each customer, by its number; 0 is none. */
  const counts = [0];
  /** Of each item, its customer's number; the header's line is at place 0. */
  const customers: number[] = [];
  await readSealed(inventory, expected, ({ bytes }) => {
    const key = customers.length === 0 ? "" : keyIn(bytes, inventory);
    const number = key === "" ? 0 : (numbers.get(key) ?? counts.length);
    numbers.set(key, number);
    counts[number] = (counts[number] ?? 0) + 1;
    customers.push(number);
  });
  return {
    at: (place) => {
      const number = customers[place] ?? 0;
      return number === 0 ? undefined : counts[number];
    },
  };
}

/** Most lists do not say it, and their lines need not be parsed. */
function keyIn(bytes: Buffer, inventory: string): string {
  if (!names.some((name) => bytes.includes(name))) return "";
  return customerKey(customerOf(membersOf(bytes, inventory).fields));
}
