import { faultKinds, type FaultKind, type FaultRule } from "../../runner/simulator/faults.ts";
import { dice, oneOf, type Dice } from "../support/dice.ts";

/** Declared times of the service, ms. Faults stay within them, but for `late`, which sometimes does not. */
export const times = { timeout: 500, late: 400, listLag: 400, byIdLag: 150 } as const;

/** When a process is killed: at the k-th interesting moment it passes itself, or from outside. */
export type Kill =
  | { readonly how: "moment"; readonly moment: number }
  /** Once the service has received so many more requests, and `ms` later. */
  | { readonly how: "outside"; readonly requests: number; readonly ms: number };

/** One run that is killed and resumed: everything about it follows from its seed and its place in the row. */
export interface Trial {
  readonly seed: number;
  readonly items: number;
  readonly change: "set" | "removal" | "once";
  readonly faults: readonly FaultRule[];
  readonly concurrency: number;
  /** Each item is read again and compared right before it is sent. */
  readonly rereads: boolean;
  /** `stop.errors`, `stop.consecutive` and `stop.unknown`. */
  readonly tolerated: number;
  readonly lagMs: number;
  readonly byIdLagMs: number;
  readonly latencyMs: number;
  /** Of the apply, then of one resume after the other. */
  readonly kills: readonly Kill[];
}

/** Those that can strike these trials: none of them calls a node. */
export const kindsInTrials = faultKinds.filter((kind) => kind !== "token-stale" && kind !== "node-elsewhere");

const changes = ["set", "removal", "once"] as const;
if (kindsInTrials.length % changes.length === 0)
  throw new Error("each kind of fault would meet one kind of change only");

/** Each kind of fault leads a trial in turn, and meets each kind of change in turn; up to three others join it. */
export function trialOf(place: number, seed: number, items: number): Trial {
  const roll = dice(seed * 100_003 + place);
  const change = changes[place % changes.length] ?? "set";
  const method = change === "removal" ? "RemoveAccount" : "ModifyAccount";
  const leading = kindsInTrials[place % kindsInTrials.length] ?? "reset-after";
  const others = Array.from({ length: roll(4) }, () => oneOf(roll, kindsInTrials));
  const kinds = [...new Set([leading, ...others])];
  return {
    seed: seed * 1000 + place,
    items,
    change,
    faults: kinds.flatMap((kind) => rulesFor(kind, method, roll)),
    concurrency: 2 + roll(11),
    rereads: roll(4) === 0,
    tolerated: roll(6) === 0 ? 2 + roll(30) : 1_000_000,
    lagMs: oneOf(roll, [0, 0, 150, 250]),
    byIdLagMs: oneOf(roll, [0, 0, 60]),
    latencyMs: oneOf(roll, [0, 0, 2, 6]),
    kills: [
      firstKill(roll, items),
      ...Array.from({ length: [0, 0, 1, 1, 2][roll(5)] ?? 0 }, () => laterKill(roll, items)),
    ],
  };
}

/** A run passes some eight moments an item; from outside it is killed at any time from its login to its last pass. */
function firstKill(roll: Dice, items: number): Kill {
  if (roll(3) > 0) return { how: "moment", moment: 30 + roll(items * 6) };
  return { how: "outside", requests: 8 + roll(Math.ceil(items * 1.02)), ms: roll(30) };
}

function laterKill(roll: Dice, items: number): Kill {
  if (roll(2) === 0) return { how: "moment", moment: 1 + roll(items * 2) };
  return { how: "outside", requests: 1 + roll(Math.ceil(items / 3)), ms: roll(300) };
}

const list = "EnumerateAccountStatistics";
const single = "GetAccountInfoById";

/** A kind strikes the changes, the list or the reads of single items, wherever it makes sense there. */
function rulesFor(kind: FaultKind, method: string, roll: Dice): FaultRule[] {
  const onChanges: FaultRule = { method, probability: (1 + roll(3)) / 100, ...settingsOf(kind, roll) };
  switch (kind) {
    case "repeat-first-page":
    case "empty-page":
    case "cap":
    case "drop-row":
      return [onSomePages(kind, roll)];
    case "stale":
      return [
        // Together with the lag that is always there, no older than declared.
        { method: list, fault: kind, probability: 0.3, ms: 120 },
        { method: single, fault: kind, probability: 0.3, ms: 60 },
      ];
    case "vanish":
      return [{ ...onChanges, probability: 0.005 }, onSomePages(kind, roll)];
    case "hang":
    case "hang-after":
      return [{ ...onChanges, probability: 0.006 }];
    case "http-429":
    case "http-503":
    case "reset-before":
    case "malformed":
    case "html":
    case "wrong-id":
    case "truncated":
    case "slow":
    case "visa-expire":
      return [
        onChanges,
        onSomePages(kind, roll),
        { method: single, probability: 0.1, ...settingsOf(kind, roll) },
        ...(kind === "http-503" ? [{ method: "Login", nth: 2, fault: kind }] : []),
      ];
    case "error":
      return [onChanges, { method: single, probability: 0.1, ...settingsOf(kind, roll) }];
    default:
      return [onChanges];
  }
}

/** One page of the first reading of the list, which then begins again, and some of those that verify. */
function onSomePages(kind: FaultKind, roll: Dice): FaultRule {
  return { method: list, nth: [1 + roll(6), 14 + roll(6), 22 + roll(20), 40 + roll(30)], ...settingsOf(kind, roll) };
}

function settingsOf(fault: FaultKind, roll: Dice): FaultRule {
  const when = oneOf(roll, ["before", "after"] as const);
  switch (fault) {
    case "http-429":
      return { fault, retryAfter: 0 };
    case "http-500":
    case "http-502":
    case "http-503":
    case "truncated":
    case "malformed":
    case "html":
    case "wrong-id":
      return { fault, when };
    case "late":
      return roll(4) === 0
        ? { fault, ms: 1200, connection: oneOf(roll, ["reset", "hang"] as const) }
        : { fault, ms: roll(300), connection: oneOf(roll, ["reset", "hang"] as const) };
    case "slow":
      return { fault, ms: oneOf(roll, [20, 100, times.timeout + 100]), when };
    case "editor":
      return { fault, when, set: { productId: oneOf(roll, [2, 3, 4]) } };
    case "visa-expire":
      return { fault, chain: roll(2) === 0 };
    case "cap":
      return { fault, rows: roll(300) };
    case "drop-row":
      return { fault, row: roll(400) };
    default:
      return { fault };
  }
}
