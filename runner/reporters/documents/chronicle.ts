import type { LedgerRecord } from "../../core/model/events.ts";
import type { RunId } from "../../core/model/item.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { Narrator } from "../live/narrator.ts";

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
  readonly #narrator: Narrator;
  readonly #told: Happening[] = [];
  readonly #more = new Map<LedgerRecord["type"], { count: number; at: number }>();

  constructor(run: RunId) {
    this.#narrator = new Narrator(run, whereabouts);
  }

  /** In order; what is too much of one kind is counted at the end of them all. */
  get happenings(): readonly Happening[] {
    const more = [...this.#more].filter(([, { count: all }]) => all > mostOfAKind);
    const counted = more.map(([kind, { count: all, at }]): Happening => {
      return { at, kind, text: `and ${count(all - mostOfAKind)} more like "${this.#lastOf(kind)}"` };
    });
    return [...this.#told, ...counted];
  }

  take(record: LedgerRecord): void {
    const said = this.#narrator.tell(record);
    const text = milestone(record) ?? said;
    if (text === undefined) return;
    const all = (this.#more.get(record.type)?.count ?? 0) + 1;
    this.#more.set(record.type, { count: all, at: record.t });
    if (all <= mostOfAKind) this.#told.push({ at: record.t, kind: record.type, text });
  }

  #lastOf(wanted: LedgerRecord["type"]): string {
    return this.#told.findLast(({ kind }) => kind === wanted)?.text ?? "";
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
