import { ordeal, type Ordeal } from "./ordeal.ts";
import { kindsInTrials, trialOf } from "./trial.ts";

export interface Campaign {
  readonly seed: number;
  /** Runs that are killed after they took their lock; trials go on until there are so many. */
  readonly kills: number;
  readonly items: number;
  /** Trials at once. */
  readonly width: number;
  /** No trial begins after this time, however few were killed. */
  readonly seconds?: number;
  /** Told of each trial as it ends. */
  readonly onTrial?: (place: number, one: Ordeal) => void;
}

/** Trial after trial, until enough runs were killed. The same seed and sizes give the same trials. */
export async function campaign({
  seed,
  kills,
  items,
  width,
  seconds = Infinity,
  onTrial,
}: Campaign): Promise<readonly Ordeal[]> {
  const all: Ordeal[] = [];
  const until = performance.now() + seconds * 1000;
  let next = 0;
  let met = 0;
  const worker = async (): Promise<void> => {
    // What is under way in the other workers counts as met: no trial more than needed is begun.
    while (met < kills && performance.now() < until) {
      const place = next++;
      met += 1;
      const one = await ordeal(trialOf(place, seed, items));
      if (!one.wasKilled) met -= 1;
      all.push(one);
      onTrial?.(place, one);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return all;
}

/** What a campaign came to, in lines for a person. */
export function tableOf(all: readonly Ordeal[], wallMs: number): string {
  const sum = (of: (one: Ordeal) => number): number => all.reduce((total, one) => total + of(one), 0);
  const most = all.reduce((worst, one) => (share(one) > share(worst) ? one : worst));
  const rows: [string, string | number][] = [
    ["trials", all.length],
    ...(["set", "removal", "once"] as const).map((change): [string, number] => [
      `  ${change}`,
      all.filter(({ trial }) => trial.change === change).length,
    ]),
    ["  with items read again before they are sent", all.filter(({ trial }) => trial.rereads).length],
    ["SIGKILLs", sum(({ kills }) => kills)],
    ["  runs killed with changes under way", all.filter(({ wasKilled }) => wasKilled).length],
    ["resumes", sum(({ resumes }) => resumes)],
    [
      "items in doubt after a kill, at most",
      `${most.doubt} with ${most.trial.concurrency} slots (bound ${2 * most.trial.concurrency})`,
    ],
    ["violations", sum(({ violations }) => violations.length)],
    ["wall time", `${Math.round(wallMs / 1000)} s`],
    ["faults, and the trials they struck in", ""],
    ...kindsInTrials.map((kind): [string, string] => {
      const trials = all.filter(({ struck }) => (struck.get(kind) ?? 0) > 0).length;
      return [`  ${kind}`, `${sum(({ struck }) => struck.get(kind) ?? 0)} in ${trials}`];
    }),
    ["excused items, by rule", ""],
    ...counted(all.flatMap(({ excuses }) => excuses)),
    ["items by state at the end", ""],
    ...counted(
      all.flatMap(({ end }) =>
        Object.entries(end?.counts ?? {}).flatMap(([state, count]) => Array<string>(count).fill(state)),
      ),
    ),
  ];
  return rows.map(([name, value]) => `${name.padEnd(56)} ${value}`).join("\n");
}

function counted(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => [`  ${name}`, count]);
}

const share = ({ doubt, trial }: Ordeal): number => doubt / trial.concurrency;

/** How to see one trial again, and what was wrong with it. */
export function complaintOf(place: number, { trial, folder, violations, kills }: Ordeal, seed: number): string {
  const head = `trial ${place} of seed ${seed} (CHAOS_SEED=${seed} CHAOS_ONLY=${place}), ${trial.change}, ${kills} kills: ${folder}`;
  const faults = trial.faults.map((rule) => JSON.stringify(rule)).join("\n    ");
  return [head, `    ${faults}`, ...violations.slice(0, 10).map((line) => `  ${line}`)].join("\n");
}
