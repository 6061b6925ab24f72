import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { Change } from "../../runner/core/model/change.ts";

/** One call the service received, as it saw it itself. Times are ms since boot, on the same clock as the ledger's `up`. */
export interface Received {
  readonly rpcId: string;
  readonly method: string;
  readonly item: string | undefined;
  readonly authenticated: boolean;
  readonly arrived: number;
  /** When the change took effect; undefined: it never did. */
  readonly effect: number | undefined;
}

export interface Witness {
  readonly received: readonly Received[];
  /** Somebody else changed this item at that moment. */
  readonly edits: readonly { readonly item: string; readonly at: number }[];
  /** Most changes that were under way at once, as the service counted. */
  readonly maxInFlight: number;
  /** What the service holds now, in the plan's own values; undefined: the item is gone. */
  readonly valueNow: (item: string) => Readonly<Record<string, unknown>> | undefined;
  /** The same at an earlier instant, ms since boot. */
  readonly valueAt: (item: string, up: number) => Readonly<Record<string, unknown>> | undefined;
}

export interface Evidence {
  readonly records: readonly LedgerRecord[];
  readonly inventory: readonly { readonly id: string; readonly as: string }[];
  readonly changes: readonly Change[];
  readonly witness: Witness;
  readonly method: string;
  readonly repeat: "set" | "once";
  readonly expectAbsent?: boolean;
  /** A service that lies about success or stores despite an error excuses I8. */
  readonly lying?: boolean;
}

type RecordOf<T extends LedgerRecord["type"]> = Extract<LedgerRecord, { type: T }>;
const only = <T extends LedgerRecord["type"]>(records: readonly LedgerRecord[], type: T): RecordOf<T>[] =>
  records.filter((record): record is RecordOf<T> => record.type === type);

/**
 * Everything of docs/invariants.md, checked from the evidence alone: ledger, inventory, change set and the
 * witness. Shares no code with the product, so that a mistake there is not mirrored here.
 * @returns One line a violation, beginning with the invariant's number; empty when all hold.
 */
export function check(evidence: Evidence): string[] {
  const stories = storiesOf(evidence);
  return [
    ...conservation(evidence, stories),
    ...requests(evidence, stories),
    ...stories.flatMap((story) => itemInvariants(evidence, story)),
    ...flow(evidence),
    ...ending(evidence, stories),
  ];
}

interface Story {
  readonly change: Change;
  readonly events: readonly LedgerRecord[];
  readonly received: readonly Received[];
}

function storiesOf({ records, changes, witness, method }: Evidence): Story[] {
  const itemOf = new Map(only(records, "intent").map((intent) => [intent.seq, intent.index]));
  const perItem = new Map<number, LedgerRecord[]>(changes.map((change) => [change.index, []]));
  const give = (index: number | undefined, record: LedgerRecord): void => {
    if (index !== undefined) perItem.get(index)?.push(record);
  };
  for (const record of records) {
    if (record.type === "intent" || record.type === "outcome" || record.type === "read") give(record.index, record);
    if (record.type === "sent" || record.type === "withdrawn")
      for (const intent of record.intents) give(itemOf.get(intent), { ...record, intents: [intent] });
    if (record.type === "verdict") for (const index of record.indexes) give(index, record);
  }
  const byItem = groupBy(
    witness.received.filter((call) => call.method === method && call.authenticated),
    (call) => call.item,
  );
  return changes.map((change) => ({
    change,
    events: perItem.get(change.index) ?? [],
    received: byItem.get(change.id) ?? [],
  }));
}

