import type { LedgerRecord } from "../../core/model/events.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { announcement } from "../live/announce.ts";
import { happening } from "../live/happenings.ts";
import { Tally } from "../live/tally.ts";

/** `at`: wall ms. `kind`: the type of the record. */
export interface Happening {
  readonly at: number;
  readonly kind: LedgerRecord["type"];
  readonly text: string;
}

/** Commands as anybody can type them: a report does not know where it is read. */
const whereabouts = { zone: "UTC", command: (...words: readonly string[]) => ["rollcall", ...words].join(" ") };
/** A run that is slowed down and speeds up for days has thousands of such lines; the first of them tell enough. */
const mostOfAKind = 200;

/** What happened to a run besides its changes, in the words of its live lines. */
export class Chronicle {
  readonly happenings: Happening[] = [];
  readonly #tally = new Tally();
  readonly #ofKind = new Map<LedgerRecord["type"], number>();

  take(record: LedgerRecord): void {
    this.#tally.take(record);
    const text = milestone(record) ?? announcement(record) ?? happening(record, this.#tally, whereabouts);
    if (text === undefined) return;
    const told = (this.#ofKind.get(record.type) ?? 0) + 1;
    this.#ofKind.set(record.type, told);
    if (told <= mostOfAKind) this.happenings.push({ at: record.t, kind: record.type, text });
  }
}

/** What people who watch the run are told in other ways. */
function milestone(record: LedgerRecord): string | undefined {
  switch (record.type) {
    case "start":
      return `Begun by ${cleanText(record.by.name)} on ${cleanText(record.by.host)}`;
    case "selected":
      return `Selected ${countOf(record.size, "change")}`;
    case "consent":
      return `Agreed to: ${consents[record.how]}, by ${cleanText(record.by.name)}`;
    case "resume":
      return `${record.verb === "resume" ? "Resumed" : "Verified again"} by ${cleanText(record.by.name)} on ${cleanText(record.by.host)}`;
    case "pass":
      return record.phase === "end" ? passText(record) : undefined;
    case "end":
      return record.sealed ? `Ended, exit ${record.exit}` : `Stopped with answers still open, exit ${record.exit}`;
    default:
      return undefined;
  }
}

const consents = {
  tty: "at the terminal",
  yes: "with --yes",
  confirm: "with --confirm and the number of changes",
  library: "by the program that ran it",
  "on-stop": "beforehand, by the plan of the run that it takes back",
} as const;

function passText({ pass, rows, complete, by }: Extract<LedgerRecord, { type: "pass" }>): string {
  if (by === "id") return `Verified, pass ${pass}: ${countOf(rows, "item")} read one by one`;
  return complete
    ? `Verified, pass ${pass}: the whole list, ${count(rows)} rows`
    : `Pass ${pass} of the list was not complete: nothing is judged by it`;
}
