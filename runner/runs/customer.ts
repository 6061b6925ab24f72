import { isObject } from "../core/model/object.ts";

/** Fields of a list that say whose an item is, the surest first. */
export const customerFields = ["partner_id", "customer_name", "partner_name"] as const;

/** Whose an item is, by those of the fields that its list has. */
export type Customer = Readonly<Partial<Record<(typeof customerFields)[number], string>>>;

/** @param fields Of an item. Empty: nothing says whose it is. */
export function customerOf(fields: unknown): Customer {
  if (!isObject(fields)) return {};
  const named = customerFields.flatMap((name) => {
    const value = fields[name];
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(named) as Customer;
}

/** The best that a customer can fit what somebody typed: it is the very id. */
export const bestFit = 4;

/**
 * How well a customer fits what somebody typed, from 0, not at all, to `bestFit`: the id before a name, and as it is written before
 * other letters or blanks around it. Of several customers only those that fit best are meant.
 */
export function fitOf({ partner_id: id, ...names }: Customer, wanted: string): number {
  if (id === wanted) return bestFit;
  if (id !== undefined && isSame(id, wanted)) return 3;
  const all = Object.values(names);
  if (all.includes(wanted)) return 2;
  return all.some((name) => isSame(name, wanted)) ? 1 : 0;
}

function isSame(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

/** For people: `Acme (8)`, `8`, `Acme`. Empty: not known. */
export function customerText({ partner_id: id, customer_name, partner_name }: Customer): string {
  const name = customer_name ?? partner_name;
  if (name === undefined) return id ?? "";
  return id === undefined ? name : `${name} (${id})`;
}

/** What tells customers apart: the surest of what is known. */
export function customerKey(customer: Customer): string {
  const name = customerFields.find((field) => customer[field] !== undefined);
  return name === undefined ? "" : `${name} ${customer[name] ?? ""}`;
}