/** Where an item is, told from its own records in plain words. */
function whereIs(story: Story, { expectAbsent, records }: Evidence): { state: string; by?: string } {
  let answer: "none" | "open" | "accepted" | "rejected" | "lost" | "drifted" | "already" = "none";
  let seen: string | undefined;
  let losses = 0;
  let past = false;
  let onItsWay = false;
  for (const record of story.events) {
    switch (record.type) {
      case "intent":
      case "sent":
        answer = "open";
        break;
      case "withdrawn":
        answer = losses > 0 ? "lost" : "none";
        break;
      case "outcome":
        if (record.kind === "lost" || (record.kind === "rejected" && losses > 0)) {
          losses += 1;
          answer = "open";
          seen = undefined;
        } else if (record.kind === "not-acted") answer = losses > 0 ? "lost" : "none";
        // What was touched before can not have moved, or be as wanted, all by itself.
        else if ((record.kind === "drifted" || record.kind === "already") && losses > 0) answer = "lost";
        else {
          answer = record.kind;
          if (record.kind === "accepted") seen = undefined;
        }
        break;
      case "read":
        if (record.why !== "settle" || record.seen === "early-before") break;
        answer = "lost";
        if (record.seen !== "unreadable") seen = record.seen;
        break;
      case "verdict":
        seen = record.seen;
        past = record.pastHorizon === true;
        onItsWay = record.pendingNow === true;
        break;
      default:
        break;
    }
  }
  if (answer === "none") return { state: "not-started" };
  if (answer === "open" || answer === "drifted" || answer === "already") return { state: answer };
  if (only(records, "start")[0]?.change.unverifiable === true)
    return { state: answer === "accepted" ? "unverifiable" : answer === "lost" ? "unknown" : answer };
  if (seen === "after")
    return { state: "confirmed", by: losses > 0 ? "unsure" : answer === "rejected" ? "despite" : "ours" };
  if (seen === "other") return { state: onItsWay ? "pending" : "diverged" };
  if (seen === "absent" && expectAbsent !== true) return { state: "vanished" };
  if (answer === "accepted") return { state: seen === "before" && past && !onItsWay ? "diverged" : "pending" };
  return { state: answer === "rejected" ? "rejected" : "unknown" };
}

/** I1: the states partition the enumeration, and the end record says the same. */
function conservation(evidence: Evidence, stories: readonly Story[]): string[] {
  const { records, inventory, changes } = evidence;
  const problems: string[] = [];
  const enumerated = only(records, "enumerated").at(-1);
  const counts = new Map<string, number>();
  const add = (state: string): void => void counts.set(state, (counts.get(state) ?? 0) + 1);
  for (const { as } of inventory) if (as !== "selected") add(as);
  for (const story of stories) add(whereIs(story, evidence).state);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (enumerated === undefined) problems.push("I1: no enumerated record");
  else if (total !== enumerated.rows)
    problems.push(`I1: ${total} items have a state, ${enumerated.rows} were enumerated`);
  if (new Set(inventory.map(({ id }) => id)).size !== inventory.length)
    problems.push("I1: a key is in the inventory twice");
  const selected = inventory.filter(({ as }) => as === "selected").map(({ id }) => id);
  if (selected.join() !== changes.map(({ id }) => id).join())
    problems.push("I1: inventory and change set select different items");
  const end = only(records, "end").at(-1);
  if (end !== undefined && end.seq === records.at(-1)?.seq) {
    for (const [state, count] of Object.entries(end.counts)) {
      if ((counts.get(state) ?? 0) !== count)
        problems.push(`I1: end says ${count} ${state}, the records say ${counts.get(state) ?? 0}`);
    }
  }
  return problems;
}

/** I3, I2 for items outside the change set, and I9 as the service saw it. */
function requests({ records, changes, witness, method, inventory }: Evidence, _stories: readonly Story[]): string[] {
  const problems: string[] = [];
  const run = only(records, "start")[0]?.run;
  const intents = new Map(only(records, "intent").map((intent) => [`${run}-${intent.seq}-${intent.attempt}`, intent]));
  const ids = new Set<string>(changes.map(({ id }) => id));
  const untouched = new Set(inventory.map(({ id }) => id).filter((id) => !ids.has(id)));
  for (const call of witness.received) {
    if (call.method !== method || !call.authenticated) continue;
    if (call.item !== undefined && untouched.has(call.item))
      problems.push(`I2: item ${call.item} was not selected but received a request`);
    const intent = intents.get(call.rpcId);
    if (intent === undefined) problems.push(`I3: request ${call.rpcId} has no intent`);
    else if (intent.id !== call.item)
      problems.push(`I3: request ${call.rpcId} is for ${call.item ?? "nothing"}, its intent for ${intent.id}`);
    else if (intent.up > call.arrived) problems.push(`I3: request ${call.rpcId} arrived before its intent was written`);
  }
  return [...problems, ...intentions(records, witness, run)];
}

