import { parse } from "yaml";
import { areItemValues, valuesByKind } from "./items.ts";
import type { ItemValues } from "./items.ts";
import { methodNames } from "./method-names.ts";

/**
 * What goes wrong. Where a fault can strike before or after the change is applied, `when` says which.
 * - `http-429` `http-500` `http-502` `http-503`: that status (`when`: before; `retryAfter` seconds).
 * - `reset-before` `reset-after`: the connection is cut; nothing was done, or all was.
 * - `hang` `hang-after`: no answer ever; nothing was done, or all was.
 * - `truncated` `malformed` `html` `wrong-id`: an answer nobody can use (`when`: after).
 * - `late`: the connection is cut (`connection: reset`) or left open until the client goes (`connection: hang`); `ms`
 *   after that the change takes effect.
 * - `slow`: waits `ms` before the change is applied (`when`: before), or after it.
 * - `error`: an API error, nothing done; `error-after-apply`: the same, but a lie; `no-effect`: success, a lie.
 * - `visa-expire`: 1701, and this visa (`chain: true`: every visa so far) is dead.
 * - `vanish`: `device` (else the one the request is about; for a list of devices, the row just before the page) is
 *   removed first; users can vanish too, partners can not.
 * - `editor`: another editor sets `set` on `device` (else the one the request is about), `when`: before. It may be the
 *   id of a partner or a user; values that are none of its kind change nothing.
 * - lists: `repeat-first-page` (of those with pages), `cap` (to `rows` rows), `drop-row` (leaves out `device`, else the
 *   row at place `row`), `empty-page`; any read: `stale` (data `ms` older than it should be).
 * - `token-stale`: calls to a node: the device has another token from now on, and this call is refused.
 * - `node-elsewhere`: GetAccountInfoById says that the device lives at `host`; left out: where every connection is refused.
 */
export type FaultKind = (typeof faultKinds)[number];

export const faultKinds = [
  "http-429",
  "http-500",
  "http-502",
  "http-503",
  "reset-before",
  "reset-after",
  "truncated",
  "malformed",
  "html",
  "wrong-id",
  "hang",
  "hang-after",
  "late",
  "slow",
  "error",
  "error-after-apply",
  "no-effect",
  "visa-expire",
  "vanish",
  "editor",
  "repeat-first-page",
  "cap",
  "drop-row",
  "empty-page",
  "stale",
  "token-stale",
  "node-elsewhere",
] as const;

/**
 * One way things go wrong, and for which requests. All conditions given must hold; none given means always. Only
 * requests that pass authentication count, and Login.
 */
export interface FaultRule {
  /** Left out: every method, Login included. */
  readonly method?: string;
  /** Only requests about this device, partner, user or profile, or one of these. */
  readonly item?: number | readonly number[];
  /** Only the nth matching request, from 1. */
  readonly nth?: number | readonly number[];
  /** Every nth matching request. */
  readonly every?: number;
  /** 0 to 1. Decided by the seed, the rule, the device and how often this rule has met it: never by timing. */
  readonly probability?: number;
  /** At most so many times. */
  readonly limit?: number;
  readonly fault: FaultKind;
  readonly when?: "before" | "after";
  readonly ms?: number;
  /** Seconds, as the header has them. */
  readonly retryAfter?: number;
  readonly connection?: "reset" | "hang";
  /** The number in `error.data`. */
  readonly data?: number;
  readonly message?: string;
  readonly chain?: boolean;
  /** The id of a device, a partner or a user. */
  readonly device?: number;
  readonly set?: ItemValues;
  readonly row?: number;
  readonly rows?: number;
  /** As GetAccountInfoById says it, with a port or without. */
  readonly host?: string;
}

/**
 * Read a file of faults: a YAML or JSON list of rules.
 * @throws Error naming the rule and the key that is unknown, missing or of the wrong kind.
 */
export function parseFaults(text: string): FaultRule[] {
  return checkFaults(parse(text) as unknown);
}

