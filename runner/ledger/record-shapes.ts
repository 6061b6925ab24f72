import type { Approved } from "../core/model/approval.ts";
import type { AlsoChanged, AlsoGroup, AlsoTotals, Collateral, Shift } from "../core/model/collateral.ts";
import type { ChangeFacts, ControlOp, Fact, FactOf, GroupSize, Owner } from "../core/model/events.ts";
import type { LedgerRecord, PauseReason, Person, ServiceFacts } from "../core/model/events.ts";
import type { Login } from "../core/model/frozen.ts";
import type { Origin, Undone } from "../core/model/origin.ts";
import { itemStates, type Failure, type FailureClass, type NotStartedReason } from "../core/model/outcome.ts";
import type { Outcome, Seen } from "../core/model/outcome.ts";
import type { Gone, GuardResult, LookupCount } from "../core/model/preview.ts";
import { among, everyMember, isCount, isFlag, isHex, isIdOrNull, isMembers, isMoment } from "../core/model/shaped.ts";
import { isNumber, isShallow, isText, isTrue, isUnixTime, listOf, membersOf, oneOf } from "../core/model/shaped.ts";
import { optional, orNull, where, wrongMember, type Shape } from "../core/model/shaped.ts";

/**
 * What a record has not as a run writes it, as a dotted path; undefined: every member that is relied on is as its type says.
 * Of a record of another type, which a newer program may write, nothing is known but when it was written.
 */
export function unusableMember(record: LedgerRecord): string | undefined {
  if (!isShallow(record)) return "depth";
  const wrong = wrongMember(record, anyRecord);
  if (wrong !== undefined) return wrong;
  return Object.hasOwn(shapes, record.type) ? wrongMember(record, shapes[record.type]) : undefined;
}

type Of<T extends Fact["type"]> = Omit<FactOf<T>, "type">;
type Kind<T, Name extends keyof T, Is> = Omit<Extract<T, { readonly [N in Name]: Is }>, Name>;

/** All values of a union of texts; one that is added to the type has to be added here. */
const texts = <T extends string>(of: Readonly<Record<T, true>>): Shape => among(Object.keys(of));
const byName = <T extends string>(of: Readonly<Record<T, Shape>>) => new Map<unknown, Shape>(Object.entries(of));
const checkedOr = (checked: Shape): Shape =>
  oneOf(
    "checked",
    new Map([
      [true, checked],
      [false, unchecked],
    ]),
  );

const anyRecord = membersOf<Pick<LedgerRecord, "t" | "up">>({ t: isMoment, up: isNumber });

const isAny = where((value) => value !== undefined);
const isSalt = where((value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value));
const person = membersOf<Person>({ name: isText, host: isText, ci: optional(isText) });
const owner = membersOf<Owner>({
  ...{ host: isText, machine: isText, boot: isText, started: isText, namespace: isText },
  pid: isCount,
});
const states = membersOf<Record<(typeof itemStates)[number], number>>(
  Object.fromEntries(itemStates.map((state) => [state, isCount])) as Record<(typeof itemStates)[number], Shape>,
);
const intents = listOf(isCount);
const reasons: Readonly<Record<NotStartedReason, true>> = {
  ...{ limit: true, parked: true, held: true, gate: true, person: true, aborted: true, interrupted: true },
  ...{ window: true, expired: true, login: true, record: true, lock: true, crash: true },
};
const pauses = texts<PauseReason>({ operator: true, person: true, window: true, "between-waves": true });
const phase = among(["begin", "end"]);

const undone = membersOf<Undone>({ run: isText, seq: isCount, only: optional(listOf(isText)) });
const fromSaved = membersOf<Kind<Origin, "kind", "change-set">>({
  ...{ run: isText, estate: isText, digest: isHex, changeSet: isHex, expires: isMoment, began: isUnixTime },
  undoes: optional(undone),
});
const fromRerun = membersOf<Kind<Origin, "kind", "rerun">>({
  ...{ run: isText, only: listOf(among(itemStates)), undoes: optional(undone) },
});
const origin = oneOf("kind", byName<Origin["kind"]>({ "change-set": fromSaved, rerun: fromRerun, undo: undone }));