/**
 * I3 for each intent: it is answered or withdrawn, once; what was received bears its mark and was never called withdrawn; it is
 * marked once, and once more only when the service refused the session; only what was marked has an answer of the service.
 */
function intentions(records: readonly LedgerRecord[], witness: Witness, run: string | undefined): string[] {
  const problems: string[] = [];
  const boots = new Set([...only(records, "start"), ...only(records, "resume")].map(({ owner }) => owner.boot));
  const rebooted = boots.size > 1;
  for (const intent of only(records, "intent")) {
    const id = `${run}-${intent.seq}-${intent.attempt}`;
    const received = witness.received.filter((call) => call.rpcId === id);
    const refused = received.filter((call) => !call.authenticated).length;
    const marks = only(records, "sent").filter(({ intents }) => intents.includes(intent.seq)).length;
    const withdrawals = only(records, "withdrawn").filter(({ intents }) => intents.includes(intent.seq)).length;
    const outcomes = only(records, "outcome").filter((outcome) => outcome.intent === intent.seq);
    const say = (text: string): void => void problems.push(`I3: intent ${intent.seq} (item ${intent.id}) ${text}`);
    if (withdrawals + outcomes.length > 1) say("is answered or withdrawn more than once");
    // Power loss takes marks with it: they are not synced.
    if (rebooted) continue;
    if (received.length > 0 && marks === 0) say("was received without a sent mark");
    if (received.length > marks) say(`was received ${received.length} times and marked ${marks} times`);
    if (marks > 1 + refused) say(`is marked as sent ${marks} times`);
    if (withdrawals > 0 && received.length > refused) say("was withdrawn, but received");
    const [outcome] = outcomes;
    const needsMark = outcome !== undefined && ["accepted", "rejected", "lost"].includes(outcome.kind);
    const died = outcome?.kind === "lost" && outcome.failure.code === "process-died";
    // What can not be sent at all is refused by ourselves.
    const isOurs = outcome?.kind === "rejected" && outcome.failure.class === "fatal" && received.length === 0;
    if (needsMark && !died && !isOurs && marks === 0) say(`has the answer ${outcome.kind} without having been sent`);
  }
  return problems;
}

function itemInvariants(evidence: Evidence, story: Story): string[] {
  const { change, events, received } = story;
  const where = whereIs(story, evidence);
  const problems: string[] = [];
  const say = (text: string): void => void problems.push(`${text} (item ${change.id})`);
  if (["not-started", "drifted", "already"].includes(where.state) && received.length > notActed(events)) {
    say(`I2: ${where.state} but the service received ${received.length} requests`);
  }
  problems.push(...blindResends(evidence, story));
  if (evidence.repeat === "once" && received.length > 1 + notActed(events))
    say(`I5: a once was received ${received.length} times`);
  problems.push(...doubleApplications(evidence, story));
  problems.push(...confirmation(evidence, story, where));
  return problems;
}

const notActed = (events: readonly LedgerRecord[]): number =>
  events.filter((record) => record.type === "outcome" && record.kind === "not-acted").length;

/** I4: between two `sent` of an item lies its not-acted or withdrawn, or a settling read of the old value begun late enough. */
function blindResends({ records }: Evidence, { change, events }: Story): string[] {
  const facts = only(records, "start")[0]?.facts;
  const settleMs = (facts?.timeoutMs ?? 0) + (facts?.lateMs ?? 0);
  const problems: string[] = [];
  let sentAt: number | undefined;
  let sentBy: number | undefined;
  for (const record of events) {
    if (record.type === "sent") {
      // The same attempt leaves twice when the session was refused, which happens before anything is done.
      const again = sentAt !== undefined && record.intents[0] !== sentBy;
      if (again) problems.push(`I4: sent again without a read that allows it (item ${change.id})`);
      sentAt = record.up;
      sentBy = record.intents[0];
    }
    const cleared =
      record.type === "withdrawn" ||
      (record.type === "outcome" && record.kind === "not-acted") ||
      (record.type === "read" &&
        record.why === "settle" &&
        record.seen === "before" &&
        record.began >= (sentAt ?? 0) + settleMs);
    if (cleared) sentAt = undefined;
  }
  return problems;
}

