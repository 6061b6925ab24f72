// How fast calls may leave, and who else on this machine has a say in that. Types only.

/** Calls a minute of a connection; null: no limit. */
export interface PaceChange {
  readonly from: number | null;
  readonly to: number | null;
  readonly cause: string;
}

/** The pace of everything that is sent to one service from this machine. Its answers are short-lived: they count from now. */
export interface RateSource {
  /** The service's own limit, calls a minute; undefined: it has none, and each caller brings the one it keeps to. */
  readonly perMinute: number | undefined;
  /** The clock it goes by, in ms: nothing but what really passes while the machine runs. */
  up(): number;
  take(ask: PaceAsk): PaceGrant;
  /** The service asked for a pause of so many ms, an hour at most. */
  hold(ms: number): void;
  /** The service turned a call away. @returns Calls a minute from now on, for all; undefined: that is not known. */
  throttled(sign: ThrottleSign): number | undefined;
}

/** @param slots How many calls wait: more than one slot is given where they are near together. */
export interface PaceAsk {
  readonly perMinute: number | undefined;
  readonly slots: number;
}

/**
 * `slots`: the first for now, each other one `spacingMs` after the one before at the earliest; 0: ask again after `waitMs`,
 * of which the service asked for `heldMs`. One that is not used at its time is lost: the last may be used up to its moment.
 */
export interface PaceGrant {
  readonly slots: number;
  readonly spacingMs: number;
  readonly waitMs: number;
  readonly heldMs: number;
  /** Calls a minute, since the service turned some away; left out: it did not, or not lately. */
  readonly slowedTo?: number;
}

export interface ThrottleSign {
  /** What the caller keeps to, and else what it has sent lately, calls a minute. */
  readonly perMinute: number | undefined;
  readonly measured: number | undefined;
  /** How long ago the call left. */
  readonly sentAgoMs: number;
  /** Where the service has a limit of its own: back at that rate it is over. */
  readonly ceiling?: number;
}

/** A text that several processes change: one of those who saw the same version replaces it, and the others are told no. */
export interface RateStore {
  read(): { readonly version: number; readonly text: string | undefined };
  replace(version: number, text: string): boolean;
}
