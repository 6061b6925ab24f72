import type { Value } from "../../core/model/item.ts";
import { csvLine } from "./csv-line.ts";
import type { ItemFacts } from "./item-facts.ts";

const columns = [
  "run",
  "plan",
  "service",
  "by",
  "method",
  "item",
  "title",
  "customer",
  "field",
  "before",
  "after",
  "state",
  "done_by",
  "sent_at",
  "code",
  "message",
] as const;

export function csvHead(): string {
  return lineOf(columns);
}

/** A line for each field of an item; one alone for what sets none. RFC 4180, without its last line feed. */
export function csvLines(item: ItemFacts): readonly string[] {
  const { run, plan, service, by, method, id, title, customer, before, after, state, credit, sentAt, failure } = item;
  const names = Object.keys(after);
  return (names.length === 0 ? [undefined] : names).map((name) =>
    lineOf([
      ...[run, plan, service, by, method, id, title, customer, name ?? ""],
      ...(name === undefined ? ["", ""] : [cellOf(before[name]), cellOf(after[name])]),
      ...[state, credit ?? "", sentAt ?? "", failure?.code ?? "", failure?.message ?? ""],
    ]),
  );
}

function cellOf(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lineOf(cells: readonly string[]): string {
  return `${csvLine(cells)}\r`;
}
