import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, productsOf, removalOf, type Drive, type Driven } from "../support/drive.ts";

const list = cove.catalogue().list("EnumerateAccountStatistics")!;

/** The plan that gives product 4 to devices with product 3, with their profile and their name in sight. */
function watching(more: Parameters<typeof productsOf>[0] = {}, fields: readonly string[] = ["profile_id"]) {
  return (simulator: Simulator): Plan => withFields(productsOf({ count: 6, ...more })(simulator), fields);
}

function withFields(plan: Plan, names: readonly string[]): Plan {
  const more = names.map((name) => list.field(name)!);
  return { ...plan, enumerate: { ...plan.enumerate, fields: [...plan.enumerate.fields, ...more] } };
}

const isSent = (event: RunEvent): boolean => event.type === "wave" && event.phase === "end";
const withProduct = (simulator: Simulator, product: number): number[] =>
  simulator.ids().filter((id) => simulator.device(id)?.productId === product);
const other = (simulator: Simulator, id: number): number => (simulator.device(id)?.profileId === 13 ? 14 : 13);

/** Once the changes are sent, and before the list is read again. */
function afterwards(act: (simulator: Simulator, changed: readonly number[]) => void): Pick<Drive, "on"> {
  const sent: number[] = [];
  return {
    on: (event, simulator) => {
      if (event.type === "intent") sent.push(Number(event.id));
      if (isSent(event)) act(simulator, sent);
    },
  };
}

function found(run: Driven) {
  const fact = run.all("collateral").at(-1);
  if (fact?.checked !== true) throw new Error(`not checked: ${fact?.why}`);
  return fact;
}

