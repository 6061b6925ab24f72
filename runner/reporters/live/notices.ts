import type { FactOf, Person, RunEvent } from "../../core/model/events.ts";
import { RunnerError } from "../../core/model/errors.ts";
import type { Notice } from "../../core/model/notice.ts";
import { itemStates, type NotStartedReason } from "../../core/model/outcome.ts";
import { undoneBy } from "../../core/settle/undo.ts";
import { count, countOf } from "../amount.ts";
import { cleanText } from "../clean.ts";
import { exitMeaning } from "../exit.ts";
import { reasons } from "./announce.ts";
import { Tally } from "./tally.ts";

/** What a notice needs from where it is made. */
interface Surroundings {
  /** Wall ms. */
  readonly now: () => number;
  /** How a command line looks here. */
  readonly command: (...words: readonly string[]) => string;
}

type Why = Pick<Notice, "reason" | "detail"> & { readonly why: string };

/** Longest text of a person that is passed on, in characters. */
const mostDetail = 300;

/**
 * What others are told of runs, made from the events as they come. A run that only previews is told of to nobody. Nothing
 * that a service says, and no value of an item, is passed on: only numbers, our own words, and what a person said on the way.
 */
export class Notices {
  readonly #around: Surroundings;
  #tally = new Tally();
  #by: Person | undefined;
  /** Somebody agreed to its changes, or it went on with those of an earlier process. */
  #hasBegun = false;
  #gate: FactOf<"gate"> | undefined;
  #limit: FactOf<"limit"> | undefined;
  #abort: FactOf<"control"> | undefined;
  #undoes: string | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** @returns What there is to tell now; undefined: nothing. */
  take(event: RunEvent): Notice | undefined {
    if (event.type === "run") this.#anew();
    this.#tally.take(event);
    switch (event.type) {
      case "start":
        this.#by = event.by;
        this.#undoes = undoneBy(event.from)?.run;
        return undefined;
      case "consent":
      case "resume":
        this.#by = event.by;
        this.#hasBegun = true;
        return this.#start();
      case "gate":
        this.#gate = event;
        return undefined;
      case "limit":
        if (event.group === undefined) this.#limit = event;
        return undefined;
      case "control":
        if (event.op === "abort") this.#abort = event;
        return undefined;
      case "paused":
        return this.#hold(event);
      case "stopped":
        return this.#stopped(event);
      case "undoing":
        return event.whyNot === undefined ? undefined : this.#stop(notTakenBack);
      case "sealed":
        return this.#done(event.anchor);
      default:
        return undefined;
    }
  }

  /**
   * The run has come to no end of its own. A command that was refused before there was a run, or by the person in front of
   * it, has told its caller.
   */
  failed(error: unknown): Notice | undefined {
    const isUs = this.#hasBegun || this.#tally.run?.verb === "apply" || this.#tally.run?.verb === "rerun";
    const code = error instanceof RunnerError ? error.code : "bug";
    if (!isUs || code === "consent") return undefined;
    const exit = error instanceof RunnerError ? error.exitCode : 1;
    const why = `${exitMeaning(exit)} (${code})`;
    return { ...this.#stop({ reason: code, why }), exit };
  }

  #anew(): void {
    this.#tally = new Tally();
    this.#by = this.#gate = this.#limit = this.#abort = this.#undoes = undefined;
    this.#hasBegun = false;
  }

