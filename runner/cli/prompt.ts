import { count, countOf } from "../reporters/amount.ts";
import { cleanText } from "../reporters/clean.ts";
import type { Consent, ConsentQuestion } from "../workspace/options.ts";
import { isInteractive, type Io } from "./io.ts";
import { Questions } from "./questions.ts";

export type ConsentFlags = {
  readonly yes: boolean;
  readonly confirm?: number;
};

export interface Asking {
  readonly io: Io;
  readonly flags: ConsentFlags;
  /** The login the changes are made with, once it is known. */
  readonly who: () => string | undefined;
  /** Ends the question: Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Whether the changes may be made: from the flags, else from the person at the terminal. Never assumed: without either the
 * answer is no, and says which flag to add. @throws {RunnerError} `interrupted` when the question is ended by Ctrl-C.
 */
export async function askConsent(question: ConsentQuestion, asking: Asking): Promise<Consent> {
  const { selected } = question.counts;
  const { confirm, yes } = asking.flags;
  if (confirm !== undefined) return confirmed(confirm, question);
  if (yes && !question.destructive) return { given: true, how: "yes" };
  if (yes)
    return refusal(
      "this plan is destructive, and for that --yes is not enough",
      `Look at the preview; if it is right, add --confirm ${selected}.`,
    );
  if (!isInteractive(asking.io)) {
    const flag = question.destructive ? `--confirm ${selected}` : "--yes";
    return refusal(
      "nobody is at the terminal to agree to the changes",
      `Look at the preview; if it is right, add ${flag}.`,
    );
  }
  return question.destructive ? typedCount(question, asking) : yesOrNo(question, asking);
}

function confirmed(confirm: number, { counts }: ConsentQuestion): Consent {
  if (confirm === counts.selected) return { given: true, how: "confirm" };
  return refusal(
    `--confirm ${confirm} was given, but the plan selects ${countOf(counts.selected, "item")}`,
    `Look at the preview; if it is right, say --confirm ${counts.selected}.`,
  );
}

async function yesOrNo(question: ConsentQuestion, asking: Asking): Promise<Consent> {
  const answer = await ask(
    `${approvedBy(question)}Apply ${countOf(question.counts.selected, "change")} ${place(question, asking)}? [y/N] `,
    asking,
  );
  return /^y(es)?$/i.test(answer) ? { given: true, how: "tty" } : declined();
}

async function typedCount(question: ConsentQuestion, asking: Asking): Promise<Consent> {
  const { selected } = question.counts;
  const what = `${cleanText(question.method)} for ${countOf(selected, "item")} ${place(question, asking)}`;
  const answer = await ask(
    `${approvedBy(question)}This plan is destructive: ${what}.\nType the number of items to go on: `,
    asking,
  );
  if (answer.replaceAll(/[,\s]/g, "") === String(selected)) return { given: true, how: "confirm" };
  return answer === ""
    ? declined()
    : refusal(
        `${JSON.stringify(answer)} is not ${count(selected)}`,
        "Nothing was sent. Start again to be asked again.",
      );
}

function approvedBy({ approvals = [] }: ConsentQuestion): string {
  return approvals.length === 0 ? "" : `Approved by ${approvals.map(({ key }) => cleanText(key)).join(", ")}.\n`;
}

function place({ service, endpoint }: ConsentQuestion, { who }: Asking): string {
  const name = who();
  return `to ${cleanText(service)} (${cleanText(endpoint)})${name === undefined ? "" : ` as ${cleanText(name)}`}`;
}

/** One line from the terminal. The end of the input is an empty answer. */
async function ask(text: string, { io, signal }: Asking): Promise<string> {
  using questions = new Questions(io, signal);
  return (await questions.ask(text)) ?? "";
}

function declined(): Consent {
  return refusal("not agreed to", "Nothing was sent.");
}

function refusal(why: string, hint: string): Consent {
  return { given: false, why, hint };
}
