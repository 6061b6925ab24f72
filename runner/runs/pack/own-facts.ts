import { createHash } from "node:crypto";
import type { LedgerRecord } from "../../core/model/events.ts";
import type { Failure } from "../../core/model/outcome.ts";
import { digest, type Digest } from "../../core/model/item.ts";

// What the record says of one item, and of no other: the members that are named here, and none besides. A record about several
// items becomes a fact of each. Where one call was about several, the service's words may name others, and so may the digest
// of the request: they are left out, whoever the items belong to.

/** An item's fact, as JSON text: the text is what is hashed. */
export type Each = (index: number, fact: string) => void;

/** Cuts records into facts of single items; told every record of a ledger, in order. */
export class OwnFacts {
  readonly #each: Each;
  /** Of intents that are open: their items. Bounded by the margin, not by the run. */
  readonly #itemOf = new Map<number, number>();
  /** Of those: sent in one call with others. */
  readonly #shared = new Set<number>();

  constructor(each: Each) {
    this.#each = each;
  }

  take(found: LedgerRecord): void {
    switch (found.type) {
      case "intent": {
        const { index, attempt, wave, method, before, after } = found;
        this.#itemOf.set(found.seq, index);
        this.#tell(index, found, { attempt, wave, method, before, after });
        break;
      }
      case "sent":
        for (const intent of found.intents) {
          if (found.intents.length > 1) this.#shared.add(intent);
          this.#tellOpen(intent, found, {});
        }
        break;
      case "withdrawn":
        for (const intent of found.intents) {
          this.#tellOpen(intent, found, { reason: found.reason });
          this.#close(intent);
        }
        break;
      case "hold": {
        const { index, until, gaveUp } = found;
        this.#tell(index, found, { until, gaveUp });
        this.#close(found.intent);
        break;
      }
      case "outcome":
        this.#outcome(found);
        break;
      case "read": {
        const { index, why, began, seen } = found;
        this.#tell(index, found, { why, began, seen, found: found.found });
        break;
      }
      case "verdict": {
        const { pass, seen, pendingNow, pastHorizon } = found;
        for (const [place, index] of found.indexes.entries())
          this.#tell(index, found, { pass, seen, found: found.found?.[place], pendingNow, pastHorizon });
        break;
      }
      default:
        break;
    }
  }

  #outcome(found: LedgerRecord & { readonly type: "outcome" }): void {
    const { intent, index, attempt, kind, ms, gapMs } = found;
    const isShared = this.#shared.has(intent);
    const failure = "failure" in found ? failureOf(found.failure, isShared) : undefined;
    const held = "found" in found ? found.found : undefined;
    this.#tell(index, found, { attempt, kind, ms, gapMs, failure, found: held, ...(isShared && { shared: true }) });
    this.#close(intent);
  }

  #tellOpen(intent: number, found: LedgerRecord, facts: object): void {
    const index = this.#itemOf.get(intent);
    if (index !== undefined) this.#tell(index, found, facts);
  }

  /** Without the number of the record, which would tell how much was recorded of others. */
  #tell(index: number, { t, type }: LedgerRecord, facts: object): void {
    this.#each(index, JSON.stringify({ t, type, ...facts }));
  }

  #close(intent: number): void {
    this.#itemOf.delete(intent);
    this.#shared.delete(intent);
  }
}

function failureOf({ class: kind, code, message }: Failure, isShared: boolean): object {
  return { class: kind, code, ...(isShared ? {} : { message }) };
}

const hashBytes = 32;

/** One hash an item, 32 bytes each, that follows from all its facts in their order. */
export class FactChains {
  readonly #hashes: Buffer;

  constructor(size: number) {
    this.#hashes = Buffer.alloc(size * hashBytes);
  }

  add(index: number, fact: string): void {
    const at = index * hashBytes;
    if (at < 0 || at >= this.#hashes.length)
      throw new RangeError(`a record is about item ${index}, which is not there`);
    next(this.#hashes.subarray(at, at + hashBytes), fact).copy(this.#hashes, at);
  }

  of(index: number): Digest {
    return digest(this.#hashes.toString("hex", index * hashBytes, (index + 1) * hashBytes));
  }
}

/** The hash that follows from an item's facts. */
export function chainOf(facts: readonly string[]): Digest {
  let hash: Buffer = Buffer.alloc(hashBytes);
  for (const fact of facts) hash = next(hash, fact);
  return digest(hash.toString("hex"));
}

function next(hash: Buffer, fact: string): Buffer {
  return createHash("sha256").update(hash).update(fact, "utf8").digest();
}
