import type { Value } from "../core/model/item.ts";
import type { Path } from "../language/source.ts";

/**
 * What a plan is looked at with where something needed is missing or has the wrong shape, so that all else is still
 * looked at. `*`: any name. What follows from the stand-in itself is not told.
 */
const standIns: Readonly<Record<string, Value>> = {
  rollcall: 1,
  name: "",
  service: "",
  "inputs.*": { type: "unknown" },
  "inputs.*.type": "unknown",
  "lookups.*": {},
  "lookups.*.call": "",
  "lookups.*.csv": "",
  "lookups.*.run": "",
  "lookups.*.key": "",
  "lookups.*.for_each": "[]",
  "lookups.*.fields.*": "string",
  enumerate: { call: "", fields: [] },
  "enumerate.call": "",
  "enumerate.fields": [],
  "enumerate.fields.*": "",
  "enumerate.for_each": "[]",
  "enumerate.page.by": "none",
  "enumerate.page.ids": "[]",
  "enumerate.page.next": ".",
  "enumerate.rows": ".",
  filter: true,
  "read.call": "",
  "read.fields.*": ".",
  "read.*.call": "",
  "read.*.fields.*": ".",
  "verify.read.call": "",
  "verify.read.fields.*": ".",
  change: { call: "", params: {} },
  "change.call": "",
  "change.params": {},
  "change.set": {},
  "change.destructive": true,
  "change.chunk": 1,
  "change.result": { succeeded: ".", failed: "." },
  "change.expect": "accepted",
  "hold.when": "false",
  "gate.call": "",
  "gate.rows": ".",
  "gate.fields.*": ".",
  undo: {},
  "undo.reason": "",
  "undo.call": "",
  "undo.params": {},
  "undo.destructive": true,
  "undo.chunk": 1,
  "undo.result": { succeeded: ".", failed: "." },
};

const patterns = Object.entries(standIns).map(([pattern, value]) => [pattern.split("."), value] as const);

/** @param path Where something is wrong. */
export function planStandIn(path: Path): Value | undefined {
  return patterns.find(
    ([steps]) => steps.length === path.length && steps.every((step, at) => fits(step, path[at])),
  )?.[1];
}

function fits(step: string, written: string | number | undefined): boolean {
  return step === "*" || step === written;
}