/** I6: applied twice only when the first application came later than allowed for, or somebody else edited in between. */
function doubleApplications({ records, witness, repeat }: Evidence, { change, events, received }: Story): string[] {
  const facts = only(records, "start")[0]?.facts;
  // The deadline runs from the moment the client let the bytes go, however long they then lay in front of a busy service.
  const sentAt = (call: Received): number => {
    const intent = Number(call.rpcId.split("-").at(-2));
    return only(events, "sent").findLast((mark) => mark.intents[0] === intent)?.up ?? call.arrived;
  };
  const applied = received
    .filter((call) => call.effect !== undefined)
    .sort((a, b) => (a.effect ?? 0) - (b.effect ?? 0));
  if (applied.length <= 1) return [];
  const excused = applied.slice(1).every((call, place) => {
    const earlier = applied[place];
    const late = applied.some(
      (one) => (one.effect ?? 0) > sentAt(one) + (facts?.timeoutMs ?? 0) + (facts?.lateMs ?? 0),
    );
    const edited = witness.edits.some(
      ({ item, at }) => item === change.id && at > (earlier?.effect ?? 0) && at < (call.effect ?? 0),
    );
    return late || edited;
  });
  return excused ? [] : [`I6: applied ${applied.length} times (${repeat}), nothing excuses it (item ${change.id})`];
}

/** I7, I8, I14, I16. */
function confirmation(
  evidence: Evidence,
  { change, events, received }: Story,
  where: { state: string; by?: string },
): string[] {
  const problems: string[] = [];
  const lastOutcome = events.findLastIndex((record) => record.type === "outcome");
  const outcome = events[lastOutcome];
  if (where.state === "confirmed") {
    const proof = events.slice(lastOutcome + 1).some((record) => proves(record, outcome, evidence.records));
    if (!proof)
      problems.push(`I7: confirmed without a read of the new value begun after its last outcome (item ${change.id})`);
    const edited = evidence.witness.edits.some(({ item }) => item === change.id);
    const holds = isAsWanted(evidence, change, evidence.witness.valueNow(change.id));
    if (!edited && !holds) problems.push(`I7: confirmed, but the service holds something else (item ${change.id})`);
    const seenBy = events.findLast((record) => proves(record, outcome, evidence.records))?.up ?? Infinity;
    if (!everHeld(evidence, { change, events, received }, seenBy))
      problems.push(`I7: confirmed, but the service never held the new value by then (item ${change.id})`);
  }
  const accepted = events.some((record) => record.type === "outcome" && record.kind === "accepted");
  if (where.by === "ours" && !accepted) problems.push(`I8: by ours without an accepted answer (item ${change.id})`);
  if (accepted && evidence.lying !== true && !received.some((call) => call.effect !== undefined)) {
    problems.push(`I8: accepted, but the service never applied it (item ${change.id})`);
  }
  const standing = events.findIndex(
    (record, place) =>
      record.type === "outcome" &&
      (record.kind === "accepted" || (record.kind === "rejected" && !events.slice(0, place).some(isLost))),
  );
  if (standing !== -1 && events.slice(standing + 1).some((record) => record.type === "sent")) {
    problems.push(`I14: sent after an answer that stands (item ${change.id})`);
  }
  for (const record of events) {
    if (record.type !== "verdict") continue;
    const begun = evidence.records.find(
      (one) => one.type === "pass" && one.phase === "begin" && one.pass === record.pass && one.seq < record.seq,
    );
    const complete = evidence.records.some(
      (one) => one.type === "pass" && one.phase === "end" && one.pass === record.pass && one.complete,
    );
    const after = events
      .slice(0, events.indexOf(record))
      .every((one) => one.type !== "outcome" || (begun !== undefined && one.seq < begun.seq));
    if (!complete || !after)
      problems.push(`I16: a verdict from a pass that is incomplete or began before the outcome (item ${change.id})`);
  }
  return problems;
}

