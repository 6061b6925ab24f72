import { describe, expect, it } from "vitest";
import { digest, runId } from "../../runner/core/model/item.ts";
import { appliedBy, claimChangeSet } from "../../runner/runs/consumed.ts";
import { newFolder } from "../support/runs.ts";

const changeSet = digest("ab".repeat(32));
const [first, second] = [runId("20261126T151020Z-aaaaa"), runId("20261126T151020Z-bbbbb")];

describe("the claim to a saved change set", () => {
  it("is one run's for good, however often that run asks", async () => {
    const root = newFolder();
    expect(await appliedBy(root, changeSet)).toBeUndefined();
    await claimChangeSet({ root, changeSet, run: first });
    await claimChangeSet({ root, changeSet, run: first });
    await expect(claimChangeSet({ root, changeSet, run: second })).rejects.toMatchObject({ code: "stale" });
    expect(await appliedBy(root, changeSet)).toBe(first);
  });

  it("is given to one of many that ask at once", async () => {
    const root = newFolder();
    const runs = Array.from({ length: 20 }, (_, place) =>
      runId(`20261126T151020Z-aaa${String.fromCharCode(97 + place)}a`),
    );
    const asked = await Promise.allSettled(runs.map((run) => claimChangeSet({ root, changeSet, run })));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
