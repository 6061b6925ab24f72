import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import { parseAnchor } from "./anchor.ts";
import { chained, genesis, headOf, readable, statedHash, type Head } from "./chain.ts";
import { mayBeLeftByCrash } from "./left-by-crash.ts";
import { eachLine, type Line } from "./lines.ts";
import { NamedHeads, type NamedHead } from "./named-heads.ts";
import { OrderRules } from "./order-rules.ts";
import { Sense } from "./sense.ts";

/** Something wrong with a ledger. `seq` and `offset` (bytes) say where; undefined: nowhere in particular. */
interface Finding {
  readonly seq: number | undefined;
  readonly offset: number | undefined;
  readonly message: string;
}

/** What a ledger proves about itself. Nothing in `findings`: every record stands as it was written, up to `head`. */
export interface LedgerAudit {
  /** Records that chain, from the first on. */
  readonly records: number;
  readonly head: Head;
  /** The last record is an `end` that left nothing open. False is no fault: the run goes on, or waits for `resume`. */
  readonly sealed: boolean;
  /** The last record is an `end`, whether or not it left answers open. */
  readonly ended: boolean;
  /** Bytes after the last record that chains, none of them known to have been on disk: what a crash may leave. */
  readonly torn: number;
  readonly findings: readonly Finding[];
}

export interface AuditOptions {
  readonly run: RunId;
  /** As the run printed it, kept elsewhere. Without one, a cut at a line end and a chain built anew can not be seen. */
  readonly anchor?: string;
  /** More of the kind: of signatures, and of runs that were begun later. */
  readonly heads?: readonly NamedHead[];
  /** Told every record that chains, in order, up to one that no run writes: for checks of what the records mean. */
  readonly each?: (record: LedgerRecord) => void;
}

/**
 * Everything that can be wrong with a ledger, found in one pass.
 * @throws {RunnerError} `usage` for something that is no anchor. @throws {RecordError} when the file can not be read.
 */
export async function auditLedger(path: string, options: AuditOptions): Promise<LedgerAudit> {
  const anchor = options.anchor === undefined ? [] : [{ ...parseAnchor(options.anchor), by: "the anchor" }];
  const chain = new ChainCheck(options, [...anchor, ...(options.heads ?? [])]);
  await eachLine(path, (line) => chain.add(line));
  return chain.result();
}

class ChainCheck {
  readonly #options: AuditOptions;
  readonly #named: NamedHeads;
  readonly #order: OrderRules;
  readonly #sense = new Sense();
  #isSenseless = false;
  readonly #findings: Finding[] = [];
  readonly #broken: Finding[] = [];
  #head: Head;
  #last: LedgerRecord | undefined;
  /** What the next line should chain to, once something is broken: the hash the line before it states. */
  #resumed: Head | undefined;
  #valid = 0;
  #size = 0;
  #claimed = 0;
  /** Where the chain breaks stands what no crash leaves. */
  #isEdited = false;

  constructor(options: AuditOptions, named: readonly NamedHead[]) {
    this.#options = options;
    this.#named = new NamedHeads(options.run, named);
    this.#order = new OrderRules(options.run);
    this.#head = genesis(options.run);
  }

  add(line: Line): void {
    this.#size = line.offset + line.bytes.length + (line.ended ? 1 : 0);
    const record = this.#isBroken || !line.ended ? undefined : chained(line.bytes, this.#head);
    if (record === undefined) this.#addBroken(line);
    else this.#addChained(record, line.offset);
  }

  #addChained(record: LedgerRecord, offset: number): void {
    this.#head = headOf(record);
    this.#valid = this.#size;
    if (!this.#isSenseless) this.#read(record, offset);
    for (const message of this.#named.see(this.#head)) this.#findings.push({ seq: record.seq, offset, message });
  }

  result(): LedgerAudit {
    const damaged = this.#claimed > this.#head.seq || this.#isEdited;
    const end = this.#last?.type === "end" && !damaged ? this.#last : undefined;
    if (damaged) this.#findings.push(...this.#broken);
    const { seq } = this.#head;
    for (const { isOwn, message } of this.#named.missed(seq))
      this.#findings.push({
        ...(isOwn ? { seq, offset: this.#valid } : { seq: undefined, offset: undefined }),
        message,
      });
    return {
      records: this.#head.seq,
      head: this.#head,
      sealed: end?.sealed === true && !this.#isSenseless,
      ended: end !== undefined,
      torn: damaged ? 0 : this.#size - this.#valid,
      findings: this.#findings,
    };
  }

  /** What a record means, unless no run writes such a one: nothing behind it can be read by what was before. */
  #read(record: LedgerRecord, offset: number): void {
    const fault = this.#sense.fault(record);
    this.#isSenseless = fault !== undefined;
    this.#last = record;
    const wrong = fault === undefined ? this.#order.add(record) : [fault];
    for (const message of wrong) this.#findings.push({ seq: record.seq, offset, message });
    if (fault === undefined) this.#options.each?.(record);
  }

  get #isBroken(): boolean {
    return this.#broken.length > 0;
  }

  /** A line that does not chain, or stands after one. It is said once, then the chain is taken up again at what it states. */
  #addBroken(line: Line): void {
    const before = this.#resumed ?? (this.#isBroken ? undefined : this.#head);
    if (!this.#isBroken) this.#isEdited = !mayBeLeftByCrash(line, this.#head);
    const record = readable(line.bytes);
    const hash = statedHash(line.bytes);
    this.#claimed = Math.max(this.#claimed, record?.synced ?? 0);
    const chains = before !== undefined && line.ended && chained(line.bytes, before) !== undefined;
    if (!chains) this.#broken.push(faultOf(line, record, before));
    this.#resumed = record === undefined || hash === undefined ? undefined : { seq: record.seq, hash };
  }
}

function faultOf(line: Line, record: LedgerRecord | undefined, before: Head | undefined): Finding {
  return { seq: record?.seq, offset: line.offset, message: whatIsWrong(line, record, before) };
}

function whatIsWrong(line: Line, record: LedgerRecord | undefined, before: Head | undefined): string {
  if (record === undefined) return line.ended ? "this line is no record" : "the file stops within this line";
  if (before === undefined) return `record ${record.seq} follows a line that is no record`;
  if (record.seq <= before.seq) return `record ${record.seq} stands after record ${before.seq}: repeated or moved`;
  if (record.seq > before.seq + 1)
    return `records ${before.seq + 1} to ${record.seq - 1} are missing before record ${record.seq}`;
  return `record ${record.seq} is not what was written: its hash does not follow from it and record ${before.seq}`;
}