function isAsWanted(
  { expectAbsent }: Evidence,
  change: Change,
  value: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (expectAbsent === true) return value === undefined;
  return value !== undefined && Object.entries(change.after).every(([name, wanted]) => value[name] === wanted);
}

/** Whether the service held the wanted value at some moment between the first request and `until`. */
function everHeld(evidence: Evidence, { change, received }: Story, until: number): boolean {
  const { witness } = evidence;
  const edits = witness.edits.filter(({ item }) => item === change.id).map(({ at }) => at);
  const effects = received.flatMap(({ effect }) => (effect === undefined ? [] : [effect]));
  const from = received[0]?.arrived ?? 0;
  const moments = [from, ...edits.map((at) => at + 0.001), ...effects.map((at) => at + 0.001), until];
  // The ledger counts whole milliseconds, cut off.
  return moments
    .filter((at) => at <= until + 1)
    .some((at) => isAsWanted(evidence, change, witness.valueAt(change.id, at)));
}

const isLost = (record: LedgerRecord): boolean => record.type === "outcome" && record.kind === "lost";

function proves(record: LedgerRecord, outcome: LedgerRecord | undefined, records: readonly LedgerRecord[]): boolean {
  if (record.type === "read") return record.seen === "after" && record.began >= (outcome?.up ?? 0) - 1;
  if (record.type !== "verdict" || record.seen !== "after") return false;
  const begun = records.find((one) => one.type === "pass" && one.phase === "begin" && one.pass === record.pass);
  return begun !== undefined && begun.seq > (outcome?.seq ?? 0);
}

/** I9, I10, I12, I15: what was under way, what left after a stop, waves in order, one writer. */
function flow({ records, witness }: Evidence): string[] {
  const problems: string[] = [];
  const facts = only(records, "start")[0]?.facts;
  const concurrency = facts?.concurrency ?? Infinity;
  const flight = new Set<number>();
  const ahead = new Set<number>();
  const settling = new Set<number>();
  let stopped = false;
  let generation = 0;
  let wave = -1;
  let waveEnded = true;
  for (const record of records) {
    switch (record.type) {
      case "sent":
        for (const intent of record.intents) flight.add(intent);
        if (stopped) problems.push(`I10: sent after the run had stopped (seq ${record.seq})`);
        if (flight.size > concurrency)
          problems.push(`I9: ${flight.size} in flight, ${concurrency} allowed (seq ${record.seq})`);
        break;
      case "withdrawn":
        for (const intent of record.intents) flight.delete(intent);
        for (const intent of record.intents) ahead.delete(intent);
        break;
      case "outcome":
        flight.delete(record.intent);
        ahead.delete(record.intent);
        if (record.kind === "lost") settling.add(record.index);
        if (settling.size > 2 * concurrency)
          problems.push(`I9: ${settling.size} in doubt, at most ${2 * concurrency} may be (seq ${record.seq})`);
        break;
      case "read":
        if (record.seen !== "early-before") settling.delete(record.index);
        if (record.began > record.up + 1) problems.push(`I4: a read begun after it was written (seq ${record.seq})`);
        break;
      case "limit":
      case "stopped":
        stopped = true;
        break;
      case "wave":
        if (record.phase === "begin" && !waveEnded)
          problems.push(`I12: wave ${record.wave} began before the last one ended`);
        waveEnded = record.phase === "end";
        wave = record.wave;
        break;
      case "intent":
        ahead.add(record.seq);
        if (ahead.size > concurrency + (facts?.margin ?? Infinity))
          problems.push(`I9: ${ahead.size} intents at once, ${concurrency} slots and ${facts?.margin} ahead allowed`);
        if (record.wave !== wave) problems.push(`I12: an intent of wave ${record.wave} within wave ${wave}`);
        break;
      case "lock":
        if (record.generation <= generation)
          problems.push(`I15: lock generation ${record.generation} after ${generation}`);
        generation = record.generation;
        break;
      case "resume":
        stopped = false;
        waveEnded = true;
        flight.clear();
        ahead.clear();
        break;
      default:
        break;
    }
  }
  if (witness.maxInFlight > concurrency)
    problems.push(`I9: the service saw ${witness.maxInFlight} changes at once, ${concurrency} allowed`);
  return problems;
}