/** The same check for rules that come from a program. */
export function checkFaults(rules: unknown): FaultRule[] {
  if (!Array.isArray(rules)) throw new Error("faults: expected a list of rules, such as [{ fault: http-503, nth: 1 }]");
  rules.forEach((rule: unknown, index) => {
    checkRule(rule, `faults: rule ${index + 1}`);
  });
  return rules as FaultRule[];
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 1;
const isPlace: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isDuration: Check = (value) => typeof value === "number" && value >= 0 && value < 2 ** 31;
const oneOrMore =
  (check: Check): Check =>
  (value) =>
    check(value) || (Array.isArray(value) && value.length > 0 && value.every(check));
const oneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value);

/** Conditions, which every rule may have. */
const conditions = new Map<string, readonly [Check, string]>([
  ["method", [oneOf(...methodNames), `one of ${methodNames.join(", ")}`]],
  ["item", [oneOrMore(isPlace), "an id or a list of them"]],
  ["nth", [oneOrMore(isCount), "a whole number from 1, or a list of them"]],
  ["every", [isCount, "a whole number from 1"]],
  ["probability", [(value) => typeof value === "number" && value >= 0 && value <= 1, "a number from 0 to 1"]],
  ["limit", [isCount, "a whole number from 1"]],
]);

/** Settings, which only some faults have. */
const settings = {
  when: [oneOf("before", "after"), "before or after"],
  ms: [isDuration, "milliseconds, 0 or more"],
  retryAfter: [isPlace, "whole seconds, 0 or more"],
  connection: [oneOf("reset", "hang"), "reset or hang"],
  data: [(value) => Number.isSafeInteger(value), "a whole number"],
  message: [(value) => typeof value === "string", "text"],
  chain: [(value) => typeof value === "boolean", "true or false"],
  device: [isPlace, "the id of a device, a partner or a user"],
  set: [areItemValues, `values by name: ${valuesByKind}`],
  row: [isPlace, "a place in the page, from 0"],
  rows: [isPlace, "a number of rows"],
  host: [(value) => typeof value === "string", "the name of a host"],
} as const satisfies Record<string, readonly [Check, string]>;

type Setting = keyof typeof settings;

/** The settings of each fault; those that end in `!` must be there. */
const settingsOf: Readonly<Record<FaultKind, readonly (Setting | `${Setting}!`)[]>> = {
  "http-429": ["when", "retryAfter"],
  "http-500": ["when", "retryAfter"],
  "http-502": ["when", "retryAfter"],
  "http-503": ["when", "retryAfter"],
  "reset-before": [],
  "reset-after": [],
  truncated: ["when"],
  malformed: ["when"],
  html: ["when"],
  "wrong-id": ["when"],
  hang: [],
  "hang-after": [],
  late: ["ms!", "connection"],
  slow: ["ms!", "when"],
  error: ["data", "message"],
  "error-after-apply": ["data", "message"],
  "no-effect": [],
  "visa-expire": ["chain"],
  vanish: ["device"],
  editor: ["set!", "device", "when"],
  "repeat-first-page": [],
  cap: ["rows!"],
  "drop-row": ["row", "device"],
  "empty-page": [],
  stale: ["ms!"],
  "token-stale": [],
  "node-elsewhere": ["host"],
};

function checkRule(rule: unknown, place: string): void {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) throw new Error(`${place} is not a mapping`);
  const { fault, ...rest } = rule as Readonly<Record<string, unknown>>;
  if (!isFaultKind(fault))
    throw new Error(`${place}: fault '${String(fault)}' is unknown; one of ${faultKinds.join(", ")}`);
  for (const [key, value] of Object.entries(rest)) {
    const [check, expected] = conditions.get(key) ?? settingCheck(fault, key, place);
    if (!check(value)) throw new Error(`${place}: ${key} is ${JSON.stringify(value)}; expected ${expected}`);
  }
  const missing = settingsOf[fault].find((name) => name.endsWith("!") && rest[name.slice(0, -1)] === undefined);
  if (missing !== undefined) throw new Error(`${place}: fault ${fault} needs ${missing.slice(0, -1)}`);
}

function isFaultKind(value: unknown): value is FaultKind {
  return (faultKinds as readonly unknown[]).includes(value);
}

function settingCheck(fault: FaultKind, key: string, place: string): readonly [Check, string] {
  const names = settingsOf[fault].map((name) => name.replace("!", ""));
  if (names.includes(key)) return settings[key as Setting];
  const known = [...conditions.keys(), ...names].join(", ");
  throw new Error(`${place}: key '${key}' is unknown for fault ${fault}; it knows ${known}`);
}
