import type { Plan } from "../../core/model/plan.ts";
import type { Path } from "../../language/source.ts";
import type { ExpectDocument, IdsOrTexts } from "../../plan/cases.ts";
import { squeezed, type Finding } from "./finding.ts";
import type { Played } from "./play.ts";

/** What a plan is careful about, whatever the items. */
export function judgeCare(
  { change, stop }: Plan,
  { confirm, recheck, stop: tolerated = {} }: ExpectDocument,
  path: Path,
): readonly Finding[] {
  const found: Readonly<Record<string, number | string | boolean>> = {
    confirm: change.destructive ? "count" : "yes",
    recheck: change.onlyIfUnchanged ?? false,
    ...Object.fromEntries(Object.entries(stop).map(([name, value]) => [`stop.${name}`, value])),
  };
  const wanted = {
    confirm,
    recheck,
    ...Object.fromEntries(Object.entries(tolerated).map(([n, v]) => [`stop.${n}`, v])),
  };
  return Object.entries(wanted).flatMap(([about, expected]): readonly Finding[] => {
    if (expected === undefined || found[about] === expected) return [];
    const here = [...path, ...about.split(".")];
    return [{ path: here, about, expected: String(expected), found: String(found[about]) }];
  });
}

/** Exactly those items are warned of, but for those that are alike. */
export function judgeWarnings(
  expected: IdsOrTexts | undefined,
  found: Played["warnings"],
  { path, but }: { readonly path: Path; readonly but: readonly string[] },
): readonly Finding[] {
  if (expected === undefined) return [];
  const wanted = new Map(
    Array.isArray(expected)
      ? expected.map((id) => [String(id), ""])
      : Object.entries(expected as Record<string, string>),
  );
  const missing = [...wanted].flatMap(([id, part]): readonly Finding[] => {
    const texts = found.get(id) ?? [];
    if (texts.some((text) => squeezed(text).includes(squeezed(part)))) return [];
    const about = `warning of item ${id}`;
    return [{ path, about, expected: part === "" ? "one" : `… ${part} …`, found: texts.join("; ") || "none" }];
  });
  const others = new Set(but);
  const untold = [...found]
    .filter(([id]) => !wanted.has(id) && !others.has(id))
    .map(([id, texts]) => ({ path, about: `warning of item ${id}`, expected: "none", found: texts.join("; ") }));
  return [...missing, ...untold];
}
