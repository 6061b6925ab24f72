import type { LedgerRecord } from "../../core/model/events.ts";
import type { Fields } from "../../core/model/item.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What a ledger says of items besides where they ended: the last failure of each that no better answer followed, and what was found that nobody had asked for. */
export class Heard {
  readonly failures = new Map<number, Failure>();
  /** Items that were last seen to be neither as before nor as wanted, and what they held. */
  readonly #others = new Map<number, Fields | undefined>();
  /** Wall ms: when the last that says how an item ended was written. 0: nothing says so. */
  settled = 0;

  take(found: LedgerRecord): void {
    switch (found.type) {
      case "outcome":
        this.settled = Math.max(this.settled, found.t);
        if ("failure" in found) this.failures.set(found.index, pickFailure(found.failure));
        else if (found.kind === "drifted") this.failures.set(found.index, { code: "", message: found.why });
        // What had been said of an earlier attempt is not the last any more.
        else this.failures.delete(found.index);
        break;
      case "read":
        if (found.why !== "settle") break;
        this.settled = Math.max(this.settled, found.t);
        this.#see(found.index, found.seen, found.found ?? undefined);
        break;
      case "verdict":
        this.settled = Math.max(this.settled, found.t);
        for (const [place, index] of found.indexes.entries()) this.#see(index, found.seen, found.found?.[place]);
        break;
      default:
        break;
    }
  }

  /** What a diverged item holds; `before`: it is as it was. Undefined: the record does not say. */
  heldBy(index: number): Fields | "before" | undefined {
    return this.#others.has(index) ? this.#others.get(index) : "before";
  }

  /** Why an item is diverged: what the service had answered, where that was no yes, and what was found. */
  divergence(index: number): Failure & { readonly found?: Fields } {
    const said = this.saidOf(index) ?? { code: "", message: "" };
    const found = this.heldBy(index);
    return found === "before" || found === undefined ? said : { ...said, found };
  }

  /** The same without what was found, but that it is as it was. Undefined: there is nothing to say. */
  saidOf(index: number): Failure | undefined {
    const failure = this.failures.get(index);
    if (this.heldBy(index) !== "before") return failure;
    const { code, message } = failure ?? { code: "", message: "" };
    return { code, message: message === "" ? "as it was before" : `${message}; as it was before` };
  }

  #see(index: number, seen: string, found: Fields | undefined): void {
    if (seen === "other") this.#others.set(index, found);
    else this.#others.delete(index);
  }
}

function pickFailure({ code, message }: Failure): Failure {
  return { code, message };
}
