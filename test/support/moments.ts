import { expect } from "vitest";
import type { FaultRule } from "../../runner/simulator/faults.ts";
import { crash, inParallel, wrongIn, type Crash, type Scenario } from "./crash.ts";

const method = "ModifyAccount";
const lost: FaultRule = { method, nth: 1, fault: "reset-after" };
const late = (nth: number): FaultRule => ({ method, nth, fault: "late", ms: 350 });

/** What goes on while a process is killed. */
export const scenarios = {
  "one item, nothing else going wrong": { items: 1 },
  "one item, the answer lost after the change": { items: 1, simulator: { faults: [lost] } },
  "one item, a request that acts late, after its connection is gone": { items: 1, simulator: { faults: [late(1)] } },
  "one item, a list that lags behind": { items: 1, simulator: { lagMs: 150 } },
  "two items, of a file that says something else by the time of the resume": { items: 2, csv: true },
  "three items, one answer lost and one late": { items: 3, simulator: { faults: [lost, late(3)], lagMs: 100 } },
} as const satisfies Readonly<Record<string, Scenario>>;

/**
 * Kill at the moments of a run, one after another, until it ends before the moment comes.
 * @param share Which of them: `[1, 3]` is every third, from the second on.
 */
export async function killedAtMoments(
  scenario: Scenario,
  [first, step]: readonly [number, number],
): Promise<readonly Crash[]> {
  const whole = await crash(scenario, undefined);
  expect(wrongIn([whole])).toEqual([]);
  expect(whole.moments).toBeGreaterThan(15);
  const moments = Array.from({ length: whole.moments ?? 0 }, (_, place) => place + 1);
  const share = moments.filter((_, place) => place % step === first);
  expect(share.length).toBeGreaterThan(3);
  return inParallel(share, 3, (moment) => crash(scenario, moment));
}

/** Every resume ended as some uninterrupted run could have, and no more was in doubt than was under way. */
export function expectNoHarm({ items, labels, simulator }: Scenario, crashes: readonly Crash[]): void {
  expect(wrongIn(crashes)).toEqual([]);
  expect(crashes.some(({ resumeExit }) => resumeExit === 0)).toBe(true);
  // Of several items one may stay unknown: it acts later than a read that was begun anew can wait for.
  const mayEnd = (simulator?.faults?.length ?? 0) > 1 ? [0, 7, undefined] : [0, undefined];
  for (const { resumeExit } of crashes) expect(mayEnd).toContain(resumeExit);
  if (labels !== true) for (const { doubt } of crashes) expect(doubt).toBeLessThanOrEqual(items);
}
