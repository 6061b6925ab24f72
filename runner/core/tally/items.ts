import type { ChangeFacts } from "../model/events.ts";
import type { ItemState, Outcome, Seen } from "../model/outcome.ts";
import { seenByCode, seenCode } from "../model/seen-code.ts";
import { stateOf, type AnswerKind } from "./state.ts";

/** An item is sent so often at most when every answer is lost; the last lost answer is not followed by another send. */
const maxLostAttempts = 3;

/** How a lost answer is treated, and whether a read can show anything. */
export type ItemRules = Pick<ChangeFacts, "repeat" | "unverifiable">;

const phase = { none: 0, intended: 1, sent: 2, lost: 3, accepted: 4, rejected: 5, drifted: 6, already: 7 } as const;
const flag = {
  pastHorizon: 1,
  onItsWay: 2,
  unsure: 4,
  settled: 8,
  despite: 16,
  judged: 32,
  undone: 64,
  gaveUp: 128,
} as const;

/** What is known of every selected item, 14 bytes each, and how facts change it. */
export class ItemTable {
  readonly size: number;
  readonly #rules: ItemRules;
  readonly #phase: Uint8Array;
  readonly #seen: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #lost: Uint8Array;
  readonly #attempt: Uint16Array;
  readonly #answeredUp: Float64Array;

  constructor(size: number, rules: ItemRules) {
    this.size = size;
    this.#rules = rules;
    this.#phase = new Uint8Array(size);
    this.#seen = new Uint8Array(size);
    this.#flags = new Uint8Array(size);
    this.#lost = new Uint8Array(size);
    this.#attempt = new Uint16Array(size);
    this.#answeredUp = new Float64Array(size);
  }

