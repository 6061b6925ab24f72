import { createHash } from "node:crypto";
import type { LedgerRecord } from "../../runner/core/model/events.ts";
import type { Change } from "../../runner/core/model/change.ts";

/** One call the service received, as it saw it itself. Times are ms since boot, on the same clock as the ledger's `up`. */
export interface Received {
  readonly rpcId: string;
  readonly method: string;
  readonly item: string | undefined;
  /** All it was about, where that is more than one. */
  readonly items?: readonly string[];
  /** Those of them that were changed. */
  readonly changed?: readonly string[];
  readonly authenticated: boolean;
  readonly arrived: number;
  /** When the change took effect; undefined: it never did. */
  readonly effect: number | undefined;
  /** Names of the faults that struck it, joined with `+`. */
  readonly fault?: string;
  /** For a read: the instant of the data served. */
  readonly asOf?: number;
  /** For a list: items that belong into this page, and that a fault left out. */
  readonly hidden?: readonly string[];
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
  /** Items in one call at most; 1 when left out. */
  readonly chunk?: number;
}

/** The evidence, and the records that are looked up again and again. */
interface Case extends Evidence {
  readonly start: RecordOf<"start"> | undefined;
  readonly passes: readonly RecordOf<"pass">[];
  /** Requests that read, by what they asked for: an item, or (undefined) the list. */
  readonly reads: ReadonlyMap<string | undefined, readonly Received[]>;
  /** Told why something is allowed that would be a violation otherwise. */
  readonly excuse: (rule: Excuse) => void;
}

/**
 * What the witness may say in excuse: what nobody who can only ask the service could have known or prevented. Each excuses
 * one item, and only from what it explains.
 */
export type Excuse =
  | "I6 it acted later than deadline plus `late`"
  | "I6 another editor in between"
  | "I6 the read that allowed it was older than declared"
  | "I7 another editor"
  | "I7 the list left the item out"
  | "I8 the service said yes and did nothing"
  | "I8 the service said no and did it";

type RecordOf<T extends LedgerRecord["type"]> = Extract<LedgerRecord, { type: T }>;
const only = <T extends LedgerRecord["type"]>(records: readonly LedgerRecord[], type: T): RecordOf<T>[] =>
  records.filter((record): record is RecordOf<T> => record.type === type);

/**
 * Everything of docs/invariants.md, checked from the evidence alone: ledger, inventory, change set and the
 * witness. Shares no code with the product, so that a mistake there is not mirrored here.
 * @returns One line a violation, beginning with the invariant's number; empty when all hold.
 */
export function check(given: Evidence, excuse: (rule: Excuse) => void = () => undefined): string[] {
  const evidence = caseOf(given, excuse);
  const stories = storiesOf(evidence);
  return [
    ...conservation(evidence, stories),
    ...requests(evidence, stories),
    ...stories.flatMap((story) => itemInvariants(evidence, story)),
    ...flow(evidence),
    ...ending(evidence, stories),
  ];
}

function caseOf(evidence: Evidence, excuse: Case["excuse"]): Case {
  const { records, witness, method } = evidence;
  const reads = witness.received.filter((call) => call.asOf !== undefined && call.method !== method);
  return {
    ...evidence,
    start: only(records, "start")[0],
    passes: only(records, "pass"),
    reads: groupBy(reads, (call) => call.item),
    excuse,
  };
}

interface Story {
  readonly change: Change;
  readonly events: readonly LedgerRecord[];
  readonly received: readonly Received[];
}

function storiesOf({ records, start, changes, witness, method }: Case): Story[] {
  const calls = callsOf(records, start?.run);
  const itemOf = new Map(only(records, "intent").map((intent) => [intent.seq, intent.index]));
  const perItem = new Map<number, LedgerRecord[]>(changes.map((change) => [change.index, []]));
  const give = (index: number | undefined, record: LedgerRecord): void => {
    if (index !== undefined) perItem.get(index)?.push(record);
  };
  for (const record of records) {
    if (record.type === "intent" || record.type === "outcome" || record.type === "read" || record.type === "hold")
      give(record.index, record);
    if (record.type === "sent" || record.type === "withdrawn")
      for (const intent of record.intents) give(itemOf.get(intent), { ...record, intents: [intent] });
    if (record.type === "verdict") for (const index of record.indexes) give(index, record);
  }
  const byItem = groupBy(
    witness.received
      .filter((call) => call.method === method && call.authenticated)
      .flatMap((call) =>
        itemsOf(call).map((item) => {
          // Of a call about several items each has its own intent.
          const own = calls.get(call.rpcId)?.find(({ id }) => id === item);
          const rpcId = own === undefined ? call.rpcId : `${start?.run}-${own.seq}-${own.attempt}`;
          return { ...call, item, rpcId, effect: effectOn(call, item) };
        }),
      ),
    (call) => call.item,
  );
  return changes.map((change) => ({
    change,
    events: perItem.get(change.index) ?? [],
    received: byItem.get(change.id) ?? [],
  }));
}

