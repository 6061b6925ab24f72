import type { ItemState, Seen } from "../model/outcome.ts";

/** What the write told us, once every attempt is in. `none`: no bytes left, as far as can be proved. */
export type AnswerKind = "none" | "open" | "accepted" | "rejected" | "lost" | "drifted" | "already";

export interface Evidence {
  readonly answer: AnswerKind;
  /** The best read begun after the answer; undefined: none. For a removal `after` means gone. */
  readonly seen: Seen | undefined;
  /** The last read that counts began past the horizon, so "not visible yet" is no excuse any more. */
  readonly pastHorizon: boolean;
  /** The plan's `pending` expression said at the last read that the item is on its way. */
  readonly onItsWay: boolean;
  /** The plan says `expect: accepted`: nothing more can be shown. */
  readonly unverifiable: boolean;
}

/**
 * Where an item stands: a pure table of (answer, best read). `open` means that bytes may have left and nothing
 * has settled them yet; a sealed run has no such item.
 */
export function stateOf(evidence: Evidence): ItemState | "open" {
  switch (evidence.answer) {
    case "none":
      return "not-started";
    case "open":
      return "open";
    case "drifted":
    case "already":
      return evidence.answer;
    case "accepted":
      return evidence.unverifiable ? "unverifiable" : accepted(evidence);
    case "rejected":
      return evidence.unverifiable ? "rejected" : judged(evidence, "rejected", "rejected");
    case "lost":
      return evidence.unverifiable ? "unknown" : judged(evidence, "unknown", "unknown");
  }
}

function accepted(evidence: Evidence): ItemState {
  const late = evidence.pastHorizon && !evidence.onItsWay;
  return judged(evidence, late ? "diverged" : "pending", "pending");
}

function judged({ seen, onItsWay }: Evidence, whenBefore: ItemState, whenUnread: ItemState): ItemState {
  switch (seen) {
    case undefined:
      return whenUnread;
    case "after":
      return "confirmed";
    case "before":
      return whenBefore;
    case "other":
      return onItsWay ? "pending" : "diverged";
    case "absent":
      return "vanished";
  }
}