  stateOf(index: number): ItemState | "open" {
    return stateOf({
      answer: this.answerOf(index),
      seen: seenByCode[this.#seen[index] ?? 0],
      pastHorizon: this.#has(index, flag.pastHorizon),
      onItsWay: this.#has(index, flag.onItsWay),
      unverifiable: this.#rules.unverifiable,
    });
  }

  answerOf(index: number): AnswerKind {
    switch (this.#phase[index]) {
      case phase.intended:
      case phase.sent:
        return "open";
      case phase.lost:
        return this.#has(index, flag.settled) ? "lost" : "open";
      case phase.accepted:
        return "accepted";
      case phase.rejected:
        return "rejected";
      case phase.drifted:
        return "drifted";
      case phase.already:
        return "already";
      default:
        return "none";
    }
  }

  /** Who did it: we, perhaps we (an answer was lost), or we although the service had said no. */
  creditOf(index: number): "ours" | "unsure" | "despite" {
    if (this.#has(index, flag.despite)) return "despite";
    return this.#has(index, flag.unsure) ? "unsure" : "ours";
  }
  /** A read that began after the lost request could still act, and after its own lag, showed the old value. */
  isShownUndone(index: number): boolean {
    return this.stateOf(index) === "unknown" && this.#has(index, flag.undone);
  }
  /** Nothing was sent for it that is not settled: the schedule may start it. */
  isQueued(index: number): boolean {
    return this.#phase[index] === phase.none && !this.hasGivenUp(index);
  }
  /** It was busy for too long, and is left alone. */
  hasGivenUp(index: number): boolean {
    return this.#has(index, flag.gaveUp);
  }
  isMarked(index: number): boolean {
    return this.#phase[index] === phase.sent;
  }
  /** A lost answer that no read has settled. */
  isUnsettled(index: number): boolean {
    return this.#phase[index] === phase.lost && !this.#has(index, flag.settled);
  }
  /**
   * A lost answer whose item may be sent again: its settling read showed the old value. Once verification has judged it, or it
   * was busy for too long, never.
   */
  mayResend(index: number): boolean {
    return (
      this.#phase[index] === phase.lost &&
      this.#has(index, flag.settled) &&
      this.#seen[index] === seenCode.before &&
      !this.#has(index, flag.judged) &&
      !this.hasGivenUp(index) &&
      this.#rules.repeat === "set" &&
      (this.#lost[index] ?? 0) < maxLostAttempts
    );
  }
  /** An answer stands (or a lost one is settled), and reading could still say more. */
  wantsVerdict(index: number): boolean {
    const answer = this.answerOf(index);
    if (this.#rules.unverifiable || this.#seen[index] === seenCode.after) return false;
    return answer === "accepted" || answer === "rejected" || answer === "lost";
  }
  /** Number of the item's last attempt; 0: none. */
  attemptOf(index: number): number {
    return this.#attempt[index] ?? 0;
  }
  /** Ms since boot, in the present boot's time, of the item's last outcome. */
  answeredUp(index: number): number {
    return this.#answeredUp[index] ?? 0;
  }

  intend(index: number, attempt: number): void {
    this.#phase[index] = phase.intended;
    this.#attempt[index] = attempt;
  }
  mark(index: number): void {
    this.#phase[index] = phase.sent;
  }
  /** Nothing was done by this attempt: the item is as it was before it, still lost if an earlier one was. */
  reopen(index: number): void {
    this.#phase[index] = (this.#lost[index] ?? 0) > 0 ? phase.lost : phase.none;
  }

  giveUp(index: number): void {
    this.#put(index, flag.gaveUp, true);
  }

  answer(index: number, kind: Outcome["kind"], up: number): void {
    this.#answeredUp[index] = up;
    switch (kind) {
      case "rejected":
        // A rejection after an attempt that may have acted proves nothing.
        if ((this.#lost[index] ?? 0) > 0) this.#lose(index);
        else this.#phase[index] = phase.rejected;
        break;
      case "lost":
        this.#lose(index);
        break;
      case "not-acted":
        this.reopen(index);
        break;
      case "accepted":
        this.#seen[index] = 0;
        this.#phase[index] = phase.accepted;
        break;
      case "drifted":
      case "already":
        // Only an item that we never touched can have moved by itself; any other is judged by verification.
        if ((this.#lost[index] ?? 0) > 0) this.reopen(index);
        else this.#phase[index] = phase[kind];
        break;
    }
  }

  /** The read that settles a lost answer; `undefined`: the item could not be read. */
  settle(index: number, seen: Seen | undefined): void {
    this.#put(index, flag.settled, true);
    if (seen === undefined) return;
    this.#seen[index] = seenCode[seen];
    this.#put(index, flag.undone, seen === "before");
  }

  /** `isConclusive`: the pass began after any request for the item could still act. */
  judge(
    index: number,
    seen: Seen,
    { pastHorizon, onItsWay, isConclusive }: { pastHorizon: boolean; onItsWay: boolean; isConclusive: boolean },
  ): void {
    this.#seen[index] = seenCode[seen];
    if (seen !== "before" || isConclusive) this.#put(index, flag.undone, seen === "before");
    this.#put(index, flag.judged, true);
    this.#put(index, flag.pastHorizon, pastHorizon);
    this.#put(index, flag.onItsWay, onItsWay);
    if (seen === "after" && this.#phase[index] === phase.rejected) this.#put(index, flag.despite, true);
  }

  /** Carry the times of answers over to another boot. */
  shiftTimes(byMs: number): void {
    for (let index = 0; index < this.size; index++) this.#answeredUp[index] = (this.#answeredUp[index] ?? 0) + byMs;
  }

  #lose(index: number): void {
    this.#phase[index] = phase.lost;
    this.#seen[index] = 0;
    this.#lost[index] = Math.min(255, (this.#lost[index] ?? 0) + 1);
    this.#put(index, flag.unsure, true);
    this.#put(index, flag.settled, false);
    this.#put(index, flag.undone, false);
  }

  #has(index: number, bit: number): boolean {
    return ((this.#flags[index] ?? 0) & bit) !== 0;
  }
  #put(index: number, bit: number, on: boolean): void {
    const flags = this.#flags[index] ?? 0;
    this.#flags[index] = on ? flags | bit : flags & ~bit;
  }
}
