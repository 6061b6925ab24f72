import type { FieldFacts } from "../core/model/catalogue.ts";
import type { SelectionCounts } from "../core/model/preview.ts";
import type { Digest, Item, Value } from "../core/model/item.ts";
import type { Login } from "../core/model/frozen.ts";
import { among, everyMember, isCount, isFlag, isHex, isIdOrNull, isMembers, isText } from "../core/model/shaped.ts";
import { isUnixTime, listOf, membersOf, optional, where, wrongMember } from "../core/model/shaped.ts";
import { zeroCounts } from "../core/select/decider.ts";
import { withEnd } from "../ledger/with-end.ts";
import {
  createSealedFile,
  damaged,
  headerOf,
  membersOf as membersOfLine,
  readSealed,
  sealedLines,
  type SealedWriter,
} from "./sealed-file.ts";

/** What the first line of an inventory says that it is. */
export const inventoryType = "inventory";

/** How the list was asked for: enough to decide on it again without the service. */
export interface InventoryHeader {
  /** Unix seconds, frozen. */
  readonly now: number;
  readonly login: Login;
  readonly call: string;
  /** Of the one list; of several, those of each in order: `[{ each, params }]`. */
  readonly params: Value;
  readonly key: string;
  /** The field that people know an item by; left out: recorded before this was kept. */
  readonly title?: string;
  readonly fields: readonly FieldFacts[];
  /** The service that it was read from. */
  readonly endpoint: string;
  /** Digest of what lookups gave, kept beside this file, and of what each was asked. */
  readonly lookups?: Digest;
  readonly asks?: Readonly<Record<string, Digest>>;
}

/** What was decided on an item. `clause`: place of the filter clause that said no. `why`: for `refused`. */
export interface Decided {
  readonly as: "filtered-out" | "already" | "refused" | "selected";
  readonly clause?: number;
  readonly why?: string;
}

export type InventoryItem = Item & Decided;

/** Start the list of everything that was enumerated, selected or not. @throws {RecordError} */
export async function createInventory(path: string, header: InventoryHeader): Promise<InventoryWriter> {
  return new InventoryWriter(await createSealedFile(path, inventoryType, header));
}

/** One line an item, in the order of the list. */
export class InventoryWriter {
  readonly #file: SealedWriter;

  constructor(file: SealedWriter) {
    this.#file = file;
  }

  async add({ id, fields, each }: Item, { as, clause, why }: Decided): Promise<void> {
    await this.#file.add({ id, fields, each, as, clause, why });
  }

  async seal(counts: SelectionCounts): Promise<Digest> {
    return await this.#file.seal(countsOf(counts));
  }

  async discard(): Promise<void> {
    await this.#file.discard();
  }
}

/** @throws {RunnerError} `audit` when the file is no inventory of a format that this program reads. */
export async function readInventoryHeader(path: string): Promise<InventoryHeader> {
  for await (const { bytes } of sealedLines(path)) return inventoryHeaderOf(bytes, path);
  throw damaged(path, "it is empty");
}

const isAny = where((value) => value !== undefined);
/** What is relied on where values are shown or compared. */
const field = membersOf<Pick<FieldFacts, "name" | "type" | "unit" | "tokens" | "emptyIsUnset" | "zeroIsUnset">>({
  ...{ name: isText, type: isText, unit: optional(isText), tokens: optional(everyMember(isText)) },
  ...{ emptyIsUnset: optional(isFlag), zeroIsUnset: optional(isFlag) },
});
const header = membersOf<InventoryHeader>({
  ...{ now: isUnixTime, call: isText, params: isAny, key: isText, title: optional(isText), endpoint: isText },
  login: membersOf<Login>({ user_id: isIdOrNull, partner_id: isIdOrNull, name: isText }),
  ...{ fields: listOf(field), lookups: optional(isHex), asks: optional(everyMember(isHex)) },
});
const row = membersOf<InventoryItem>({
  ...{ id: isText, fields: isMembers, each: optional(isAny), clause: optional(isCount), why: optional(isText) },
  as: among(["filtered-out", "already", "refused", "selected"]),
});

function inventoryHeaderOf(bytes: Buffer, path: string): InventoryHeader {
  const found = headerOf(bytes, path, inventoryType);
  const wrong = wrongMember(found, header);
  if (wrong === undefined) return found as unknown as InventoryHeader;
  throw damaged(path, `its first line has no usable ${wrong}`);
}

/** A line behind the first one. @throws {RunnerError} `audit` */
export function inventoryItemOf(bytes: Buffer, path: string): InventoryItem {
  const found = membersOfLine(bytes, path);
  const wrong = wrongMember(found, row);
  if (wrong === undefined) return found as unknown as InventoryItem;
  throw damaged(path, `it has an item without a usable ${wrong}`);
}

/**
 * Every item of an inventory, in order. They count only when the generator has finished, see `sealedLines`.
 * @throws {RunnerError} `audit` when it is cut or changed, or not the `expected` one.
 */
export async function* readInventory(path: string, expected?: Digest): AsyncGenerator<InventoryItem, SelectionCounts> {
  const lines = withEnd(sealedLines(path, expected));
  const found = zeroCounts();
  let isHeader = true;
  for await (const { bytes } of lines.values) {
    if (isHeader) {
      headerOf(bytes, path, inventoryType);
      isHeader = false;
      continue;
    }
    const item = inventoryItemOf(bytes, path);
    found.rows += 1;
    found[item.as] += 1;
    yield item;
  }
  return checked(found, lines.end().facts, path);
}

/**
 * Counts an inventory by what was decided, without reading what the items hold.
 * @throws {RunnerError} `audit` as above.
 */
export async function countInventory(path: string, expected?: Digest): Promise<SelectionCounts> {
  // The header is no row.
  const found = { ...zeroCounts(), rows: -1 };
  const { facts } = await readSealed(path, expected, ({ bytes }) => {
    found.rows += 1;
    if (found.rows === 0) headerOf(bytes, path, inventoryType);
    else found[decisionIn(bytes, path)] += 1;
  });
  return checked(found, facts, path);
}

/** It stands behind the fields, and mostly ends the line. */
function decisionIn(bytes: Buffer, path: string): Decided["as"] {
  const end = /\},"as":"(filtered-out|already|refused|selected)"(?:,"clause":\d+)?\}$/.exec(
    bytes.toString("latin1", Math.max(0, bytes.length - 60)),
  );
  return (end?.[1] ?? inventoryItemOf(bytes, path).as) as Decided["as"];
}

function checked(found: SelectionCounts, facts: object, path: string): SelectionCounts {
  if (JSON.stringify(countsOf(facts as SelectionCounts)) === JSON.stringify(found)) return found;
  throw damaged(path, "its end line counts other items than it has");
}

function countsOf(counts: SelectionCounts): SelectionCounts {
  const { rows, already, refused, selected } = counts;
  return { rows, "filtered-out": counts["filtered-out"], already, refused, selected };
}
