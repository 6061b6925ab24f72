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

/** Whether this is the customer that somebody named, by id or by name; upper and lower case are the same. */
export function isCustomer(customer: Customer, wanted: string): boolean {
  const name = wanted.trim().toLowerCase();
  return Object.values(customer).some((value) => value.toLowerCase() === name);
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