const itemsOf = ({ item, items }: Received): readonly (string | undefined)[] => items ?? [item];

const effectOn = ({ changed, effect }: Received, item: string | undefined): number | undefined =>
  changed === undefined || (item !== undefined && changed.includes(item)) ? effect : undefined;

/** The calls that were made, by the JSON-RPC id that names the first intent of each: the intents of one `sent` are one call. */
function callsOf(records: readonly LedgerRecord[], run: string | undefined): Map<string, RecordOf<"intent">[]> {
  const intents = new Map(only(records, "intent").map((intent) => [intent.seq, intent]));
  const calls = new Map([...intents.values()].map((one) => [`${run}-${one.seq}-${one.attempt}`, [one]]));
  for (const { intents: seqs } of only(records, "sent")) {
    const members = seqs.flatMap((seq) => intents.get(seq) ?? []);
    const [first] = members;
    if (first !== undefined && members.length > 1) calls.set(`${run}-${first.seq}-${first.attempt}`, members);
  }
  return calls;
}

/** Where an item is, told from its own records in plain words. */
function whereIs(story: Story, { expectAbsent, start }: Case): { state: string; by?: string } {
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
      case "hold":
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
  if (start?.change.unverifiable === true)
    return { state: answer === "accepted" ? "unverifiable" : answer === "lost" ? "unknown" : answer };
  if (seen === "after")
    return { state: "confirmed", by: losses > 0 ? "unsure" : answer === "rejected" ? "despite" : "ours" };
  if (seen === "other") return { state: onItsWay ? "pending" : "diverged" };
  if (seen === "absent" && expectAbsent !== true) return { state: "vanished" };
  if (answer === "accepted") return { state: seen === "before" && past && !onItsWay ? "diverged" : "pending" };
  return { state: answer === "rejected" ? "rejected" : "unknown" };
}

