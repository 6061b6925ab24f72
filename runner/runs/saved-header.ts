import { GuardError } from "../core/model/errors.ts";
import { isDigest } from "../core/model/item.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { isRunId } from "./run-id.ts";
import { isObject } from "../core/model/object.ts";

/** Longer than this nobody means a change set to be good for. */
const mostLifeMs = 10 * 366 * 86_400_000;

type Check = (value: unknown) => boolean;

/**
 * The header of a saved change set, if every member that is relied on has its shape: the file may come from anywhere.
 * @throws {GuardError} `tampered`, naming the member.
 */
export function savedHeaderOf(value: Readonly<Record<string, unknown>>, path: string): SavedHeader {
  const wrong = wrongMember(value, shape) ?? (livesTooLong(value) ? "expires" : undefined);
  if (wrong === undefined) return value as unknown as SavedHeader;
  throw new GuardError("tampered", `${path} can not be used: its header has no usable ${wrong}.`, {
    hint: "Nothing was sent. Preview the plan again, review that, and apply it.",
  });
}

interface Shape {
  readonly [name: string]: Check | Shape;
}

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isMoment: Check = (value) => isCount(value) && (value as number) < 8.64e15;
const isFlag: Check = (value) => typeof value === "boolean";
const isIdOrNull: Check = (value) => value === null || isText(value) || Number.isFinite(value);
const isHex: Check = (value) => typeof value === "string" && isDigest(value);
const isRun: Check = (value) => typeof value === "string" && isRunId(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const everyMember =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value as object).every(check);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const counts: Shape = {
  rows: isCount,
  "filtered-out": isCount,
  already: isCount,
  refused: isCount,
  selected: isCount,
};

const group: Shape = { name: isText, size: (value) => isCount(value) && value !== 0 };

const lookups: Shape = { digest: isHex, of: listOf(isObject) };

/** Where the changes of a saved undo come from; those of any other come from a list alone. */
const undo: Shape = {
  kind: (value) => value === "undo",
  run: isRun,
  seq: isCount,
  only: optional(listOf(isText)),
};

const shape: Shape = {
  created: isMoment,
  expires: isMoment,
  plan: isText,
  start: {
    run: isRun,
    estate: (value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value),
    tool: isText,
    service: { name: isText, kind: isText, endpoint: isText },
    login: { user_id: isIdOrNull, partner_id: isIdOrNull, name: isText },
    plan: { name: isText, digest: isHex },
    change: {
      method: isText,
      repeat: (value) => ["read", "set", "once"].includes(value as string),
      destructive: isFlag,
    },
    inputs: isObject,
    secrets: everyMember(isText),
    now: (value) => isMoment(value) && (value as number) < 8.64e12,
    started: optional((value) => isMoment(value) && (value as number) < 8.64e12),
    from: optional((value) => wrongMember(value, undo) === undefined),
  },
  enumerated: {
    inventory: isHex,
    pages: isCount,
    began: isMoment,
    ended: isMoment,
    ...counts,
    narrowed: optional((value) => value === true),
    lookups: optional((value) => wrongMember(value, lookups) === undefined),
  },
  selected: {
    changeSet: isHex,
    size: isCount,
    waves: listOf((value) => isCount(value) && value !== 0),
    groups: optional(listOf((value) => wrongMember(value, group) === undefined)),
    guards: listOf(isObject),
  },
};

/** The first member that is not as it must be, as a dotted path; undefined: all are. */
function wrongMember(value: unknown, wanted: Shape, path = ""): string | undefined {
  if (!isObject(value)) return path;
  const members = value;
  for (const [name, check] of Object.entries(wanted)) {
    const at = path === "" ? name : `${path}.${name}`;
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    const wrong = typeof check === "function" ? (check(member) ? undefined : at) : wrongMember(member, check, at);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function livesTooLong({ created, expires }: Readonly<Record<string, unknown>>): boolean {
  return (expires as number) - (created as number) > mostLifeMs;
}
