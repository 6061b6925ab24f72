import type { Lint } from "./lint.ts";

/** The best that can be said afterwards is that the service said yes. */
const notVerified: Lint = function* ({ document: { change } }) {
  if (change.expect !== "accepted") return;
  yield {
    path: ["change", "expect"],
    code: "not-verified",
    message: "nothing is read afterwards: an accepted call may have done nothing, and nobody would know",
    hint: "Name a field that shows the effect under set, or write expect as an expression over after.",
  };
};

/** A removal goes by the list, which may be old by then. */
const uncheckedRemoval: Lint = function* ({ document: { change } }) {
  if (change.expect !== "absent" || change.only_if_unchanged === true) return;
  yield {
    path: ["change", "expect"],
    code: "unchecked-removal",
    message: "an item that has changed since the list was read is removed all the same",
    hint: "Add only_if_unchanged: true to change: each item is then read again right before it is removed.",
  };
};

/** A call of which a lost answer is never made good by sending it again. */
const sentOnce: Lint = function* ({ document: { change, stop = {} }, catalogue }) {
  if ((catalogue.method(change.call)?.repeat ?? "once") === "set") return;
  const { chunk = 1 } = change;
  if (chunk > 1)
    yield {
      path: ["change", "chunk"],
      code: "once",
      message: `${change.call} may not be sent twice: one lost answer can leave ${chunk} items unknown, and none of them is sent again, by rerun neither`,
      hint: "Write a smaller chunk; or, where repeating it changes nothing, say repeat: set where the config describes the method.",
    };
  if ((stop.unknown ?? 0) > 0)
    yield {
      path: ["stop", "unknown"],
      code: "once",
      message: `${change.call} may not be sent twice, and ${stop.unknown} lost answers are tolerated: nobody sends those items again, by rerun neither`,
      hint: "Write stop.unknown: 0, so that the first lost answer that can not be settled stops the run.",
    };
};

/** A verb stands at the beginning of the name, or of a part of it: `RemoveUser`, `aria2.remove`, `user_delete`. */
const removing =
  /(^|[^A-Za-z])(remove|delete|purge|destroy|erase|wipe|drop|truncate|uninstall|terminate|decommission)(?![a-z])/i;

/** What sounds as if it could not be taken back, and does not say so. The catalogue's own word is a rule. */
const destructiveVerb: Lint = function* ({ document: { change }, catalogue }) {
  const { call, destructive = false } = change;
  if (destructive || catalogue.method(call)?.destructive === true || !isRemoving(call)) return;
  yield {
    path: ["change", "call"],
    code: "destructive-verb",
    message: `${call} sounds as if it could not be taken back`,
    hint: "If so, add destructive: true to change: the number of items has to be typed then, and guards.max is needed.",
  };
};

function isRemoving(method: string): boolean {
  const found = removing.exec(method);
  if (found === null) return false;
  // `i` holds for the verb alone: what follows a verb in a name is a new word.
  const next = method[found.index + found[0].length] ?? "";
  return !/[a-z]/.test(next);
}

export const callLints: readonly Lint[] = [notVerified, uncheckedRemoval, sentOnce, destructiveVerb];
