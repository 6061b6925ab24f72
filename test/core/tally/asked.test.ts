import { describe, expect, it } from "vitest";
import type { ControlOp, FactOf } from "../../../runner/core/model/events.ts";
import { Asked } from "../../../runner/core/tally/asked.ts";

const control = (op: ControlOp | "interrupt", more: Partial<FactOf<"control">> = {}): FactOf<"control"> => ({
  ...{ type: "control", op, by: { name: "ada", host: "desk" }, why: "because" },
  ...more,
});

describe("what people asked of a run", () => {
  it("a pause holds until somebody says continue", () => {
    const asked = new Asked();
    asked.take(control("pause"), 0);
    expect(asked.pause?.why).toBe("because");
    asked.take(control("continue"), 0);
    expect(asked.pause).toBeUndefined();
  });

  it("a wave that was promoted stays so, and no other is", () => {
    const asked = new Asked();
    asked.take(control("promote"), 1);
    expect([0, 1, 2].map((wave) => asked.isPromoted(wave))).toEqual([false, true, false]);
  });

  it("the last word on the pace counts, each setting for itself", () => {
    const asked = new Asked();
    asked.take(control("set", { concurrency: 4 }), 0);
    asked.take(control("set", { perMinute: 60 }), 0);
    asked.take(control("set", { concurrency: 2 }), 0);
    expect([asked.concurrency, asked.perMinute]).toEqual([2, 60]);
  });

  it("an abort is for good, and each request is known by its name", () => {
    const asked = new Asked();
    asked.take(control("abort", { id: "1-a" }), 0);
    asked.take(control("continue", { id: "2-b" }), 0);
    expect(asked.abort).toBeDefined();
    expect([asked.has("1-a"), asked.has("2-b"), asked.has("3-c")]).toEqual([true, true, false]);
  });
});
