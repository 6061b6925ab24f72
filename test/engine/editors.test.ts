import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../runner/core/model/events.ts";
import type { Item } from "../../runner/core/model/item.ts";
import type { Plan } from "../../runner/core/model/plan.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import type { Simulator } from "../../runner/simulator/server.ts";
import { drive, expectSound, productsOf, removalOf, type Drive, type Driven } from "../support/drive.ts";

const values = { OLD: 3, NEW: 4, OTHER: 2 } as const;
type Edit = keyof typeof values;

/** Moments of a run at which somebody else can put a value on every item. */
const boundaries: Readonly<Record<string, (event: RunEvent) => boolean>> = {
  "after the list was read": (event) => event.type === "selected",
  "before the first request": (event) => event.type === "wave" && event.phase === "begin",
  "while answers come in": (event) => event.type === "outcome",
  "before verification": (event) => event.type === "wave" && event.phase === "end",
  "while the list is read again": (event) => event.type === "pass" && event.phase === "begin",
};

const ours = (simulator: Simulator): number[] =>
  simulator
    .ids()
    .filter((id) => [2, 3, 4].includes(simulator.device(id)?.productId ?? 0))
    .slice(0, 8);

/** The last writer is known for sure only when nobody edits after our request was applied. */
describe.concurrent("T5: another editor", () => {
  for (const [moment, isThen] of Object.entries(boundaries)) {
    for (const edit of Object.keys(values) as Edit[]) {
      it(`sets ${edit} ${moment}: what is said of the item is what is there`, async () => {
        let done = false;
        const run = await drive({
          plan: productsOf({ count: 6, verify: { withinMs: 400, everyMs: 100 } }),
          on: (event, simulator) => {
            if (done || !isThen(event)) return;
            done = true;
            for (const id of ours(simulator)) simulator.edit(id, { productId: values[edit] });
          },
        });
        expectSound(run);
        for (const { id } of run.changes) {
          const value = run.evidence.witness.valueNow(id)?.product_id;
          const says = run.stateOf(id);
          if (says === "confirmed") expect(value).toBe(values.NEW);
          if (value === values.OTHER) expect(says).toBe("diverged");
          if (value === values.OLD) expect(says).toBe("pending");
        }
      });
    }
  }

  for (const when of ["before", "after"] as const) {
    for (const edit of Object.keys(values) as Edit[]) {
      it(`sets ${edit} right ${when} a change is applied whose answer is lost`, async () => {
        const run = await drive({
          simulator: {
            faults: [
              { method: "ModifyAccount", nth: 2, fault: "editor", set: { productId: values[edit] }, when },
              { method: "ModifyAccount", nth: 2, fault: "reset-after" },
            ],
          },
          plan: productsOf({ count: 4, verify: { withinMs: 400, everyMs: 100 } }),
        });
        expectSound(run);
        const [lost] = run.all("outcome").filter(({ kind }) => kind === "lost");
        const wanted = when === "before" || edit !== "OTHER" ? "confirmed" : "diverged";
        expect(run.stateOf(lost!.id)).toBe(wanted);
        // Somebody put the old value back: it is sent again, and that is applied a second time.
        expect(run.received.length).toBe(when === "after" && edit === "OLD" ? 5 : 4);
        if (wanted === "confirmed") expect(run.creditOf(lost!.id)).toBe("unsure");
      });
    }
  }

  /** The steps of an item whose answer was lost, and the faults that lead there. */
  const steps: Readonly<Record<string, (event: RunEvent) => boolean>> = {
    "when its answer is lost": (event) => event.type === "outcome" && event.kind === "lost",
    "when a read has settled it": (event) => event.type === "read" && event.seen !== "early-before",
    "when it is sent again": (event) => event.type === "intent" && event.attempt === 2,
  };
  const edits = (Object.keys(values) as Edit[]).flatMap((edit) => [[edit, false] as const, [edit, true] as const]);
  for (const fault of ["reset-before", "reset-after"] as const) {
    for (const [moment, isThen] of Object.entries(steps)) {
      for (const [edit, recheck] of edits) {
        const reading = recheck ? ", each item read again before it is sent" : "";
        it(`sets ${edit} on an item lost by ${fault}, ${moment}${reading}: never drifted, never ours for sure`, async () => {
          let lost: string | undefined;
          let done = false;
          const run = await drive({
            simulator: { faults: [{ method: "ModifyAccount", nth: 2, fault }] },
            plan: productsOf({ count: 4, verify: { withinMs: 400, everyMs: 100 } }),
            job: { recheck },
            on: (event, simulator) => {
              if (event.type === "outcome" && event.kind === "lost") lost ??= event.id;
              if (done || lost === undefined || !isThen(event)) return;
              done = true;
              simulator.edit(Number(lost), { productId: values[edit] });
            },
          });
          expectSound(run);
          const item = lost ?? "";
          const value = run.evidence.witness.valueNow(item)?.product_id;
          const says = run.stateOf(item);
          expect(says).not.toBe("drifted");
          if (value === values.NEW) expect([says, run.creditOf(item)]).toEqual(["confirmed", "unsure"]);
          // A settled item is not read again, and an edit after its last read is seen by nobody.
          else if (says === "confirmed") expect(run.storyOf(item).at(-1)).toBe("read after");
          else expect(says).toBe(value === values.OTHER ? "diverged" : value === values.OLD ? "pending" : says);
        });
      }
    }
  }

  it("that sets the new value while nothing of ours arrived: confirmed, but never as ours", async () => {
    const run = await drive({
      simulator: {
        faults: [
          { method: "ModifyAccount", nth: 2, fault: "editor", set: { productId: values.NEW } },
          { method: "ModifyAccount", nth: 2, fault: "reset-before" },
        ],
      },
      plan: productsOf({ count: 4 }),
    });
    expectSound(run);
    const [lost] = run.all("outcome").filter(({ kind }) => kind === "lost");
    expect(run.received.length).toBe(4);
    expect(run.stateOf(lost!.id)).toBe("confirmed");
    expect(run.creditOf(lost!.id)).toBe("unsure");
  });
});

