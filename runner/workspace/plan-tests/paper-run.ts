import { digestOf } from "../../core/model/digest.ts";
import { formatVersion, type FactOf } from "../../core/model/events.ts";
import type { Clock } from "../../core/model/ports.ts";
import type { Journal } from "../../core/model/run-ports.ts";
import type { Service } from "../../core/model/service.ts";
import { RunState } from "../../core/tally/fold.ts";
import { Book } from "../../engine/book.ts";
import { openInbox } from "../../engine/inbox.ts";
import type { Job, Parts, Signals } from "../../engine/job.ts";
import { currentOwner } from "../../runs/owner.ts";
import { currentPerson } from "../../runs/person.ts";
import { changeFactsOf, factsOf } from "../connect.ts";
import type { PaperSelection } from "../paper-selection.ts";
import { toolVersion } from "../version.ts";
import type { Given } from "./given.ts";
import type { Stage } from "./stage.ts";

interface Props {
  readonly stage: Stage;
  readonly clock: Clock;
  readonly selection: PaperSelection;
}

/** Everything the engine needs from the outside to decide and to judge; it never gets as far as sending. */
export function partsFor({ stage, clock, selection }: Props): Parts {
  let seq = 0;
  const journal: Journal = {
    note: (facts) => {
      const first = seq + 1;
      seq += facts.length;
      return first;
    },
    sync: () => Promise.resolve(),
  };
  const unasked = (): never => {
    throw new Error("a plan test was asked for what only a run that writes has");
  };
  return {
    ...{ connection: stage, clock, inbox: openInbox(), by: currentPerson({}), random: () => 0 },
    book: new Book(journal, new RunState(), clock),
    selection: () => Promise.resolve(selection),
    keepLookups: (lookup) => Promise.resolve(digestOf(lookup)),
    bystanders: nobody,
    firstList: nobody,
    ...{ earlier: unasked, consent: unasked, takeLock: unasked, claim: unasked, holdsLock: unasked },
    ...{ backend: unasked, reveal: unasked, spill: unasked },
    controls: { take: unasked, listen: unasked, done: unasked },
  };
}

/** What the engine knows of a run. One item is read at a time, so that the order of calls is always the same. */
export function startFact(
  { run, plan }: Job,
  { service, given }: { readonly service: Service; readonly given: Given },
): FactOf<"start"> {
  return {
    ...{ type: "start", format: formatVersion, run, estate: "", tool: toolVersion(), owner: currentOwner() },
    ...{ by: currentPerson({}), login: given.login, inputs: plan.inputs, secrets: {}, now: given.now },
    service: { name: service.name, kind: service.kind, endpoint: service.url },
    plan: { name: plan.name, digest: plan.digest },
    change: changeFactsOf(plan),
    facts: { ...factsOf(plan, service), concurrency: 1 },
    ...{ skewMs: null, previous: null },
  };
}

/** Nobody interrupts a test. */
export function neverStopped(): Signals {
  const { signal } = new AbortController();
  return { stop: signal, abort: signal };
}

/** A test tells of the items that it is about, and the list that it gives afterwards is taken for whole. */
async function* nobody(): AsyncGenerator<never> {}