describe("what else changed", () => {
  it("nothing: that it was looked at is written down with the number of rows, and the run ends well", async () => {
    const run = await drive({ plan: watching() });
    expectSound(run);
    expect(found(run)).toMatchObject({ rows: 60, found: 0, groups: [], more: 0 });
    expect(run.end).toMatchObject({ exit: 0, collateral: { checked: true, rows: 60, found: 0 } });
    expect(run.all("also")).toEqual([]);
  });

  it("an untouched device is reported with what it was and is, and as no doing of ours", async () => {
    let edited = 0;
    const run = await drive({
      plan: watching(),
      ...afterwards((simulator) => {
        edited = withProduct(simulator, 2)[0]!;
        simulator.edit(edited, { productId: 5 });
      }),
    });
    expectSound(run);
    expect(found(run)).toMatchObject({ found: 1, untouched: 1, touched: 0 });
    const [also] = run.all("also");
    expect(also).toMatchObject({ what: "untouched", cause: "elsewhere" });
    expect(also!.items).toMatchObject([{ id: String(edited), fields: { product_id: { before: 2, after: 5 } } }]);
    expect(run.end.exit).toBe(0);
  });

  it("another field of one touched device: by us or by somebody else, which can not be told", async () => {
    const run = await drive({
      plan: watching(),
      ...afterwards((simulator, [first]) => simulator.edit(first!, { profileId: other(simulator, first!) })),
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(6);
    expect(found(run)).toMatchObject({ found: 1, touched: 1 });
    expect(run.all("also")[0]).toMatchObject({ what: "touched", cause: "unknown" });
    expect(Object.keys(run.all("also")[0]!.items[0]!.fields)).toEqual(["profile_id"]);
  });

  it("the same field on all touched devices and on no other: a side effect by all appearances", async () => {
    const run = await drive({
      plan: watching(),
      ...afterwards((simulator, sent) => {
        for (const id of sent) simulator.edit(id, { profileId: other(simulator, id) });
      }),
    });
    expectSound(run);
    expect(found(run).groups).toMatchObject([{ what: "touched", cause: "ours", field: "profile_id", count: 6 }]);
  });

  it("the same field on touched and untouched devices: nobody can tell", async () => {
    const run = await drive({
      plan: watching(),
      ...afterwards((simulator, sent) => {
        for (const id of [...sent, withProduct(simulator, 2)[0]!])
          simulator.edit(id, { profileId: other(simulator, id) });
      }),
    });
    expectSound(run);
    expect(found(run).groups.map(({ what, cause, count }) => [what, cause, count])).toEqual([
      ["touched", "unknown", 6],
      ["untouched", "elsewhere", 1],
    ]);
  });

  it("a set field of a touched device is a matter of its verdict, and no collateral", async () => {
    const run = await drive({
      plan: watching({ verify: { withinMs: 300, everyMs: 100 } }),
      ...afterwards((simulator, [first]) => simulator.edit(first!, { productId: 2 })),
    });
    expectSound(run);
    expect(run.end.counts.diverged).toBe(1);
    expect(found(run).found).toBe(0);
  });

  it("a device that appeared, and one that vanished", async () => {
    const run = await drive({
      plan: (simulator) => {
        const plan = watching()(simulator);
        // Devices that the first list does not show, and the later ones do.
        let isFirst = true;
        const params = (): { query: { PartnerId: number; Filter?: string } } => {
          const hidden = withProduct(simulator, 2).at(-1)!;
          const filter = isFirst ? { Filter: `AU != ${hidden}` } : {};
          return { query: { PartnerId: simulator.rootPartner, ...filter } };
        };
        return {
          ...plan,
          enumerate: { ...plan.enumerate, params: () => params() },
          guards: {
            ...plan.guards,
            require: [{ holds: () => ((isFirst = false), true), message: () => "", text: "" }],
          },
        };
      },
      ...afterwards((simulator) => simulator.remove(withProduct(simulator, 2)[0]!)),
    });
    expectSound(run);
    expect(found(run)).toMatchObject({ found: 2, appeared: 1, vanished: 1, rows: 59 });
    expect(run.all("also").map(({ what, cause }) => [what, cause])).toEqual([
      ["appeared", "elsewhere"],
      ["vanished", "elsewhere"],
    ]);
  });

  it("a removed item is no collateral, and one that somebody else removed is", async () => {
    const run = await drive({
      plan: removalOf({ count: 4, verify: { withinMs: 900, everyMs: 100, horizonMs: 60_000 } }),
      ...afterwards((simulator) => simulator.remove(withProduct(simulator, 2)[0]!)),
    });
    expectSound(run);
    expect(run.end.counts.confirmed).toBe(4);
    expect(found(run)).toMatchObject({ found: 1, vanished: 1 });
  });

  it("what changes by itself is not compared", async () => {
    const run = await drive({
      plan: (simulator) => {
        const plan = watching()(simulator);
        const fields = plan.enumerate.fields.map((one) =>
          one.name === "profile_id" ? { ...one, volatile: true } : one,
        );
        return { ...plan, enumerate: { ...plan.enumerate, fields } };
      },
      ...afterwards((simulator) => {
        for (const id of simulator.ids()) simulator.edit(id, { profileId: other(simulator, id) });
      }),
    });
    expectSound(run);
    expect(found(run).found).toBe(0);
  });

  it("secret fields are neither compared nor written down", async () => {
    const run = await drive({
      plan: (simulator) => {
        const plan = watching()(simulator);
        const fields = plan.enumerate.fields.map((one) => (one.name === "profile_id" ? { ...one, secret: true } : one));
        return { ...plan, enumerate: { ...plan.enumerate, fields } };
      },
      ...afterwards((simulator) => {
        for (const id of simulator.ids()) simulator.edit(id, { profileId: other(simulator, id) });
      }),
    });
    expectSound(run);
    expect(found(run).found).toBe(0);
    expect(JSON.stringify(run.records)).not.toContain("profile_id");
  });

  it("of a narrowed list only its own items are compared", async () => {
    const run = await drive({
      plan: (simulator) => {
        const plan = watching()(simulator);
        const narrowed = () => ({ query: { PartnerId: simulator.rootPartner, Filter: "PD == 3" } });
        return { ...plan, enumerate: { ...plan.enumerate, narrowed } };
      },
      ...afterwards((simulator, [first]) => {
        const untouched = withProduct(simulator, 3)[0]!;
        for (const id of [withProduct(simulator, 2)[0]!, untouched, first!])
          simulator.edit(id, { profileId: other(simulator, id) });
      }),
    });
    expectSound(run);
    expect(found(run)).toMatchObject({ found: 2, touched: 1, untouched: 1, appeared: 0, narrowed: true, rows: 60 });
  });

  it("another list to verify by says nothing of the first: not checked, and that is said", async () => {
    const run = await drive({
      plan: (simulator) => {
        const plan = watching()(simulator);
        return { ...plan, verify: { ...plan.verify, list: plan.enumerate } };
      },
      ...afterwards((simulator) => simulator.remove(withProduct(simulator, 2)[0]!)),
    });
    expectSound(run);
    expect(run.end.collateral).toEqual({ checked: false, why: "the plan looks for its items in another list" });
    expect(run.end.exit).toBe(0);
  });

  it("is not looked for where the plan ignores it", async () => {
    const run = await drive({
      plan: watching({ verify: { withinMs: 900, everyMs: 100, collateral: "ignore" } }),
      ...afterwards((simulator) => simulator.remove(withProduct(simulator, 2)[0]!)),
    });
    expectSound(run);
    expect(run.all("collateral")).toEqual([]);
    expect(run.end.collateral).toBeUndefined();
  });

  it("makes the run end with 7 where the plan says that it fails, and with 0 where there is none", async () => {
    const plan = watching({ verify: { withinMs: 900, everyMs: 100, collateral: "fail" } });
    const clean = await drive({ plan });
    expectSound(clean);
    expect(clean.end).toMatchObject({ exit: 0, exits: [] });
    const run = await drive({
      plan,
      ...afterwards((simulator) => simulator.remove(withProduct(simulator, 2)[0]!)),
    });
    expectSound(run);
    expect(run.end).toMatchObject({ exit: 7, exits: [7], collateral: { vanished: 1, fails: true } });
  });

  it("an item that was left alone because it drifted is untouched", async () => {
    const run = await drive({
      plan: watching({ stop: { errors: 0, consecutive: 0, unknown: 0, driftedPercent: 100 } }),
      job: { recheck: true },
      on: (event, simulator) => {
        if (event.type === "selected") simulator.edit(withProduct(simulator, 3)[0]!, { productId: 2 });
      },
    });
    expectSound(run);
    expect(run.end.counts.drifted).toBe(1);
    expect(found(run).groups).toMatchObject([{ what: "untouched", cause: "elsewhere", field: "product_id", count: 1 }]);
  });
});