  #start(): Notice {
    const { run, total } = this.#tally;
    const changes = total === undefined ? "" : `: ${countOf(total, "change")}`;
    const back = this.#undoes === undefined ? "" : `, which takes back what run ${this.#undoes} did`;
    const verb = run?.verb === "verify" ? "looks again" : run?.verb === "resume" ? "goes on" : "begins";
    return this.#notice(
      "start",
      `${verb}${changes}${back}`,
      this.#undoes === undefined ? {} : { undoes: this.#undoes },
    );
  }

  #hold({ for: reason, until }: FactOf<"paused">): Notice | undefined {
    const at = until === undefined ? {} : { until: new Date(until).toISOString() };
    switch (reason) {
      case "person": {
        const detail = this.#judgement();
        return this.#notice("hold", `waits for a person: ${detail}`, { reason, detail, ...this.#next("promote") });
      }
      case "operator":
        return this.#notice("hold", "was paused by a person", { reason, ...this.#next("continue") });
      case "window":
        return this.#notice("hold", "waits for its change window", { reason, ...at });
      // As the plan wants it, and never for long enough to call somebody.
      case "between-waves":
        return undefined;
    }
  }

  #stopped({ reason, detail }: FactOf<"stopped">): Notice {
    const more = this.#detailOf(reason, detail);
    const why = more === undefined ? reasons[reason] : `${reasons[reason]} (${more})`;
    const verb = reason === "person" ? "promote" : "show";
    return this.#stop({ reason, ...(more === undefined ? {} : { detail: more }), why }, verb);
  }

  #stop({ why, ...more }: Why, verb = "show"): Notice {
    return this.#notice("stop", `sends nothing more: ${why}`, { ...more, ...this.#next(verb) });
  }

  #done(anchor: string): Notice | undefined {
    const { end } = this.#tally;
    if (end === undefined) return undefined;
    const { counts, exit } = end;
    const told = itemStates.filter((state) => counts[state] > 0 && state !== "filtered-out");
    const states = told.map((state) => `${count(counts[state])} ${state}`).join(", ");
    const text = `is over: ${states === "" ? "nothing to change" : states}. Exit ${exit}: ${exitMeaning(exit)}`;
    const notDone = exit === 0 ? {} : this.#next(end.sealed ? "show" : "resume");
    return this.#notice("done", text, { counts: { ...counts }, exit, anchor, ...notDone });
  }

  /** The details of some reasons hold what a service says: of those only numbers are told. */
  #detailOf(reason: NotStartedReason, detail: string): string | undefined {
    switch (reason) {
      case "limit":
        return this.#limit && `stop.${this.#limit.limit} is ${this.#limit.value}, tolerated ${this.#limit.tolerated}`;
      case "gate":
      case "person":
        return this.#judgement();
      case "aborted":
        return this.#abort && shortened(`${this.#abort.by.name}: ${this.#abort.why}`);
      case "window":
        return shortened(detail);
      default:
        return undefined;
    }
  }

  #judgement(): string {
    const { wave } = this.#tally;
    if (this.#gate?.wave !== wave) return `wave ${wave + 1} could not be judged`;
    return `gate after wave ${wave + 1}: ${this.#gate.result}`;
  }

  #next(verb: string): Pick<Notice, "next"> {
    return { next: this.#around.command(verb, this.#tally.run?.run ?? "latest") };
  }

  #notice(event: Notice["event"], what: string, more: Partial<Notice>): Notice {
    const { run } = this.#tally;
    const plan = cleanText(run?.plan ?? "");
    const service = cleanText(run?.service ?? "");
    const by = this.#by && { ...this.#by, name: cleanText(this.#by.name), host: cleanText(this.#by.host) };
    const next = more.next === undefined ? "" : ` On ${by?.host ?? "its machine"}: ${more.next}`;
    return {
      event,
      text: `${plan} on ${service}, run ${run?.run ?? ""}, ${what}.${next}`,
      at: new Date(this.#around.now()).toISOString(),
      ...(by && { by }),
      ...(run && { run: run.run, verb: run.verb, plan, service }),
      counts: this.#counts(),
      ...more,
    };
  }

  #counts(): Readonly<Record<string, number>> {
    const { total, done, rejected, unknown } = this.#tally;
    return { ...(total === undefined ? {} : { changes: total }), answered: done, rejected, unknown };
  }
}

const notTakenBack: Why = {
  reason: "not-taken-back",
  why: "what it did was not taken back, though its plan wants that",
};

function shortened(text: string): string {
  const clean = cleanText(text);
  return clean.length > mostDetail ? `${clean.slice(0, mostDetail - 1)}…` : clean;
}
