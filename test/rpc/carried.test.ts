import { expect, it } from "vitest";
import type { Value } from "../../runner/core/model/item.ts";
import { sentParams, type CarriedParam } from "../../runner/rpc/carried.ts";

const first: CarriedParam = { at: 0, value: "token:x" };
const named: CarriedParam = { at: "auth", value: "x" };
type Empty = "omit" | "array" | "object";

const cases: readonly [Value, readonly CarriedParam[], Empty, Value | undefined][] = [
  [{}, [], "object", {}],
  [{}, [], "array", []],
  [{}, [], "omit", undefined],
  [null, [], "array", []],
  [[], [], "object", []],
  [[], [], "omit", undefined],
  [[1], [first], "object", ["token:x", 1]],
  [{}, [first], "omit", ["token:x"]],
  [[1, 2], [{ at: 9, value: 3 }], "omit", [1, 2, 3]],
  [{ a: 1 }, [named], "array", { a: 1, auth: "x" }],
  [{}, [named], "array", { auth: "x" }],
  [{ a: 1 }, [], "omit", { a: 1 }],
];
it.each(cases)("%j with %j and %s for none is %j", (params, carried, emptyParams, expected) => {
  expect(sentParams(params, carried, { emptyParams })).toEqual({ params: expected });
});

it("says what is wrong with params that a credential does not fit into", () => {
  expect(sentParams({ a: 1 }, [first], { emptyParams: "omit" })).toEqual({ wrong: expect.stringContaining("named") });
  expect(sentParams([1], [named], { emptyParams: "omit" })).toEqual({ wrong: expect.stringContaining("positional") });
});
