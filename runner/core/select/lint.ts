import type { SelectionCounts, Warned } from "../model/preview.ts";
import type { Plan } from "../model/plan.ts";
import type { WaveSize } from "../model/precautions.ts";

/** What every plan has that says nothing of it: no choice of its own to warn of. */
const usual = { errors: 3, consecutive: 3, driftedPercent: 10 } as const;

/**
 * Bounds that are none for so many items: percentages that come to nothing, limits that can not be exceeded, a first wave
 * that has everything. Told with the preview, in the order of the plan; without those that the plan accepts.
 */
export function selectionWarnings(plan: Plan, { rows, selected }: SelectionCounts): readonly Warned[] {
  if (selected === 0) return [];
  const dangers = [...shares(plan, { rows, selected }), ...limits(plan, selected), ...waves(plan, selected)];
  return dangers.filter(({ code }) => plan.accepts?.includes(code) !== true).map(({ message }) => ({ message }));
}

interface Danger {
  readonly code: "rounds-to-zero" | "limit-above-selection" | "one-wave";
  readonly message: string;
}

interface Sizes {
  readonly rows: number;
  readonly selected: number;
}

/** Percentages are rounded down. */
function* shares({ guards, stop }: Plan, { rows, selected }: Sizes): Generator<Danger> {
  const { maxPercent } = guards;
  if (maxPercent !== undefined && isNothing(maxPercent, rows))
    yield zero("guards.max_percent", `${maxPercent}% of ${items(rows)} is 0: none may change`);
  // Of waves and groups it is of their sizes.
  if ((stop.of ?? "run") !== "run") return;
  if (stop.percent !== undefined && isNothing(stop.percent, selected))
    yield zero("stop.percent", `${stop.percent}% of ${items(selected)} is 0: tolerates none`);
  const { drifted, driftedPercent } = stop;
  // Of drifted items at least one is tolerated.
  if (drifted === undefined && driftedPercent !== usual.driftedPercent && isNothing(driftedPercent, selected))
    yield zero("stop.drifted", `${driftedPercent}% of ${items(selected)} is 0: tolerates 1`);
}

function zero(key: string, message: string): Danger {
  return { code: "rounds-to-zero", message: `${key}: ${message}.` };
}

function isNothing(percent: number, of: number): boolean {
  return percent > 0 && of > 0 && Math.floor((of * percent) / 100) === 0;
}

/** As many as there are can not be exceeded. */
function* limits({ stop }: Plan, selected: number): Generator<Danger> {
  for (const name of ["errors", "consecutive", "unknown", "drifted"] as const) {
    const tolerated = stop[name];
    if (tolerated === undefined || tolerated < selected || tolerated === (usual as Partial<typeof stop>)[name])
      continue;
    if (tolerated === 0) continue;
    const message = `stop.${name}: tolerates ${tolerated}, and ${items(selected)} would change: it never stops the run.`;
    yield { code: "limit-above-selection", message };
  }
}

/** A wave has at least one item. */
function* waves({ pace }: Plan, selected: number): Generator<Danger> {
  const sizes = pace.waves ?? [];
  for (const size of sizes)
    if ("percent" in size && isNothing(size.percent, selected))
      yield zero("pace.waves", `${size.percent}% of ${items(selected)} is 0: the wave has 1 item`);
  const [first] = sizes;
  if (first === undefined || selected === 1 || sizeOf(first, selected) < selected) return;
  const message = `pace.waves: the first wave has all ${items(selected)}: nothing is learned from a few first.`;
  yield { code: "one-wave", message };
}

function sizeOf(size: WaveSize, selected: number): number {
  return "count" in size ? size.count : Math.max(1, Math.floor((selected * size.percent) / 100));
}

function items(count: number): string {
  return `${count} ${count === 1 ? "item" : "items"}`;
}