const start = membersOf<Of<"start">>({
  ...{ format: isCount, run: isText, estate: isText, tool: isText, owner, by: person },
  service: membersOf<FactOf<"start">["service"]>({ name: isText, kind: isText, endpoint: isText }),
  login: membersOf<Login>({ user_id: isIdOrNull, partner_id: isIdOrNull, name: isText }),
  plan: membersOf<FactOf<"start">["plan"]>({ name: isText, digest: isHex }),
  change: membersOf<ChangeFacts>({
    ...{ method: isText, destructive: isFlag, unverifiable: isFlag },
    repeat: texts<ChangeFacts["repeat"]>({ read: true, set: true, once: true }),
  }),
  ...{ inputs: isMembers, secrets: everyMember(isText) },
  facts: membersOf<ServiceFacts>({
    ...{ lateMs: isNumber, timeoutMs: isNumber, listLagMs: isNumber, byIdLagMs: isNumber },
    ...{ concurrency: isNumber, margin: isNumber, perMinute: optional(isNumber) },
  }),
  ...{ now: isUnixTime, started: optional(isUnixTime), skewMs: orNull(isNumber), previous: orNull(isText) },
  ...{ otherHeads: optional(listOf(isText)), salt: optional(isSalt), from: optional(origin) },
});

export const lookup = membersOf<LookupCount>({
  ...{ name: isText, rows: isCount, unused: optional(isCount), keys: optional(listOf(isText)) },
});
/** What an undo misses. */
export const gone = membersOf<Gone>({
  ...{ count: isCount, items: listOf(membersOf<Gone["items"][number]>({ id: isText, title: isText })) },
});
const enumerated = membersOf<Of<"enumerated">>({
  ...{ inventory: isHex, pages: isCount, began: isMoment, ended: isMoment, narrowed: optional(isTrue) },
  lookups: optional(membersOf<NonNullable<FactOf<"enumerated">["lookups"]>>({ digest: isHex, of: listOf(lookup) })),
  gone: optional(gone),
  ...{ rows: isCount, "filtered-out": isCount, already: isCount, refused: isCount, selected: isCount },
});

export const guard = membersOf<GuardResult>({
  ...{ guard: isText, allowed: isText, ok: isFlag, message: isText },
  found: where((value) => typeof value === "string" || Number.isFinite(value)),
});
const selected = membersOf<Of<"selected">>({
  ...{ changeSet: isHex, size: isCount, waves: listOf(isCount), guards: listOf(guard) },
  groups: optional(listOf(membersOf<GroupSize>({ name: isText, size: isCount }))),
});

const failure = membersOf<Failure>({
  ...{ code: isText, message: isText },
  class: texts<FailureClass>({
    ...{ auth: true, throttle: true, not_acted: true, not_found: true, reject: true, uncertain: true, fatal: true },
  }),
});
type OutcomeParts = Pick<Outcome, "intent" | "index" | "id" | "attempt" | "ms" | "gapMs">;
const outcome = oneOf(
  "kind",
  byName<Outcome["kind"]>({
    accepted: isMembers,
    rejected: membersOf<{ failure: Failure }>({ failure }),
    lost: membersOf<{ failure: Failure }>({ failure }),
    "not-acted": membersOf<{ failure: Failure; retryAfterMs?: number }>({ failure, retryAfterMs: optional(isNumber) }),
    drifted: membersOf<{ found: unknown; why: string }>({ found: orNull(isMembers), why: isText }),
    already: membersOf<{ found: unknown }>({ found: isMembers }),
  }),
  membersOf<OutcomeParts>({
    ...{ intent: isCount, index: isCount, id: isText, attempt: isCount, ms: isNumber, gapMs: optional(isNumber) },
  }),
);

const seen = texts<Seen>({ after: true, before: true, other: true, absent: true });
const what = texts<AlsoGroup["what"]>({ touched: true, untouched: true, appeared: true, vanished: true });
const cause = texts<AlsoGroup["cause"]>({ ours: true, elsewhere: true, unknown: true });
const also = membersOf<AlsoChanged>({
  ...{ id: isText, title: isText, fields: everyMember(membersOf<Shift>({ before: isAny, after: isAny })) },
});
const group = membersOf<AlsoGroup>({
  ...{ what, cause, field: optional(isText), count: isCount },
  examples: listOf(membersOf<Pick<AlsoChanged, "id" | "title">>({ id: isText, title: isText })),
});
const totals = membersOf<Omit<AlsoTotals, "checked">>({
  ...{ rows: isCount, found: isCount, fails: optional(isTrue) },
  ...{ touched: isCount, untouched: isCount, appeared: isCount, vanished: isCount },
});
const unchecked = membersOf<Kind<Collateral, "checked", false>>({ why: isText });
const details = membersOf<Omit<Kind<Collateral, "checked", true>, keyof AlsoTotals>>({
  ...{ pass: isCount, groups: listOf(group), more: isCount, narrowed: optional(isTrue) },
});

const approved = membersOf<Approved>({ key: isText, fingerprint: isHex, at: isMoment });

