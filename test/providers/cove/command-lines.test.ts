import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../../runner/core/model/item.ts";
import { CoveCatalogue } from "../../../runner/providers/cove/catalogue.ts";

const catalogue = CoveCatalogue.shared();
const encoded = (parameters: Value) => catalogue.encode("SendAccountCommand", { command: "set settings", parameters });
const linesOf = (parameters: Value): Value => {
  const { params, faults } = encoded(parameters);
  expect(faults).toEqual([]);
  return (params as { readonly parameters: Value }).parameters;
};

describe("the parameters of a remote command", () => {
  it.each<[string, Value, Value]>([
    [
      "a line each, in the order written",
      { datasources: "all", time: "00:00", months: "all" },
      "datasources all\ntime 00:00\nmonths all",
    ],
    ["numbers, true and false as text", { n: 3, yes: true, no: false, half: 0.5 }, "n 3\nyes true\nno false\nhalf 0.5"],
    ["no line for null", { a: null, b: 1 }, "b 1"],
    ["the name alone for empty text", { clear: "" }, "clear"],
    ["lists with commas", { months: [1, 2, 3], days: ["last"] }, "months 1,2,3\ndays last"],
    ["spaces inside a value", { name: "EOM Archive" }, "name EOM Archive"],
    ["nothing at all", {}, ""],
    ["text as it is", "clear", "clear"],
  ])("are %s", (_what, written, sent) => {
    expect(linesOf(written)).toEqual(sent);
  });

  it("keep secrets as references, between the lines that are text already", () => {
    const password = { $secret: ["x-", { input: "password" }] };
    expect(linesOf({ mode: "full", password, restore_only: "disallow" })).toEqual({
      $secret: ["mode full\npassword x-", { input: "password" }, "\nrestore_only disallow"],
    });
    expect(linesOf(password)).toEqual(password);
    expect(linesOf({ pair: ["a", { $secret: [{ input: "b" }] }] })).toEqual({ $secret: ["pair a,", { input: "b" }] });
  });

  it.each<[string, Value]>([
    ["a value with a line break", { name: "one\nrestore_only allow" }],
    ["a carriage return", { name: "one\rtwo" }],
    ["a line break in a list", { name: ["one", "two\n"] }],
    ["text with a line break around a secret", { name: { $secret: ["a\n", { input: "p" }] } }],
    ["a name with a line break", { "a\nb": 1 }],
    ["a name of two words", { "a b": 1 }],
    ["no name", { "": 1 }],
    ["a comma in a list", { name: ["a,b"] }],
    ["a map", { name: { a: 1 } }],
    ["null in a list", { name: [null] }],
  ])("are refused with %s", (_what, written) => {
    const { params, faults } = encoded(written);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.path.slice(0, 1)).toEqual(["parameters"]);
    expect(params).toMatchObject({ parameters: written });
  });

  it("never make more lines than there are members, whatever they hold", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant("a\nb"));
    const written = fc.dictionary(fc.string(), fc.oneof(scalar, fc.array(scalar)));
    fc.assert(
      fc.property(written, (map) => {
        const { params, faults } = encoded(map);
        if (faults.length > 0) return;
        const { parameters } = params as { readonly parameters: string };
        const kept = Object.values(map).filter((value) => value !== null).length;
        expect(parameters === "" ? 0 : parameters.split(/[\r\n\u2028]/).length).toBe(kept);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it("of other calls are left alone", () => {
    const params = { accountInfo: { Id: 1 }, parameters: { a: 1 } };
    expect(catalogue.encode("ModifyAccount", params)).toEqual({ params, faults: [] });
  });
});
