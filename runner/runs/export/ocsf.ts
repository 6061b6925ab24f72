import type { FactOf, LedgerRecord, Person } from "../../core/model/events.ts";
import type { RunId } from "../../core/model/item.ts";

// OCSF 1.3, class API Activity (6003): https://schema.ocsf.io/1.3.0/classes/api_activity. An event for each request that could
// have left; what it was about are its resources, and what the class has no place for stands under `unmapped`.

const schemaVersion = "1.3.0";
const categoryUid = 6;
const classUid = 6003;

const activities = { update: [3, "Update"], delete: [4, "Delete"], other: [99, "Other"] } as const;
const statuses = { success: [1, "Success"], failure: [2, "Failure"], unknown: [0, "Unknown"] } as const;
const severities = { success: [1, "Informational"], failure: [3, "Medium"], unknown: [3, "Medium"] } as const;

type Intent = FactOf<"intent"> & Pick<LedgerRecord, "seq" | "t">;
type Answered = FactOf<"outcome"> & Pick<LedgerRecord, "seq" | "t">;

/** A request: the intents that it carried, the first of which names it, and when its bytes could leave. */
interface Sent {
  readonly intents: readonly Intent[];
  readonly t: number;
  readonly waiting: Set<number>;
  readonly answers: Answered[];
}

/** Events of a run, from its records in their order. In memory are the requests that are under way. */
export class OcsfEvents {
  readonly #run: RunId;
  #start: FactOf<"start"> | undefined;
  #by: Person = { name: "", host: "" };
  #tool = "";
  readonly #intents = new Map<number, Intent>();
  readonly #sent = new Map<number, Sent>();

  constructor(run: RunId) {
    this.#run = run;
  }

  /** The next record. @returns The events that it ends, as JSON. */
  take(found: LedgerRecord): readonly string[] {
    switch (found.type) {
      case "start":
        this.#start = found;
        [this.#by, this.#tool] = [found.by, found.tool];
        return [];
      case "resume":
        [this.#by, this.#tool] = [found.by, found.tool];
        return [];
      case "intent":
        this.#intents.set(found.seq, found);
        return [];
      case "sent":
        this.#send(found.intents, found.t);
        return [];
      case "withdrawn":
        for (const intent of found.intents) this.#drop(intent);
        return [];
      case "hold":
        this.#drop(found.intent);
        return [];
      case "outcome":
        return this.#answer(found);
      default:
        return [];
    }
  }

  /** What is under way at the end of the record: nobody knows what became of it. */
  end(): readonly string[] {
    for (const { seq, t } of this.#intents.values()) if (!this.#sent.has(seq)) this.#send([seq], t);
    return [...new Set(this.#sent.values())].map((sent) => this.#event(sent));
  }

  #send(seqs: readonly number[], t: number): void {
    const intents = seqs.flatMap((seq) => this.#intents.get(seq) ?? []);
    if (intents.length === 0) return;
    const sent: Sent = { intents, t, waiting: new Set(intents.map(({ seq }) => seq)), answers: [] };
    for (const { seq } of intents) this.#sent.set(seq, sent);
  }

  #drop(intent: number): void {
    this.#sent.get(intent)?.waiting.delete(intent);
    this.#sent.delete(intent);
    this.#intents.delete(intent);
  }

  #answer(found: Answered): readonly string[] {
    const { intent, kind } = found;
    // Without a mark it left only where nobody can say that it did not.
    if (!this.#sent.has(intent) && kind === "lost") this.#send([intent], this.#intents.get(intent)?.t ?? found.t);
    const sent = this.#sent.get(intent);
    this.#drop(intent);
    if (sent === undefined) return [];
    sent.answers.push(found);
    return sent.waiting.size === 0 ? [this.#event(sent)] : [];
  }

  #event({ intents, t, answers }: Sent): string {
    const [first] = intents;
    const start = this.#start;
    if (first === undefined || start === undefined)
      throw new RangeError("a request without an intent, or before the start");
    const { change, service } = start;
    const [activity_id, activity_name] = activities[activityOf(start, first)];
    const result = resultOf(intents, answers);
    const [status_id, status] = statuses[result];
    const [severity_id, severity] = severities[result];
    const answer = answers.find(({ kind }) => kind !== "accepted") ?? answers[0];
    const failure = answer !== undefined && "failure" in answer ? answer.failure : undefined;
    const ms = answers.reduce((most, one) => Math.max(most, one.ms), 0);
    return JSON.stringify({
      ...{ activity_id, activity_name, category_uid: categoryUid, category_name: "Application Activity" },
      ...{ class_uid: classUid, class_name: "API Activity", type_uid: classUid * 100 + activity_id },
      type_name: `API Activity: ${activity_name}`,
      ...{ time: t, start_time: t, ...(answer && { end_time: answer.t, duration: Math.round(ms) }) },
      ...{ severity_id, severity, status_id, status },
      ...(failure && { status_code: failure.code, status_detail: failure.message }),
      metadata: {
        version: schemaVersion,
        product: { name: "Rollcall", vendor_name: "Rollcall", version: this.#tool },
        uid: `${this.#run}:${first.seq}`,
        correlation_uid: this.#run,
        log_name: "ledger",
        sequence: first.seq,
        ...(answer && { logged_time: answer.t }),
      },
      actor: { user: { name: this.#by.name, type_id: 1 }, app_name: this.#tool },
      api: {
        operation: first.method,
        service: { name: service.name },
        request: { uid: `${this.#run}-${first.seq}-${first.attempt}` },
        ...(failure && { response: { error: failure.code, error_message: failure.message } }),
      },
      src_endpoint: { hostname: this.#by.host },
      dst_endpoint: endpointOf(service),
      resources: intents.map(({ id, title, before, after }) => ({ uid: id, name: title, data: { before, after } })),
      unmapped: {
        ...{ run: this.#run, plan: start.plan.name, attempt: first.attempt, wave: first.wave, repeat: change.repeat },
        ...{ intents: intents.map(({ seq }) => seq), outcome: answer?.kind ?? "none" },
        ...(this.#by.ci !== undefined && { ci: this.#by.ci }),
      },
    });
  }
}

function activityOf({ change }: FactOf<"start">, { after }: Intent): keyof typeof activities {
  if (Object.keys(after).length > 0 && change.repeat === "set") return "update";
  return change.destructive ? "delete" : "other";
}

/** Of one call about several items it is a success only if it was one for each. */
function resultOf(intents: readonly Intent[], answers: readonly Answered[]): keyof typeof statuses {
  if (answers.some(({ kind }) => kind === "rejected" || kind === "not-acted")) return "failure";
  const isAll = answers.length === intents.length && answers.every(({ kind }) => kind === "accepted");
  return isAll ? "success" : "unknown";
}

/** Of an address that is none the name of the service is left. */
function endpointOf({ name, endpoint }: FactOf<"start">["service"]): object {
  if (!URL.canParse(endpoint)) return { svc_name: name };
  const url = new URL(endpoint);
  const port = url.port === "" ? {} : { port: Number(url.port) };
  return { svc_name: name, hostname: url.hostname, ...port };
}