/** I1: the states partition the enumeration, and the end record says the same. */
function conservation(evidence: Case, stories: readonly Story[]): string[] {
  const { records, inventory, changes } = evidence;
  const problems: string[] = [];
  const enumerated = only(records, "enumerated").at(-1);
  const counts = new Map<string, number>();
  const add = (state: string): void => void counts.set(state, (counts.get(state) ?? 0) + 1);
  for (const { as } of inventory) if (as !== "selected") add(as);
  for (const story of stories) add(whereIs(story, evidence).state);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (evidence.start === undefined) problems.push("I1: no start record");
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
function requests({ records, start, changes, witness, method, inventory }: Case, _stories: readonly Story[]): string[] {
  const problems: string[] = [];
  const calls = callsOf(records, start?.run);
  const ids = new Set<string>(changes.map(({ id }) => id));
  const untouched = new Set(inventory.map(({ id }) => id).filter((id) => !ids.has(id)));
  for (const call of witness.received) {
    if (call.method !== method || !call.authenticated) continue;
    for (const item of itemsOf(call)) {
      if (item !== undefined && untouched.has(item))
        problems.push(`I2: item ${item} was not selected but received a request`);
    }
    const intents = calls.get(call.rpcId) ?? [];
    const asked = itemsOf(call)
      .map((item) => item ?? "nothing")
      .sort();
    const intended = intents.map(({ id }): string => id).sort();
    if (intents.length === 0) problems.push(`I3: request ${call.rpcId} has no intent`);
    else if (asked.join() !== intended.join())
      problems.push(`I3: request ${call.rpcId} is for ${asked.join()}, its intent for ${intended.join()}`);
    else if (intents.some(({ up }) => up > call.arrived))
      problems.push(`I3: request ${call.rpcId} arrived before its intent was written`);
  }
  return [...problems, ...intentions(records, witness, start?.run)];
}

/**
 * I3 for each intent: it is answered or withdrawn, once; what was received bears its mark and was never called withdrawn; it is
 * marked once, and once more only when the service refused the session; only what was marked has an answer of the service.
 */
function intentions(records: readonly LedgerRecord[], witness: Witness, run: string | undefined): string[] {
  const problems: string[] = [];
  const boots = new Set([...only(records, "start"), ...only(records, "resume")].map(({ owner }) => owner.boot));
  const rebooted = boots.size > 1;
  const requests = groupBy(witness.received, (call) => call.rpcId);
  // Of each intent its own request, or the one that it shares.
  const nameOf = new Map(
    [...callsOf(records, run)].flatMap(([name, members]) => members.map(({ seq }) => [seq, name])),
  );
  const markOf = counted(only(records, "sent").flatMap(({ intents }) => intents));
  const withdrawalOf = counted([
    ...only(records, "withdrawn").flatMap(({ intents }) => intents),
    ...only(records, "hold").map(({ intent }) => intent),
  ]);
  const intentsOf = counted(only(records, "intent").map(({ seq }) => seq));
  const last = records.at(-1);
  const isSealed = last?.type === "end" && last.sealed;
  const outcomesOf = groupBy(only(records, "outcome"), (outcome) => outcome.intent);
  for (const seq of [...markOf.keys(), ...withdrawalOf.keys(), ...outcomesOf.keys()])
    if (!intentsOf.has(seq)) problems.push(`I3: what is said of intent ${seq} has no intent`);
  for (const intent of only(records, "intent")) {
    const received = requests.get(nameOf.get(intent.seq) ?? "") ?? [];
    const refused = received.filter((call) => !call.authenticated).length;
    const marks = markOf.get(intent.seq) ?? 0;
    const withdrawals = withdrawalOf.get(intent.seq) ?? 0;
    const outcomes = outcomesOf.get(intent.seq) ?? [];
    const say = (text: string): void => void problems.push(`I3: intent ${intent.seq} (item ${intent.id}) ${text}`);
    if (withdrawals + outcomes.length > 1) say("is answered or withdrawn more than once");
    if (withdrawals + outcomes.length === 0 && isSealed) say("is neither answered nor withdrawn in a sealed run");
    if ((intentsOf.get(intent.seq) ?? 0) > 1) say("is there more than once");
    // Power loss takes marks with it: they are not synced.
    if (rebooted) continue;
    if (received.length > 0 && marks === 0) say("was received without a sent mark");
    if (received.length > marks) say(`was received ${received.length} times and marked ${marks} times`);
    if (marks > 1 + refused) say(`is marked as sent ${marks} times`);
    if (withdrawals > 0 && received.length > refused) say("was withdrawn, but received");
    const [outcome] = outcomes;
    const needsMark = outcome !== undefined && ["accepted", "rejected", "lost"].includes(outcome.kind);
    const died = outcome?.kind === "lost" && outcome.failure.code === "process-died";
    if (needsMark && !died && marks === 0 && !isOurs(outcome, received.length))
      say(`has the answer ${outcome.kind} without having been sent`);
  }
  return problems;
}

/** What can not be sent at all is refused by ourselves. */
function isOurs(outcome: LedgerRecord, received: number): boolean {
  return (
    outcome.type === "outcome" && outcome.kind === "rejected" && outcome.failure.class === "fatal" && received === 0
  );
}

function itemInvariants(evidence: Case, story: Story): string[] {
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
  const standing = attemptsThatMayHaveActed(events);
  if (evidence.repeat === "once" && standing > 1) say(`I5: a once was sent by ${standing} attempts`);
  problems.push(...doubleApplications(evidence, story));
  problems.push(...confirmation(evidence, story, where));
  return problems;
}

const notActed = (events: readonly LedgerRecord[]): number =>
  events.filter((record) => record.type === "outcome" && record.kind === "not-acted").length;

/** Attempts that were marked as sent and of which nothing proves that the service did nothing. */
function attemptsThatMayHaveActed(events: readonly LedgerRecord[]): number {
  const sent = new Set<number | undefined>();
  for (const record of events) {
    if (record.type === "sent") sent.add(record.intents[0]);
    if (record.type === "withdrawn") sent.delete(record.intents[0]);
    if (record.type === "hold") sent.delete(record.intent);
    if (record.type === "outcome" && record.kind === "not-acted") sent.delete(record.intent);
  }
  return sent.size;
}

/** I4: between two `sent` of an item lies its not-acted or withdrawn, or a settling read of the old value begun late enough. */
function blindResends({ start }: Case, { change, events }: Story): string[] {
  const facts = start?.facts;
  const settleMs = (facts?.timeoutMs ?? 0) + (facts?.lateMs ?? 0);
  const problems: string[] = [];
  let sentAt: number | undefined;
  let sentBy: number | undefined;
  for (const record of events) {
    if (record.type === "intent" && sentAt !== undefined)
      problems.push(`I4: to be sent again without a read that allows it (item ${change.id})`);
    if (record.type === "sent") {
      // The same attempt leaves twice when the session was refused, which happens before anything is done.
      const again = sentAt !== undefined && record.intents[0] !== sentBy;
      if (again) problems.push(`I4: sent again without a read that allows it (item ${change.id})`);
      sentAt = record.up;
      sentBy = record.intents[0];
    }
    const cleared =
      record.type === "withdrawn" ||
      record.type === "hold" ||
      (record.type === "outcome" && record.kind === "not-acted") ||
      (record.type === "read" &&
        record.why === "settle" &&
        record.seen === "before" &&
        record.began >= (sentAt ?? 0) + settleMs);
    if (cleared) sentAt = undefined;
  }
  return problems;
}

/**
 * I6: applied twice only when the first application came later than allowed for, when somebody else edited in between, or when
 * the read that allowed the resend was served from data older than the service declares.
 */
function doubleApplications(
  { start, reads, witness, repeat, excuse }: Case,
  { change, events, received }: Story,
): string[] {
  const facts = start?.facts;
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
    const isLate = applied.some(
      (one) => (one.effect ?? 0) > sentAt(one) + (facts?.timeoutMs ?? 0) + (facts?.lateMs ?? 0),
    );
    const isEdited = witness.edits.some(
      ({ item, at }) => item === change.id && at > (earlier?.effect ?? 0) && at < (call.effect ?? 0),
    );
    const isStale = (reads.get(change.id) ?? []).some(({ method, arrived, asOf = arrived }) => {
      const lag = (method.startsWith("Enumerate") ? facts?.listLagMs : facts?.byIdLagMs) ?? 0;
      const isBetween = arrived > (earlier?.arrived ?? 0) && arrived < call.arrived;
      return isBetween && asOf < arrived - lag - 1 && asOf < (earlier?.effect ?? 0);
    });
    if (isLate) excuse("I6 it acted later than deadline plus `late`");
    else if (isEdited) excuse("I6 another editor in between");
    else if (isStale) excuse("I6 the read that allowed it was older than declared");
    return isLate || isEdited || isStale;
  });
  return excused ? [] : [`I6: applied ${applied.length} times (${repeat}), nothing excuses it (item ${change.id})`];
}