/** Every type of record. */
const shapes: Readonly<Record<Fact["type"], Shape>> = {
  ...{ start, enumerated, selected, outcome },
  saved: membersOf<Of<"saved">>({ file: isText, digest: isHex, changeSet: isHex, expires: isMoment }),
  consent: membersOf<Of<"consent">>({
    how: texts<FactOf<"consent">["how"]>({ tty: true, yes: true, confirm: true, library: true, "on-stop": true }),
    ...{ by: person, approvals: optional(listOf(approved)) },
  }),
  lock: membersOf<Of<"lock">>({ scope: isText, generation: isCount }),
  wave: membersOf<Of<"wave">>({ wave: isCount, phase, size: isCount, cut: optional(isTrue) }),
  intent: membersOf<Of<"intent">>({
    ...{ index: isCount, id: isText, title: isText, attempt: isCount, wave: isCount, group: optional(isCount) },
    ...{ method: isText, request: isHex, before: isMembers, after: isMembers },
  }),
  sent: membersOf<Of<"sent">>({ intents }),
  withdrawn: membersOf<Of<"withdrawn">>({ intents, reason: isText }),
  read: membersOf<Of<"read">>({
    ...{ index: isCount, id: isText, why: among(["settle", "recheck"]), began: isNumber, source: isText },
    seen: texts<FactOf<"read">["seen"]>({
      ...{ after: true, before: true, other: true, absent: true, "early-before": true, unreadable: true },
    }),
    found: orNull(isMembers),
  }),
  limit: membersOf<Of<"limit">>({
    ...{ limit: isText, tolerated: isNumber, value: isNumber, inFlight: isNumber },
    ...{ wave: optional(isCount), group: optional(isCount) },
  }),
  control: membersOf<Of<"control">>({
    op: texts<ControlOp | "interrupt" | "unlock">({
      ...{ interrupt: true, unlock: true, pause: true, continue: true, promote: true, abort: true, set: true },
    }),
    ...{ by: person, why: isText, id: optional(isText), wave: optional(isCount) },
    ...{ concurrency: optional(isCount), perMinute: optional(isNumber) },
  }),
  hold: membersOf<Of<"hold">>({
    ...{ intent: isCount, index: isCount, id: isText, until: isMoment, gaveUp: optional(isTrue) },
  }),
  gate: membersOf<Of<"gate">>({
    ...{ wave: isCount, result: among(["pass", "fail", "inconclusive"]), detail: isText, observed: optional(isTrue) },
  }),
  paused: membersOf<Of<"paused">>({ for: pauses, detail: isText, until: optional(isMoment) }),
  continued: membersOf<Of<"continued">>({ after: pauses }),
  throttle: membersOf<Of<"throttle">>({
    ...{ what: among(["rate", "concurrency"]), from: orNull(isNumber), to: orNull(isNumber), cause: isText },
  }),
  stopped: membersOf<Of<"stopped">>({ reason: texts(reasons), detail: isText }),
  pass: membersOf<Of<"pass">>({
    ...{ pass: isCount, phase, rows: isCount, complete: isFlag, digest: optional(isHex) },
    ...{ wave: optional(isCount), by: optional(among(["id"])) },
  }),
  verdict: membersOf<Of<"verdict">>({
    ...{ pass: isCount, seen, indexes: listOf(isCount), found: optional(listOf(isMembers)) },
    ...{ pendingNow: optional(isFlag), pastHorizon: optional(isFlag) },
  }),
  also: membersOf<Of<"also">>({ what, cause, items: listOf(also) }),
  collateral: checkedOr((value) => totals(value) ?? details(value)),
  clock: membersOf<Of<"clock">>({ jumpMs: isNumber, kind: among(["wall", "suspend"]) }),
  repair: membersOf<Of<"repair">>({ afterSeq: isCount, bytes: isCount, digest: isHex, kept: isText }),
  resume: membersOf<Of<"resume">>({
    ...{ verb: among(["resume", "verify"]), tool: isText, owner, by: person, generation: isCount, recheck: isFlag },
  }),
  checkpoint: membersOf<Of<"checkpoint">>({ counts: states, open: isCount }),
  end: membersOf<Of<"end">>({
    ...{ counts: states, notStarted: everyMember(isCount, Object.keys(reasons)), conserved: isFlag, sealed: isFlag },
    ...{ exit: isCount, exits: listOf(isCount), gapMs: optional(isNumber) },
    collateral: optional(checkedOr(totals)),
    ...{ gate: optional(among(["fail", "inconclusive"])), gone: optional(isCount) },
  }),
};
