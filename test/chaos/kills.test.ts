import { expect, it } from "vitest";
import { campaign, complaintOf } from "./campaign.ts";

const seed = Number(process.env.CHAOS_SEED ?? 7);

/** A slice of what `npm run chaos` does for a quarter of an hour. */
it(
  `T6: seed ${seed}: six runs of 300 items are killed and resumed under faults of every kind`,
  { timeout: 300_000 },
  async () => {
    const complaints: string[] = [];
    const all = await campaign({
      seed,
      kills: 6,
      items: 300,
      width: 2,
      onTrial: (place, one) => {
        if (one.violations.length > 0) complaints.push(complaintOf(place, one, seed));
      },
    });
    expect(complaints).toEqual([]);
    expect(all.filter(({ wasKilled }) => wasKilled).length).toBe(6);
    for (const { end } of all.filter(({ wasKilled }) => wasKilled)) expect(end?.sealed).toBe(true);
  },
);
