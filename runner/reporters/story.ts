import type { FactOf, LedgerRecord } from "../core/model/events.ts";
import type { Fields } from "../core/model/item.ts";
import type { Failure } from "../core/model/outcome.ts";
import { timeText } from "../core/model/values.ts";
import { duration } from "./amount.ts";
import { cleanText } from "./clean.ts";
import { heldText, type Showing } from "./value.ts";

/** Something that happened to an item. `at`: wall ms. */
export interface StoryLine {
  readonly index: number;
  readonly at: number;
  readonly text: string;
}

/** Tells, record by record, what happened to each selected item, in one sentence a step. Intents that are open stay in memory. */
export class Storyteller {
  readonly #showing: Showing;
  /** seq of an open intent -> its item. */
  readonly #open = new Map<number, number>();

  constructor(showing: Showing) {
    this.#showing = showing;
  }

  /** Empty for a record that is not about items. */
  tell(record: LedgerRecord): readonly StoryLine[] {
    return this.#steps(record).map(([index, text]) => ({ index, at: record.t, text }));
  }

  #steps(record: LedgerRecord): readonly (readonly [number, string])[] {
    switch (record.type) {
      case "intent":
        this.#open.set(record.seq, record.index);
        return [
          [record.index, `Attempt ${record.attempt}, in wave ${record.wave + 1}: to be sent as ${record.method}`],
        ];
      case "sent":
        return this.#ofIntents(record.intents, "Sent");
      case "withdrawn": {
        const steps = this.#ofIntents(record.intents, `Not sent: ${cleanText(record.reason)}`);
        for (const intent of record.intents) this.#open.delete(intent);
        return steps;
      }
      case "hold":
        this.#open.delete(record.intent);
        return [[record.index, this.#holdText(record)]];
      case "outcome":
        this.#open.delete(record.intent);
        return [[record.index, this.#answerText(record)]];
      case "read":
        return [[record.index, this.#readText(record)]];
      case "verdict":
        return record.indexes.map((index, place) => [index, this.#verdictText(record, record.found?.[place])]);
      default:
        return [];
    }
  }

  #ofIntents(intents: readonly number[], text: string): readonly (readonly [number, string])[] {
    return intents.flatMap((intent) => {
      const index = this.#open.get(intent);
      return index === undefined ? [] : [[index, text] as const];
    });
  }

  #holdText({ until, gaveUp }: FactOf<"hold">): string {
    if (gaveUp === true) return "Busy for too long: left alone";
    return `Busy: not before ${timeText(Math.floor(until / 1000), this.#showing.zone) ?? "later"}`;
  }

  #answerText(outcome: FactOf<"outcome">): string {
    switch (outcome.kind) {
      case "accepted":
        return `Accepted after ${duration(outcome.ms)}`;
      case "rejected":
        return `Rejected after ${duration(outcome.ms)}: ${failureText(outcome.failure)}`;
      case "lost":
        return `No clear answer: ${failureText(outcome.failure)}`;
      case "not-acted":
        return `Nothing was done: ${failureText(outcome.failure)}`;
      case "drifted":
        return `Not sent: ${cleanText(outcome.why)}${this.#found(outcome.found)}`;
      case "already":
        return "Not sent: as desired by then";
    }
  }

  #readText({ why, seen, found }: FactOf<"read">): string {
    const when = why === "settle" ? "Read by itself, since its answer was lost" : "Read right before it is sent";
    // More than that may be otherwise: what is read then is compared with what was reviewed, and an outcome says so.
    if (why !== "settle" && seen === "before") return `${when}: what is to change is as it was before`;
    return `${when}: ${sights[seen]}${seen === "other" ? this.#found(found) : ""}`;
  }

  #verdictText({ pass, seen, pendingNow, pastHorizon }: FactOf<"verdict">, found: Fields | undefined): string {
    const held = seen === "other" ? this.#found(found) : "";
    const onItsWay = pendingNow === true ? ", on its way" : "";
    const late = pastHorizon === true && seen === "before" ? ", though it should show by now" : "";
    return `Verified, pass ${pass}: ${sights[seen]}${held}${onItsWay}${late}`;
  }

  #found(found: Fields | null | undefined): string {
    const held = Object.entries(found ?? {});
    if (held.length === 0) return "";
    return ` (${held.map(([name, value]) => `${cleanText(name)} ${heldText(name, value, this.#showing)}`).join(", ")})`;
  }
}

const sights: Readonly<Record<FactOf<"read">["seen"], string>> = {
  after: "as asked for",
  before: "as it was before",
  other: "neither as before nor as asked for",
  absent: "not there",
  "early-before": "as it was before, too early to tell anything",
  unreadable: "could not be read",
};

function failureText({ code, message }: Failure): string {
  return [code, message]
    .filter((text) => text !== "")
    .map(cleanText)
    .join(": ");
}
