import { RunnerError } from "../../core/model/errors.ts";
import type { RehearsedLatency } from "../../core/model/rehearsed.ts";
import type { FactOf } from "../../core/model/events.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Service } from "../../core/model/service.ts";
import { readLedger } from "../../ledger/reader.ts";
import { listRuns, newestFirst, type RunFolder } from "../../runs/folder.ts";
import type { Inside } from "../inside.ts";

/** How long calls last. */
export interface Latency {
  readonly told: RehearsedLatency;
  /** Ms of one call. @param chance 0 <= x < 1: which of those that are known. */
  ofCall(chance: number): number;
}

/** Of an answer from the other end of an ocean. */
const usualMs = 300;
/** Answers of an earlier run that are looked at; more of them would say nothing else. */
const mostAnswers = 20_000;

/**
 * As asked for; else as in the newest run of the same plan on the same service that changed something; else as usual.
 * @param asked Ms.
 */
export async function latencyFor(
  inside: Inside,
  { plan, service, asked }: { readonly plan: Plan; readonly service: Service; readonly asked: number | undefined },
): Promise<Latency> {
  if (asked !== undefined) return constant(asked, "option");
  for await (const folder of newestFirst(await listRuns(inside.root))) {
    try {
      const found = await measuredIn(folder, plan, service);
      if (found !== undefined) return found;
    } catch (error) {
      // What a damaged record says is nothing to go by; `audit verify` names the place.
      if (!(error instanceof RunnerError)) throw error;
      inside.log.warn({ run: folder.run, reason: error.message }, "its answers are not counted");
    }
  }
  return constant(usualMs, "default");
}

function constant(ms: number, from: "option" | "default"): Latency {
  return { told: { from, medianMs: ms, pageMs: ms }, ofCall: () => ms };
}

/** A run that takes one of the plan back goes by its name too, and may make another call. */
function isAlike({ plan: { name }, service, change }: FactOf<"start">, plan: Plan, url: string): boolean {
  return name === plan.name && service.endpoint === url && change.method === plan.change.method;
}

async function measuredIn({ ledger, run }: RunFolder, plan: Plan, { url }: Service): Promise<Latency | undefined> {
  const answers: number[] = [];
  let pageMs: number | undefined;
  for await (const fact of readLedger(ledger, run)) {
    if (fact.type === "start" && !isAlike(fact, plan, url)) return undefined;
    if (fact.type === "enumerated" && fact.pages > 0 && plan.reads === undefined)
      pageMs = Math.round(Math.max(0, fact.ended - fact.began) / fact.pages);
    const isAnswer = fact.type === "outcome" && (fact.kind === "accepted" || fact.kind === "rejected");
    if (isAnswer && fact.ms > 0) answers.push(fact.ms);
    if (answers.length === mostAnswers) break;
  }
  if (answers.length === 0) return undefined;
  const sorted = answers.sort((one, other) => one - other);
  const at = (chance: number): number => sorted[Math.floor(chance * sorted.length)] ?? usualMs;
  const medianMs = at(0.5);
  return { told: { from: "run", run, medianMs, pageMs: pageMs ?? medianMs }, ofCall: at };
}
