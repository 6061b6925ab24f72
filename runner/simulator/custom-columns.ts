import type { Fleet } from "./fleet.ts";
import { rootPartnerId } from "./partners.ts";
import type { PartnerTree } from "./partners.ts";
import { fraction, pick } from "./random.ts";

/** A column that a partner added for itself and all below it: `AA<id>` in lists and filters. */
export interface CustomColumn {
  readonly id: number;
  readonly partnerId: number;
  readonly name: string;
}

/** Undefined: no such column anywhere. */
export function findCustomColumn(partners: PartnerTree, id: number): CustomColumn | undefined {
  const name = rootColumns.get(id);
  if (name !== undefined) return { id, partnerId: rootPartnerId, name };
  const owner = partners.get(id - ownColumnBase);
  return owner?.parentId === rootPartnerId ? { id, partnerId: owner.id, name: "Room" } : undefined;
}

/** Columns that `partnerId` may use: its own and those of the partners above it, by id. */
export function customColumnsFor(partners: PartnerTree, partnerId: number): CustomColumn[] {
  return [...rootColumns.keys(), ...partners.homes.map((home) => ownColumnBase + home)]
    .map((id) => findCustomColumn(partners, id))
    .filter((column) => column !== undefined)
    .filter((column) => partners.isWithin(partnerId, column.partnerId));
}

/** Could a login ever see a column of this id? Told from the number alone, for columns are read before devices. */
export function mayBeCustomColumn(id: number): boolean {
  return rootColumns.has(id) || (id > ownColumnBase && (id - ownColumnBase) % 10 === 0);
}

/**
 * Values by column id, rising, from the text they are kept as.
 * @throws Error for any other text.
 */
export function readCustomValues(text: string): ReadonlyMap<number, string> {
  if (text === "") return none;
  const pairs = parsePairs(text);
  if (pairs !== undefined) return new Map(pairs);
  throw new Error(`customColumns is '${text}'; expected pairs such as [[843,"checked"]]`);
}

/** The text that `readCustomValues` reads; columns with "" are left out. */
export function writeCustomValues(values: ReadonlyMap<number, string>): string {
  const filled = [...values].filter(([, value]) => value !== "").sort(([left], [right]) => left - right);
  return filled.length === 0 ? "" : JSON.stringify(filled);
}

/** What a device has in its custom columns before anybody changed anything. */
export function customValuesAtBirth(fleet: Fleet, place: number): string {
  const { seed } = fleet;
  const has = (share: number, salt: number) => fraction(seed, place, salt) < share;
  const values = new Map<number, string>();
  if (has(0.25, 70))
    values.set(customColumns.notes, `checked in week ${1 + pick(seed, place, { salt: 71, count: 52 })}`);
  if (has(0.1, 72)) values.set(customColumns.ticket, `T-${1000 + pick(seed, place, { salt: 73, count: 9000 })}`);
  if (has(0.1, 74)) values.set(customColumns.wantedAlias, `${fleet.nameAt(place)} (new)`);
  if (has(0.2, 75)) {
    values.set(ownColumnOf(fleet.customerIdAt(place)), `Room ${1 + pick(seed, place, { salt: 76, count: 40 })}`);
  }
  return writeCustomValues(values);
}

/** The id of the column that one customer owns alone. */
function ownColumnOf(customerId: number): number {
  return ownColumnBase + customerId;
}

/**
 * Columns of the login's partner, usable on all its devices; `owner` is empty at first. Customer 5010 also owns
 * column 105010, and so on.
 */
const customColumns = { notes: 843, owner: 844, ticket: 2048, wantedAlias: 2500 } as const;

const rootColumns: ReadonlyMap<number, string> = new Map([
  [customColumns.notes, "Notes"],
  [customColumns.owner, "Owner"],
  [customColumns.ticket, "Ticket"],
  [customColumns.wantedAlias, "Alias wanted"],
]);

const ownColumnBase = 100_000;
const none: ReadonlyMap<number, string> = new Map();

function parsePairs(text: string): [number, string][] | undefined {
  try {
    const pairs: unknown = JSON.parse(text);
    return Array.isArray(pairs) && pairs.every(isPair) ? pairs : undefined;
  } catch {
    return undefined;
  }
}

function isPair(value: unknown): value is [number, string] {
  return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && typeof value[1] === "string";
}
