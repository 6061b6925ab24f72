import type { FactOf, LedgerRecord } from "../core/model/events.ts";
import { unusableMember } from "./record-shapes.ts";

/** More than any run has, and as many as can be told apart in memory. */
const mostItems = 2 ** 24;

/**
 * Whether records are such that whoever reads them can rely on what their types say: each member as it must be, a start first,
 * and no item, wave or group but those that were selected. A chain proves only that somebody wrote them.
 */
export class Sense {
  #hasStart = false;
  #enumerated: FactOf<"enumerated"> | undefined;
  #selected: FactOf<"selected"> | undefined;
  /** The item with the highest place that any record was about before items were selected. */
  #highest = -1;

  /** The next record that chains. @returns What makes it unusable, as a sentence without its end; undefined: nothing does. */
  fault(record: LedgerRecord): string | undefined {
    const wrong = unusableMember(record);
    if (wrong !== undefined) return `it can not be what was written: a record of ${record.type} has no usable ${wrong}`;
    const why = this.#once(record) ?? this.#strange(record);
    if (why !== undefined) return why;
    if (record.type === "start") this.#hasStart = true;
    if (record.type === "enumerated") this.#enumerated = record;
    if (record.type === "selected") this.#selected = record;
    return undefined;
  }

  /** What every other record is read by is said once, the start before all else. */
  #once({ type }: LedgerRecord): string | undefined {
    if (type !== "start" && !this.#hasStart) return `the first record is "${type}" instead of "start"`;
    const isSecond =
      (type === "start" && this.#hasStart) ||
      (type === "enumerated" && this.#enumerated !== undefined) ||
      (type === "selected" && this.#selected !== undefined);
    return isSecond ? `a second ${type} record` : undefined;
  }

  #strange(record: LedgerRecord): string | undefined {
    switch (record.type) {
      case "selected":
        return this.#selectedElsewhere(record);
      case "intent":
        return this.#itemAbsent(record.index) ?? this.#groupAbsent(record.group);
      case "limit":
        return this.#groupAbsent(record.group);
      case "outcome":
      case "hold":
      case "read":
        return this.#itemAbsent(record.index);
      case "verdict":
        for (const index of record.indexes) {
          const absent = this.#itemAbsent(index);
          if (absent !== undefined) return absent;
        }
        return undefined;
      default:
        return undefined;
    }
  }

  #selectedElsewhere({ size }: FactOf<"selected">): string | undefined {
    const listed = this.#enumerated?.selected;
    if (size > mostItems) return `it says that ${size} items were selected, which can not be`;
    if (listed !== undefined && listed !== size)
      return `it says that ${size} items were selected, of ${listed} in the list`;
    return this.#highest < size ? undefined : `records before it are about item ${this.#highest} of ${size}`;
  }

  #itemAbsent(index: number): string | undefined {
    const size = this.#selected?.size;
    if (size === undefined) this.#highest = Math.max(this.#highest, index);
    return size === undefined || index < size ? undefined : `it is about item ${index}, and ${size} were selected`;
  }

  #groupAbsent(group: number | undefined): string | undefined {
    const groups = this.#selected?.groups?.length ?? 0;
    return group === undefined || group < groups ? undefined : `it is about group ${group}, and there are ${groups}`;
  }
}
