import { GuardError } from "../core/model/errors.ts";
import type { GroupSize } from "../core/model/events.ts";
import type { Origin } from "../core/model/origin.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { among, everyMember, isCount, isFlag, isHex, isIdOrNull, isMembers, isText } from "../core/model/shaped.ts";
import { isTrue, listOf, membersOf, optional, where, wrongMember } from "../core/model/shaped.ts";
import { gone, guard, lookup } from "../ledger/record-shapes.ts";
import { isRunId } from "./run-id.ts";

/** Longer than this nobody means a change set to be good for. */
const mostLifeMs = 10 * 366 * 86_400_000;

/**
 * The header of a saved change set, if every member that is relied on has its shape: the file may come from anywhere.
 * @throws {GuardError} `tampered`, naming the member.
 */
export function savedHeaderOf(value: Readonly<Record<string, unknown>>, path: string): SavedHeader {
  const wrong = wrongMember(value, header) ?? (livesTooLong(value) ? "expires" : undefined);
  if (wrong === undefined) return value as unknown as SavedHeader;
  throw new GuardError("tampered", `${path} can not be used: its header has no usable ${wrong}.`, {
    hint: "Nothing was sent. Preview the plan again, review that, and apply it.",
  });
}

const isTime = where((value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 8.64e15);
const isSecond = where((value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 8.64e12);
const isSize = where((value) => Number.isSafeInteger(value) && (value as number) > 0);
const isRun = where((value) => typeof value === "string" && isRunId(value));

/** Where the changes of a saved undo come from; those of any other come from a list alone. */
const undo = membersOf<Extract<Origin, { readonly kind: "undo" }>>({
  ...{ kind: among(["undo"]), run: isRun, seq: isCount, only: optional(listOf(isText)) },
});

type Start = Omit<
  SavedHeader["start"],
  "type" | "format" | "owner" | "by" | "facts" | "skewMs" | "previous" | "otherHeads" | "salt"
>;

const header = membersOf<SavedHeader>({
  ...{ created: isTime, expires: isTime, plan: isText },
  start: membersOf<Start>({
    run: isRun,
    estate: where((value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value)),
    tool: isText,
    service: membersOf<Start["service"]>({ name: isText, kind: isText, endpoint: isText }),
    login: membersOf<Start["login"]>({ user_id: isIdOrNull, partner_id: isIdOrNull, name: isText }),
    plan: membersOf<Start["plan"]>({ name: isText, digest: isHex }),
    change: membersOf<Omit<Start["change"], "unverifiable">>({
      ...{ method: isText, repeat: among(["read", "set", "once"]), destructive: isFlag },
    }),
    ...{ inputs: isMembers, secrets: everyMember(isText), now: isSecond, started: optional(isSecond) },
    from: optional(undo),
  }),
  enumerated: membersOf<Omit<SavedHeader["enumerated"], "type">>({
    ...{ inventory: isHex, pages: isCount, began: isTime, ended: isTime, narrowed: optional(isTrue) },
    gone: optional(gone),
    ...{ rows: isCount, "filtered-out": isCount, already: isCount, refused: isCount, selected: isCount },
    lookups: optional(
      membersOf<NonNullable<SavedHeader["enumerated"]["lookups"]>>({ digest: isHex, of: listOf(lookup) }),
    ),
  }),
  selected: membersOf<Omit<SavedHeader["selected"], "type">>({
    ...{ changeSet: isHex, size: isCount, waves: listOf(isSize), guards: listOf(guard) },
    groups: optional(listOf(membersOf<GroupSize>({ name: isText, size: isSize }))),
  }),
});

function livesTooLong({ created, expires }: Readonly<Record<string, unknown>>): boolean {
  return (expires as number) - (created as number) > mostLifeMs;
}
