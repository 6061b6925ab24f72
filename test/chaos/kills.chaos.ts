import { expect, it } from "vitest";
import { campaign, complaintOf, tableOf } from "./campaign.ts";
import { ordeal, type Ordeal } from "./ordeal.ts";
import { say, setting } from "./settings.ts";
import { trialOf } from "./trial.ts";

const seed = setting("CHAOS_SEED", 1);
const kills = setting("CHAOS_KILLS", 200);
const items = setting("CHAOS_ITEMS", 2000);
const width = setting("CHAOS_WIDTH", 2);
const seconds = setting("CHAOS_SECONDS", 1500);
const only = process.env.CHAOS_ONLY;

it(
  `T6: seed ${seed}: ${kills} runs of ${items} items are killed and resumed, and nothing is wrong`,
  { timeout: 0 },
  async () => {
    const began = performance.now();
    say(`CHAOS_SEED=${seed} CHAOS_KILLS=${kills} CHAOS_ITEMS=${items} CHAOS_WIDTH=${width} CHAOS_SECONDS=${seconds}`);
    const tell = (place: number, one: Ordeal): void => {
      const { trial } = one;
      const kinds = [...new Set(trial.faults.map(({ fault }) => fault))].join(", ");
      const after = Math.round((performance.now() - began) / 1000);
      say(`${after} s: trial ${place}, ${trial.change}, ${kinds}: ${one.kills} kills, ${one.resumes} resumes`);
      if (one.violations.length > 0) say(complaintOf(place, one, seed));
    };
    const all: Ordeal[] = [];
    if (only === undefined) all.push(...(await campaign({ seed, kills, items, width, seconds, onTrial: tell })));
    for (const place of only?.split(",").map(Number) ?? []) {
      const one = await ordeal(trialOf(place, seed, items));
      tell(place, one);
      all.push(one);
    }
    say(tableOf(all, performance.now() - began));
    expect(all.flatMap(({ violations }) => violations)).toEqual([]);
  },
);