/** I7, I8, I14, I16. */
function confirmation(
  evidence: Case,
  { change, events, received }: Story,
  where: { state: string; by?: string },
): string[] {
  const problems: string[] = [];
  const lastOutcome = events.findLastIndex((record) => record.type === "outcome");
  const outcome = events[lastOutcome];
  if (where.state === "confirmed") {
    const proof = events.slice(lastOutcome + 1).some((record) => proves(record, outcome, evidence));
    if (!proof)
      problems.push(`I7: confirmed without a read of the new value begun after its last outcome (item ${change.id})`);
    const edited = evidence.witness.edits.some(({ item }) => item === change.id);
    const holds = isAsWanted(evidence, change, evidence.witness.valueNow(change.id));
    const hidden = wasHidden(evidence, change.id, events);
    if (!holds && edited) evidence.excuse("I7 another editor");
    else if (!holds && hidden) evidence.excuse("I7 the list left the item out");
    else if (!holds) problems.push(`I7: confirmed, but the service holds something else (item ${change.id})`);
    const seenBy = events.findLast((record) => proves(record, outcome, evidence))?.up ?? Infinity;
    if (!hidden && !everHeld(evidence, { change, events, received }, seenBy))
      problems.push(`I7: confirmed, but the service never held the new value by then (item ${change.id})`);
  }
  const accepted = events.find((record) => record.type === "outcome" && record.kind === "accepted");
  if (where.by === "ours" && accepted === undefined)
    problems.push(`I8: by ours without an accepted answer (item ${change.id})`);
  if (accepted?.type === "outcome") {
    const calls = received.filter((call) => intentOf(call) === accepted.intent);
    if (calls.some((call) => struckBy(call, "no-effect"))) evidence.excuse("I8 the service said yes and did nothing");
    else if (!calls.some((call) => call.effect !== undefined))
      problems.push(`I8: accepted, but the service never applied it (item ${change.id})`);
  }
  const done = received.filter((call) => call.effect !== undefined);
  if (where.state === "rejected" && done.some((call) => struckBy(call, "error-after-apply")))
    evidence.excuse("I8 the service said no and did it");
  else if (where.state === "rejected" && done.length > 0)
    problems.push(`I8: rejected, but the service applied it, and did not lie about it (item ${change.id})`);
  if (where.state === "vanished" && isThere(evidence, change.id) && !wasHidden(evidence, change.id, events))
    problems.push(`I16: vanished, but the service has it and showed it (item ${change.id})`);
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
    const begun = evidence.passes.find(
      ({ phase, pass, seq }) => phase === "begin" && pass === record.pass && seq < record.seq,
    );
    const complete = evidence.passes.some(
      ({ phase, pass, complete: whole }) => phase === "end" && pass === record.pass && whole,
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
  { expectAbsent }: Case,
  change: Change,
  value: Readonly<Record<string, unknown>> | undefined,
): boolean {
  if (expectAbsent === true) return value === undefined;
  return value !== undefined && Object.entries(change.after).every(([name, wanted]) => same(value[name], wanted));
}

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left ?? null) === JSON.stringify(right);

