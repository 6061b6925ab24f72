import { createHmac } from "node:crypto";
import type { LedgerRecord } from "../../core/model/events.ts";
import type { RunState } from "../../core/tally/fold.ts";
import type { Head } from "../../ledger/chain.ts";
import type { Line } from "../../ledger/lines.ts";
import { withEnd } from "../../ledger/with-end.ts";
import type { RunFolder } from "../folder.ts";
import { damaged, membersOf, sealedLines } from "../sealed-file.ts";
import { sharesOf } from "./shares.ts";
import type { FactChains } from "./own-facts.ts";

// The leaves of a run's tree: first the run with the head of its record, then every item of its list in the list's order. A leaf
// is JSON that begins with a salt of its own, made from the salt in the start record, which no pack holds: the hash of a
// leaf says nothing of what is in it to somebody who does not have the leaf.

/** A run as its leaves are made of it: its record, checked, up to `head`. */
export interface Told {
  readonly folder: RunFolder;
  readonly state: RunState;
  readonly chains: FactChains;
  readonly head: Head;
  readonly first: LedgerRecord;
}

/** An item's leaf. */
export interface ItemLeaf {
  readonly place: number;
  readonly text: string;
  /** Its place in the change set; undefined: it was not selected. */
  readonly index: number | undefined;
}

/** Whether leaves can be made: the run read its list, and its start has a salt (records of older programs have none). */
export function hasLeaves({ start, selection, selected }: RunState): boolean {
  return start?.salt !== undefined && selection !== undefined && selected !== undefined;
}

/** The leaf at place 0: which run this is, the head of its record, and how many items follow, so that the root holds all of that. */
export function runLeaf({ folder, state, head, first }: Told): string {
  const { start, selection, end } = state;
  if (start === undefined || selection === undefined) throw new Error("a run that read no list has no leaves");
  const { tool, plan, service, change } = start;
  return JSON.stringify({
    salt: saltOf(saltIn(state), 0),
    run: folder.run,
    seq: head.seq,
    hash: head.hash,
    items: selection.rows,
    tool,
    plan: plan.name,
    service: { name: service.name, endpoint: service.endpoint },
    method: change.method,
    began: first.t,
    sealed: end?.sealed === true,
  });
}

/**
 * A leaf for every item of the list, from place 1 on. They count only when the generator has finished: only then is it known
 * that both files are as they were written.
 * @throws {RunnerError} `audit` when a file is damaged, or not the one that the record names.
 */
export async function* itemLeaves(told: Told): AsyncGenerator<ItemLeaf, void> {
  const { folder, state } = told;
  const shares = await sharesOf(folder.inventory, state.selection?.inventory);
  const changes = withEnd(sealedLines(folder.changeSet, state.selected?.changeSet)).values;
  try {
    await changes.next();
    let place = 0;
    let index = 0;
    for await (const line of sealedLines(folder.inventory, state.selection?.inventory)) {
      if (place > 0) {
        const listed = isUnselected(line) ? {} : membersOf(line.bytes, folder.inventory);
        const salt = `"salt":"${saltOf(saltIn(state), place)}"`;
        const share = shares.at(place);
        const of = share === undefined ? "" : `,"of":${share}`;
        const begin = `{${salt}${of},"listed":${line.bytes.toString("utf8")}`;
        if (listed.as === "selected") {
          const change = await nextChange(changes, folder, { id: listed.id, index });
          yield { place, text: `${begin},"change":${change},${whereItStands(told, index)}}`, index };
          index += 1;
        } else {
          yield { place, text: `${begin}}`, index: undefined };
        }
      }
      place += 1;
    }
    if ((await changes.next()).done !== true)
      throw damaged(folder.changeSet, "it has changes of items that are not in the list");
    if (place - 1 !== state.selection?.rows)
      throw damaged(folder.inventory, "it has other items than the ledger counted");
  } finally {
    await changes.return();
  }
}

/** Most of a long list was not selected: those lines say so at their end, and need not be parsed. */
function isUnselected({ bytes }: Line): boolean {
  const end = bytes.toString("latin1", Math.max(0, bytes.length - 60));
  return /\},"as":"(filtered-out|already)"(?:,"clause":\d+)?\}$/.test(end);
}

/**
 * The next line of the change set, which has to be about the item that is next in the list. Its place among the changes is left
 * out: it would tell how many items of others were selected.
 */
async function nextChange(
  changes: AsyncGenerator<Line, void, undefined>,
  { changeSet }: RunFolder,
  { id, index }: { readonly id: unknown; readonly index: number },
): Promise<string> {
  const { value } = await changes.next();
  if (!value) throw damaged(changeSet, `it has no change for item ${String(id)} of the list`);
  const text = value.bytes.toString("utf8");
  const begin = `{"index":${index},`;
  if (membersOf(value.bytes, changeSet).id === id && text.startsWith(begin)) return `{${text.slice(begin.length)}`;
  throw damaged(changeSet, `it is not in the order of the list: item ${String(id)} is not where it belongs`);
}

function whereItStands({ state: { items }, chains }: Told, index: number): string {
  const state = items.stateOf(index);
  const by = state === "confirmed" ? { by: items.creditOf(index) } : {};
  return JSON.stringify({ state, ...by, facts: chains.of(index) }).slice(1, -1);
}

/** Of the run's own salt and the place. */
function saltOf(salt: string, place: number): string {
  return createHmac("sha256", Buffer.from(salt, "hex")).update(`rollcall/leaf/1\n${place}`).digest("hex");
}

function saltIn({ start }: RunState): string {
  if (start?.salt === undefined) throw new Error("leaves are made of a run whose start has a salt");
  return start.salt;
}
