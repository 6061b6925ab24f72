import { parsePercent } from "../../language/units.ts";
import type { PlanDocument } from "../document.ts";
import type { Danger, Lint } from "./lint.ts";

/** Bounds that can not bound, whatever the list holds. What depends on the size of the selection is told with the preview. */
const noBound: Lint = function* ({ document: { guards = {}, stop = {} } }) {
  const { max, max_percent: percent } = guards;
  if (percent !== undefined && percent >= 100)
    yield toothless(["guards", "max_percent"], `guards.max_percent ${percent} lets every item of the list change`);
  const share = typeof stop.percent === "string" ? parsePercent(stop.percent) : stop.percent;
  if (share !== undefined && share >= 100)
    yield toothless(["stop", "percent"], "a stop at more than all items never stops the run");
  for (const name of ["errors", "consecutive", "unknown"] as const) {
    const tolerated = stop[name];
    if (max === undefined || max === 0 || tolerated === undefined || tolerated < max) continue;
    yield toothless(
      ["stop", name],
      `stop.${name} tolerates ${tolerated}, and guards.max lets only ${max} change: it never stops the run`,
    );
  }
};

function toothless(path: Danger["path"], message: string): Danger {
  return { path, code: "no-bound", message, hint: "Give a smaller one, or take it out: it says nothing." };
}

/** Waves are there to learn from the one before. */
const verifiedAtEnd: Lint = function* ({ document }) {
  const { pace = {}, verify = {} } = document as WithWaves;
  if (verify.mode !== "end" || pace.waves === undefined) return;
  yield {
    path: ["verify", "mode"],
    code: "verified-at-end",
    message: "the next wave starts before it is known that the one before has done what it was to do",
    hint: "Leave verify.mode out: each wave is then verified before the next starts.",
  };
};

type WithWaves = PlanDocument & {
  readonly pace?: { readonly waves?: unknown };
  readonly verify?: { readonly mode?: string };
};

export const boundLints: readonly Lint[] = [noBound, verifiedAtEnd];