/** Whether the service held the wanted value at some moment between the first request and `until`. */
function everHeld(evidence: Case, { change, received }: Story, until: number): boolean {
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

const intentOf = (call: Received): number => Number(call.rpcId.split("-").at(-2));
const struckBy = (call: Received, fault: string): boolean => call.fault?.split("+").includes(fault) === true;
const isThere = ({ witness }: Case, item: string): boolean => witness.valueNow(item) !== undefined;

/**
 * Whether the service hid an item that it has from the very looks that say it is gone: from the read that settled it, or from
 * the two passes in a row that a verdict of absence takes. Nobody can tell such a list from a true one.
 */
function wasHidden({ passes, reads }: Case, item: string, events: readonly LedgerRecord[]): boolean {
  const hid = (call: Received): boolean => call.hidden?.includes(item) === true;
  const read = events.findLast((record) => record.type === "read" && record.why === "settle");
  const narrowed = (reads.get(item) ?? []).some(
    (call) => read?.type === "read" && call.arrived >= read.began - 1 && call.arrived <= read.up + 1 && hid(call),
  );
  const inPass = (number: number): boolean => {
    const begin = passes.findLast(({ pass, phase }) => pass === number && phase === "begin");
    const end = passes.findLast(({ pass, phase }) => pass === number && phase === "end");
    if (begin === undefined || end === undefined) return false;
    const lists = (reads.get(undefined) ?? []).filter(({ arrived }) => arrived >= begin.up && arrived <= end.up + 1);
    return lists.some((call) => struckBy(call, "drop-row") && hid(call));
  };
  const verdicts = events.filter((record) => record.type === "verdict").map(({ pass }) => pass);
  return narrowed || verdicts.some((pass) => inPass(pass) && inPass(pass - 1));
}

const isLost = (record: LedgerRecord): boolean => record.type === "outcome" && record.kind === "lost";

function proves(record: LedgerRecord, outcome: LedgerRecord | undefined, { passes }: Case): boolean {
  if (record.type === "read") return record.seen === "after" && record.began >= (outcome?.up ?? 0) - 1;
  if (record.type !== "verdict" || record.seen !== "after") return false;
  const begun = passes.find(({ phase, pass }) => phase === "begin" && pass === record.pass);
  return begun !== undefined && begun.seq > (outcome?.seq ?? 0);
}

/** I9, I10, I12, I14, I15: what was under way, what left after a stop, waves in order, one writer. */
function flow({ records, start, witness, chunk = 1 }: Case): string[] {
  const problems: string[] = [];
  const facts = start?.facts;
  const concurrency = facts?.concurrency ?? Infinity;
  const items = concurrency * chunk;
  /** Intents, and the `sent` record of the call that each is in. */
  const flight = new Map<number, number>();
  const ahead = new Set<number>();
  const settling = new Set<number>();
  let stopped = false;
  let boot = start?.owner.boot;
  /** After power loss a missing mark proves nothing: every intent that was ahead is in doubt as well. */
  let mostInDoubt = 2 * items;
  let generation = 0;
  let resumedBy = 0;
  let wave = -1;
  let waveEnded = true;
  /** The run has not come through it: it died, or stopped before the wave was judged. */
  let isCut = false;
  let unjudged: number | undefined;
  const promoted = new Set<number>();
  const parked = new Set<number>();
  const closed = new Set<string>();
  const groupOf = new Map<number, number>();
  for (const type of ["start", "enumerated", "selected", "consent"] as const)
    if (only(records, type).length > 1)
      problems.push(`I14: ${type} is there more than once: it is frozen when it is first written`);
  for (const record of records) {
    switch (record.type) {
      case "sent":
        for (const intent of record.intents) flight.set(intent, record.seq);
        if (stopped) problems.push(`I10: sent after the run had stopped (seq ${record.seq})`);
        if (closed.size > 0) problems.push(`I10: sent while the run was paused (seq ${record.seq})`);
        if (record.intents.some((intent) => parked.has(groupOf.get(intent) ?? -1)))
          problems.push(`I10: sent to a group that is parked (seq ${record.seq})`);
        if (new Set(flight.values()).size > concurrency)
          problems.push(`I9: ${flight.size} in flight, ${concurrency} allowed (seq ${record.seq})`);
        if (record.intents.length > chunk)
          problems.push(`I9: ${record.intents.length} items in one call, ${chunk} allowed (seq ${record.seq})`);
        break;
      case "withdrawn":
        for (const intent of record.intents) flight.delete(intent);
        for (const intent of record.intents) ahead.delete(intent);
        break;
      case "outcome":
        flight.delete(record.intent);
        ahead.delete(record.intent);
        if (record.kind === "lost") settling.add(record.index);
        if (settling.size > mostInDoubt)
          problems.push(`I9: ${settling.size} in doubt, at most ${mostInDoubt} may be (seq ${record.seq})`);
        break;
      case "read":
        if (record.seen !== "early-before") settling.delete(record.index);
        if (record.began > record.up + 1) problems.push(`I4: a read begun after it was written (seq ${record.seq})`);
        break;
      case "hold":
        flight.delete(record.intent);
        ahead.delete(record.intent);
        break;
      case "limit":
        if (record.group === undefined) stopped = true;
        else parked.add(record.group);
        break;
      case "stopped":
        stopped = true;
        break;
      case "paused":
        closed.add(record.for);
        break;
      case "continued":
        closed.delete(record.after);
        break;
      case "control":
        if (record.op === "promote") promoted.add(record.wave ?? wave);
        break;
      case "gate":
        if (record.result !== "pass" && record.observed !== true) unjudged = record.wave;
        break;
      case "wave":
        if (record.phase === "begin") {
          if (!waveEnded) problems.push(`I12: wave ${record.wave} began before the last one ended`);
          if (wave !== -1 && (isCut ? record.wave !== wave : record.wave <= wave))
            problems.push(`I12: wave ${record.wave} began after wave ${wave}${isCut ? ", which is not over" : ""}`);
          if (unjudged !== undefined && record.wave > unjudged && !promoted.has(unjudged))
            problems.push(`I12: wave ${record.wave} began, and wave ${unjudged} had not passed its gate`);
          unjudged = undefined;
        }
        waveEnded = record.phase === "end";
        isCut = record.phase === "begin" || record.cut === true;
        wave = record.wave;
        break;
      case "intent":
        ahead.add(record.seq);
        if (record.group !== undefined) groupOf.set(record.seq, record.group);
        if (ahead.size > (concurrency + (facts?.margin ?? Infinity)) * chunk)
          problems.push(`I9: ${ahead.size} intents at once, ${concurrency} slots and ${facts?.margin} ahead allowed`);
        if (record.wave !== wave) problems.push(`I12: an intent of wave ${record.wave} within wave ${wave}`);
        break;
      case "lock":
        // A resume takes the lock before it reads the ledger, and says so twice.
        if (record.generation <= generation && record.generation !== resumedBy)
          problems.push(`I15: lock generation ${record.generation} after ${generation}`);
        generation = record.generation;
        resumedBy = 0;
        break;
      case "resume":
        if (record.generation <= generation)
          problems.push(`I15: resumed with lock generation ${record.generation} after ${generation}`);
        generation = record.generation;
        resumedBy = record.generation;
        mostInDoubt = (record.owner.boot === boot ? 2 : 3) * items;
        boot = record.owner.boot;
        stopped = false;
        waveEnded = true;
        closed.clear();
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
function ending(evidence: Case, stories: readonly Story[]): string[] {
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
  const because = whyLeft(records);
  const left = stories.filter((_, place) => states[place] === "not-started");
  const parkedGroups = new Set(only(records, "limit").flatMap(({ group }) => (group === undefined ? [] : [group])));
  const names = (only(records, "selected").at(-1)?.groups ?? []).map(({ name }) => name);
  const counts = counted(
    left.map(({ change, events }) => {
      if (only(events, "hold").some(({ gaveUp }) => gaveUp === true)) return "held";
      return change.group !== undefined && parkedGroups.has(names.indexOf(change.group)) ? "parked" : because;
    }),
  );
  for (const [reason, count] of reasons)
    if (counts.get(reason) !== count)
      problems.push(`I18: ${count} items were not started because of ${reason}, should be ${counts.get(reason) ?? 0}`);
  const exits = exitsOf(evidence, open);
  if (end.exits.join() !== exits.join() || end.exit !== (exits[0] ?? 0))
    problems.push(`I18: exit codes are ${end.exits.join() || 0}, should be ${exits.join() || 0}`);
  return [...problems, ...alsoChanged(evidence), ...overshoot(evidence, stories)];
}

/** I18 of what else changed: the end record says what was last compared, and nothing was sent after that. */
function alsoChanged({ records }: Case): string[] {
  const end = only(records, "end").at(-1)?.collateral;
  const last = records.findLast(({ type }) => type === "collateral" || type === "sent");
  const compared = last?.type === "collateral" ? last : undefined;
  if (compared?.checked !== end?.checked) return [`I18: the end says ${end?.checked} of what else changed`];
  if (compared?.checked !== true || end?.checked !== true) return [];
  const { touched, untouched, appeared, vanished } = compared;
  const problems: string[] = [];
  for (const name of ["rows", "found", "touched", "untouched", "appeared", "vanished", "fails"] as const)
    if (compared[name] !== end[name])
      problems.push(`I18: the end says ${end[name]} ${name}, found were ${compared[name]}`);
  if (compared.found !== touched + untouched + appeared + vanished)
    problems.push("I18: what else changed does not add up");
  if (compared.fails === true && compared.found === 0) problems.push("I18: nothing else changed, and that fails");
  const told = new Set(
    records
      .slice(records.findLastIndex(({ type, seq }) => type === "pass" && seq < compared.seq))
      .flatMap((record) => (record.type === "also" ? record.items.map(({ id }) => id) : [])),
  );
  if (told.size !== compared.found - compared.more)
    problems.push(`I18: ${told.size} items are told, ${compared.found - compared.more} should be`);
  const pass = only(records, "pass").findLast(({ seq, complete }) => complete && seq < compared.seq);
  if (pass?.pass !== compared.pass) problems.push("I18: what else changed does not come from the last whole pass");
  return problems;
}

/** What the last process that came to any item said when it stopped; one that said nothing has died. */
function whyLeft(records: readonly LedgerRecord[]): string {
  const stopped = only(records, "stopped").at(-1);
  const intent = only(records, "intent").at(-1);
  return stopped === undefined || (intent?.seq ?? 0) > stopped.seq ? "crash" : stopped.reason;
}

/** The last look of a gate, where that was not good and nobody promoted its wave. */
function badGate(records: readonly LedgerRecord[]): string | undefined {
  let wave = 0;
  const promoted = new Set<number>();
  for (const record of records) {
    if (record.type === "wave") wave = record.wave;
    if (record.type === "control" && record.op === "promote") promoted.add(wave);
  }
  const gate = only(records, "gate").findLast(({ observed }) => observed !== true);
  return gate === undefined || gate.result === "pass" || promoted.has(gate.wave) ? undefined : gate.result;
}

/** The table of exit codes, from the end record and the records before it. */
function exitsOf({ records }: Case, open: boolean): number[] {
  const { counts, notStarted } = only(records, "end").at(-1) ?? { counts: {}, notStarted: {} };
  const has = (...names: string[]): boolean =>
    names.some((name) => ((counts as Record<string, number>)[name] ?? 0) > 0);
  const because = (...names: string[]): boolean =>
    names.some((name) => ((notStarted as Record<string, number>)[name] ?? 0) > 0);
  const also = only(records, "end").at(-1)?.collateral;
  const alsoFails = also?.checked === true && also.fails === true;
  const epoch = records.slice(records.findLastIndex(({ type }) => type === "resume") + 1);
  const interrupted = only(epoch, "control").some(({ op }) => op === "interrupt");
  const gate = badGate(records);
  const applies: readonly (readonly [number, boolean])[] = [
    [10, because("record")],
    [7, open || alsoFails || has("unknown", "diverged", "drifted", "vanished")],
    [
      6,
      has("rejected", "refused") ||
        (only(records, "enumerated").at(-1)?.gone?.count ?? 0) > 0 ||
        gate === "fail" ||
        because("limit", "parked", "gate", "aborted", "expired", "login", "lock", "crash", "record"),
    ],
    [130, interrupted || because("interrupted")],
    [8, has("pending") || gate === "inconclusive" || because("held", "person", "window")],
  ];
  return applies.filter(([, does]) => does).map(([exit]) => exit);
}

/**
 * I11: when a limit on errors trips, its number is over what is tolerated by no more than what was in flight, and no more is
 * added than what still was, 2C in all. Counted until the last wave ends: what verification finds out later stops nothing.
 */
function overshoot(evidence: Case, stories: readonly Story[]): string[] {
  const { records } = evidence;
  const concurrency = (evidence.start?.facts.concurrency ?? 0) * (evidence.chunk ?? 1);
  const until = records.findLast((one) => one.type === "wave" && one.phase === "end")?.seq ?? Infinity;
  const problems: string[] = [];
  for (const limit of only(records, "limit")) {
    if (limit.value <= limit.tolerated)
      problems.push(`I11: limit ${limit.limit} at ${limit.value} of ${limit.tolerated}`);
    if (limit.inFlight > 2 * concurrency)
      problems.push(`I11: ${limit.inFlight} in flight at a limit, slots are ${concurrency}`);
    if (limit.limit !== "errors" && limit.limit !== "percent") continue;
    const errors = stories.filter((story) => {
      if (!isIn(limit, story, evidence)) return false;
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

/** Whether an item counts for a limit of a wave or a group. */
function isIn({ wave, group }: RecordOf<"limit">, { change, events }: Story, { records }: Case): boolean {
  const names = (only(records, "selected").at(-1)?.groups ?? []).map(({ name }) => name);
  if (group !== undefined && names[group] !== change.group) return false;
  return wave === undefined || only(events, "intent").at(-1)?.wave === wave;
}

function groupBy<T, K>(values: readonly T[], keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

function counted<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * I17 and I15 from the bytes of a ledger: every line follows from the one before it. Written from the description of the
 * format alone: the hash of a line is over the hash before it and its bytes up to its own `hash` member.
 */
export function checkChain(ledger: Buffer, run: string): string[] {
  const sha256 = (...parts: (string | Buffer)[]): string =>
    parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
  let hash = sha256(`rollcall/1\n${run}`);
  for (const [place, line] of ledger.toString("utf8").split("\n").slice(0, -1).entries()) {
    const { seq, hash: said } = JSON.parse(line) as { seq: number; hash: string };
    hash = sha256(hash, line.slice(0, line.lastIndexOf(',"hash":"')));
    if (seq !== place + 1) return [`I17: line ${place + 1} has the number ${seq}`];
    if (said !== hash) return [`I17: line ${place + 1} does not follow from the one before it`];
  }
  return [];
}