/** I11 and I18. */
function ending(evidence: Evidence, stories: readonly Story[]): string[] {
  const problems: string[] = [];
  const { records } = evidence;
  const end = only(records, "end").at(-1);
  if (end === undefined) return problems;
  const states = stories.map((story) => whereIs(story, evidence).state);
  const open = states.includes("open");
  if (end.sealed !== !open)
    problems.push(`I18: sealed is ${end.sealed}, but ${open ? "an item is" : "no item is"} open`);
  const reasons = Object.entries(end.notStarted).filter(([, count]) => count > 0);
  const unsent = reasons.reduce((sum, [, count]) => sum + count, 0);
  if (unsent !== end.counts["not-started"])
    problems.push(`I18: ${end.counts["not-started"]} items were not started, reasons are given for ${unsent}`);
  const exits = exitsOf(evidence, open);
  if (end.exits.join() !== exits.join() || end.exit !== (exits[0] ?? 0))
    problems.push(`I18: exit codes are ${end.exits.join() || 0}, should be ${exits.join() || 0}`);
  return [...problems, ...overshoot(evidence, stories)];
}

/** The table of exit codes, from the end record and the records before it. */
function exitsOf({ records }: Evidence, open: boolean): number[] {
  const { counts, notStarted } = only(records, "end").at(-1) ?? { counts: {}, notStarted: {} };
  const has = (...names: string[]): boolean =>
    names.some((name) => ((counts as Record<string, number>)[name] ?? 0) > 0);
  const because = (...names: string[]): boolean =>
    names.some((name) => ((notStarted as Record<string, number>)[name] ?? 0) > 0);
  const epoch = records.slice(records.findLastIndex(({ type }) => type === "resume") + 1);
  const interrupted = only(epoch, "control").some(({ op }) => op === "interrupt");
  const applies: readonly (readonly [number, boolean])[] = [
    [10, because("record")],
    [7, open || has("unknown", "diverged", "drifted", "vanished")],
    [
      6,
      has("rejected", "refused") ||
        because("limit", "parked", "gate", "aborted", "expired", "login", "lock", "crash", "record"),
    ],
    [130, interrupted || because("interrupted")],
    [8, has("pending") || because("held", "window")],
  ];
  return applies.filter(([, does]) => does).map(([exit]) => exit);
}

/**
 * I11: when a limit on errors trips, its number is over what is tolerated by no more than what was in flight, and no more is
 * added than what still was, 2C in all. Counted until the last wave ends: what verification finds out later stops nothing.
 */
function overshoot(evidence: Evidence, stories: readonly Story[]): string[] {
  const { records } = evidence;
  const concurrency = only(records, "start")[0]?.facts.concurrency ?? 0;
  const until = records.findLast((one) => one.type === "wave" && one.phase === "end")?.seq ?? Infinity;
  const problems: string[] = [];
  for (const limit of only(records, "limit")) {
    if (limit.value <= limit.tolerated)
      problems.push(`I11: limit ${limit.limit} at ${limit.value} of ${limit.tolerated}`);
    if (limit.inFlight > 2 * concurrency)
      problems.push(`I11: ${limit.inFlight} in flight at a limit, slots are ${concurrency}`);
    if (limit.limit !== "errors" && limit.limit !== "percent") continue;
    const errors = stories.filter((story) => {
      const then = { ...story, events: story.events.filter(({ seq }) => seq <= until) };
      return ["rejected", "diverged", "vanished"].includes(whereIs(then, evidence).state);
    }).length;
    if (errors > limit.value + limit.inFlight)
      problems.push(`I11: ${errors} errors, ${limit.value} when the limit tripped and ${limit.inFlight} in flight`);
    if (errors > limit.tolerated + 1 + 2 * concurrency)
      problems.push(`I11: ${errors} errors, ${limit.tolerated} tolerated, ${concurrency} slots`);
  }
  return problems;
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}