describe.concurrent("T15: reading again right before sending", () => {
  const recheck = { job: { recheck: true } };
  const edited = (set: { readonly productId: number }) => (event: RunEvent, simulator: Simulator) => {
    if (event.type !== "selected") return;
    const ids = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
    for (const id of ids.slice(1, 3)) simulator.edit(id, set);
  };
  const tolerant = { errors: 0, consecutive: 0, unknown: 0, driftedPercent: 100 };

  it("drifted: an item that was edited after the review receives nothing, exit 7", async () => {
    const run = await drive({
      ...recheck,
      plan: productsOf({ count: 5, stop: tolerant }),
      on: edited({ productId: 2 }),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ drifted: 2, confirmed: 3 });
    expect(run.received.length).toBe(3);
    expect(run.end.exit).toBe(7);
  });

  it("already: an item that somebody has changed as wanted receives nothing, exit 0", async () => {
    const run = await drive({
      ...recheck,
      plan: productsOf({ count: 5, stop: tolerant }),
      on: edited({ productId: 4 }),
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ already: 2, confirmed: 3 });
    expect(run.received.length).toBe(3);
    expect(run.end.exit).toBe(0);
  });

  for (const verb of ["a change", "a removal"] as const) {
    it(`drifted: ${verb} of an item to which the filter no longer applies, though what is set is as it was`, async () => {
      const isRemoval = verb === "a removal";
      const plan = isRemoval ? removalOf({ count: 5, stop: tolerant }) : productsOf({ count: 5, stop: tolerant });
      const fields = (whole: Plan): Plan["enumerate"]["fields"] => [
        ...whole.enumerate.fields,
        cove.catalogue().list("EnumerateAccountStatistics")!.field("profile_id")!,
      ];
      const run = await drive({
        ...recheck,
        plan: (simulator) => {
          const whole = plan(simulator);
          const still = { text: "profile", line: 3, holds: (_: unknown, item: Item) => item.fields.profile_id !== 13 };
          return {
            ...whole,
            enumerate: { ...whole.enumerate, fields: fields(whole) },
            filter: [...whole.filter, still],
          };
        },
        on: (event, simulator) => {
          if (event.type !== "preview") return;
          for (const { id } of event.sample.slice(0, 2)) simulator.edit(Number(id), { profileId: 13 });
        },
      });
      expectSound(run);
      expect(run.end.counts).toMatchObject({ drifted: 2, confirmed: run.changes.length - 2 });
      expect(run.changes.length).toBeGreaterThan(2);
      const moved = run.all("outcome").filter(({ kind }) => kind === "drifted");
      for (const { id } of moved) expect(run.received).not.toContain(id);
      expect(run.end.exit).toBe(7);
    });
  }

  it("drifted: a removed item, and one that can not be read", async () => {
    const run = await drive({
      ...recheck,
      plan: productsOf({ count: 5, stop: tolerant }),
      on: (event, simulator) => {
        if (event.type !== "selected") return;
        const ids = simulator.ids().filter((id) => simulator.device(id)?.productId === 3);
        simulator.remove(ids[0]!);
      },
    });
    expectSound(run);
    expect(run.end.counts).toMatchObject({ drifted: 1, confirmed: 4 });
  });

  describe("in the gap between that read and the send", () => {
    const profile = cove.catalogue().list("EnumerateAccountStatistics")!.field("profile_id")!;
    type Fault = NonNullable<NonNullable<Drive["simulator"]>["faults"]>[number];

    const edits = (fault: Omit<Fault, "fault">) =>
      drive({
        ...recheck,
        simulator: { faults: [{ ...fault, fault: "editor" }] },
        plan: (simulator) => {
          const more = { count: 4, pace: { concurrency: 1 }, verify: { withinMs: 400, everyMs: 100 } };
          const plan = productsOf(more)(simulator);
          return { ...plan, enumerate: { ...plan.enumerate, fields: [...plan.enumerate.fields, profile] } };
        },
      });
    // The list takes three requests; then each item is asked for by itself. The data served is that before the edit.
    const afterTheRead = { method: "EnumerateAccountStatistics", nth: 5, when: "after" } as const;

    /** The item that was edited, which lies within the measured gap. */
    function edited(run: Driven): string {
      const [edit, ...others] = run.evidence.witness.edits;
      if (edit === undefined || others.length > 0) throw new Error("there is not one edit");
      const sent = run.all("outcome").find(({ id }) => id === edit.item)!;
      expect(sent).toMatchObject({ kind: "accepted" });
      // The two clocks are read by two sides of a busy process: not to the millisecond.
      expect(edit.at).toBeGreaterThan(sent.up - sent.ms - (sent.gapMs ?? 0) - 20);
      expect(edit.at).toBeLessThan(sent.up + 20);
      expect(run.end.gapMs).toBeGreaterThanOrEqual(sent.gapMs ?? Infinity);
      return edit.item;
    }

    it("another field: sent all the same, and told afterwards as by us or somebody else", async () => {
      const run = await edits({ ...afterTheRead, set: { profileId: 13 } });
      expectSound(run);
      const id = edited(run);
      expect(run.stateOf(id)).toBe("confirmed");
      expect(run.all("also")).toMatchObject([{ what: "touched", cause: "unknown", items: [{ id }] }]);
      expect(run.all("also")[0]!.items[0]!.fields).toMatchObject({ profile_id: { after: 13 } });
    });

    it("the field that is set: overwritten, and no read can show it", async () => {
      const run = await edits({ ...afterTheRead, set: { productId: values.OTHER } });
      expectSound(run);
      const id = edited(run);
      expect(run.stateOf(id)).toBe("confirmed");
      expect(run.evidence.witness.valueNow(id)?.product_id).toBe(values.NEW);
      expect(run.end.collateral).toMatchObject({ found: 0 });
    });

    it("the field that is set, and it stands afterwards: diverged", async () => {
      const run = await edits({ method: "ModifyAccount", nth: 2, when: "after", set: { productId: values.OTHER } });
      expectSound(run);
      const id = edited(run);
      expect(run.stateOf(id)).toBe("diverged");
      expect(run.end.collateral).toMatchObject({ found: 0 });
    });
  });

  it("stops when more drift than is tolerated", async () => {
    const run = await drive({
      ...recheck,
      plan: productsOf({ pace: { concurrency: 1 }, stop: { ...tolerant, drifted: 1 } }),
      on: (event, simulator) => {
        if (event.type !== "selected") return;
        for (const id of simulator.ids()) simulator.edit(id, { productId: 2 });
      },
    });
    expectSound(run);
    expect(run.all("limit")[0]).toMatchObject({ limit: "drifted", tolerated: 1, value: 2 });
    expect(run.end.counts.drifted).toBe(2);
    expect(run.received).toEqual([]);
    expect(run.end.exits).toEqual([7, 6]);
  });
});
