import type { MethodRule } from "../../core/model/protocol.ts";
import { parseDuration } from "../../language/units.ts";
import type { MethodDocument } from "./document.ts";

/** What does not say how often it may be sent is careful: a change goes once. */
export function methodRules(documents: Readonly<Record<string, MethodDocument>>): ReadonlyMap<string, MethodRule> {
  const rules = Object.entries(documents).map(([name, document]) => {
    const { kind, repeat = kind === "change" ? "once" : "read", lag, destructive = false, chunk_max } = document;
    const lagMs = lag === undefined ? undefined : parseDuration(lag);
    return [name, { kind, repeat, lagMs, destructive, chunkMax: chunk_max }] as const;
  });
  return new Map(rules);
}
