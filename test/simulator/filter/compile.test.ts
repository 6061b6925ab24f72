import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../runner/simulator/api-error.ts";
import { Device } from "../../../runner/simulator/device.ts";
import { compileFilter } from "../../../runner/simulator/filter/compile.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import { Fleet } from "../../../runner/simulator/fleet.ts";
import { readCustomValues } from "../../../runner/simulator/custom-columns.ts";
import { anyFilter, isTrue, meaning, meaningfulFilter, write } from "./expressions.ts";

const fleet = new Fleet({ devices: 10, seed: 7, rootName: "Root", epoch: 1_700_000_000 });
const device = new Device(fleet, 3, {
  productId: 4,
  profileId: 0,
  nameAlias: "Front [desk]",
  expirationTime: 0,
  accountType: 1,
  osType: 1,
  lastTimestamp: 1_600_000_000,
  usedStorage: 0,
  customColumns: '[[844,"Ada"],[2048,"T-17"]]',
});
/** A hundred days after the device was seen last. */
const now = 1_600_000_000 + 100 * 86_400;

describe("trying a filter on a device", () => {
  it.each([
    ["PD == 4", true],
    ["I9 == 4", true],
    ["I9 == '4'", true],
    ["PD != 4", false],
    ["PD <> 5", true],
    ["PD < 4", false],
    ["PD <= 4", true],
    ["TS > 1500000000", true],
    ["4 == PD", true],
    ["PD in (3, 4)", true],
    ["PD in (3, 5)", false],
    ["AL in ('x', 'Front [desk]')", true],
    ["not PD == 4", false],
    ["!(PD == 4) || OT == 1", true],
    ["AT == 1 and OT == 2", false],
    ["AT == 2 and OT == 2 or PD == 4", true],
    ["AT == 2 and (OT == 2 or PD == 4)", false],
    ["AL =~ 'front*'", false],
    ["AL =~ 'Front*'", true],
    ["AL =~ '*desk?'", true],
    ["AL =~ '[A-F]ront*'", true],
    ["AL =~ '*.*'", false],
    ["AL", true],
    ["OP", false],
    ["OP == ''", true],
    ["!(OP == '')", false],
    ["OI == 0", true],
    ["ED < 5", true],
    ["AA843 == ''", true],
    ["AA843", false],
    ["AA844", true],
    ["!(AA844 == '')", true],
    ["AA2048 =~ 'T-*'", true],
    ["TS < 90.days().ago()", true],
    ["TS < 110.days().ago()", false],
    ["TS <= 100.days().ago() and TS >= 100.days().ago()", true],
    ["TS < (2 * 2400).hours().ago() and TS < 14.weeks().ago() and TS < 3.months().ago()", false],
    ["TS < 2300.hours().ago() and TS < 14.weeks().ago() and TS < 3.months().ago()", true],
    ["TS > 1.years().ago() and TS < 1000.minutes().ago()", true],
    ["PD != Product.Documents", true],
    ["PD == Product.Documents * 2", true],
    ["PD + 1 == 5 and PD - 1 == 3 and PD * 2 == 8 and PD / 8 == 0.5 and PD % 3 == 1", true],
    ["-PD == -4 and +PD == 4", true],
    ["2 + 3 * 4 == 14", true],
    ["10 - 4 - 3 == 3", true],
    ["PD / 0 == 1 or PD % 0", false],
    ["AN + 1 > 0 or AN + 1 < 0 or AN + 1 == 0 or AN + 1", false],
    ["ANY =~ '*Ada*'", true],
    ["ANY =~ 'T-1?'", true],
    ["ANY =~ 'Front*'", true],
    ["ANY =~ '*Nobody*'", false],
    ["ANY =~ 'pw-*'", false],
    ["(AT == 1) == true and (OT == 2) == FALSE", true],
    ["AT == 1 AND NOT (OT IN (0, 2))", true],
    ['AL == "Front [desk]"', true],
    ["'it''s' == \"it's\"", true],
    ["3 <> 4", true],
    ["true", true],
    ["false or 0", false],
    ["PD == -4", false],
    ["AN > 5", false],
    ["AN < 5", false],
    ["D09F00 >= 1", true],
    ["T0 >= 1 && D9F0 >= 1", true],
  ])("%s: %j", (text, expected) => {
    expect(compileFilter(parseFilter(text)!, now)(device)).toBe(expected);
  });

  it.each([
    ["XX == 1", "Column 'XX' doesn't exist"],
    ["pd == 1", "Column 'pd' doesn't exist"],
    ["ANY == 'x'", "Filter: ANY stands left of '=~' only at position 0"],
    ["AL =~ ANY", "Filter: ANY stands left of '=~' only at position 6"],
    ["AA99 == ''", "Operation failed because of security reasons"],
    ["PD == Product.Unheard", "Filter: constant 'Product.Unheard' doesn't exist at position 6"],
    ["TS < 90.fortnights().ago()", "Filter: function 'fortnights' doesn't exist at position 8"],
    ["TS < days(90)", "Filter: 'days' needs a value and a dot before it at position 5"],
    ["TS < 90.days(1)", "Filter: 'days' takes no arguments at position 8"],
    ["D02F00 == 5", "Operation failed because of security reasons"],
    ["Q0 == 5 or PD == 4", "Operation failed because of security reasons"],
    ["AN =~ '[z-a]'", "Filter: '[z-a]' is no wildcard pattern"],
  ])("refuses %s", (text, message) => {
    expect(() => compileFilter(parseFilter(text)!)).toThrow(message);
  });

  it("finds what an evaluator by the plainest means finds", () => {
    const found = { yes: 0, no: 0 };
    fc.assert(
      fc.property(meaningfulFilter, fc.nat(9), (filter, place) => {
        const one = new Device(fleet, place, {});
        const expected = outcome(() => isTrue(meaning(filter, valuesOf(one), now)));
        const actual = outcome(() => compileFilter(parseFilter(write(filter))!, now)(one));
        found[actual === true ? "yes" : "no"] += 1;
        // A pattern with a range the wrong way round is refused, even where the plain evaluator never comes to it.
        if (actual !== "refused") expect(actual).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(found.yes, found.no)).toBeGreaterThan(300);
  });

  it("answers any text with true, false or an API error", () => {
    const piece = fc.constantFrom(
      "PD",
      "ANY",
      "AA843",
      "=~",
      "'*[a-'",
      "'x'",
      "(",
      ")",
      "not",
      "-",
      "4",
      ".",
      "ago",
      "()",
      "in",
      ",",
      "*",
    );
    const text = fc.oneof(
      anyFilter.map(write),
      fc.array(piece, { minLength: 1 }).map((pieces) => pieces.join(" ")),
    );
    fc.assert(
      fc.property(text, (written) => {
        const answer = outcome(() => compileFilter(parseFilter(written)!, now)(device));
        expect([true, false, "refused"]).toContain(answer);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes a chain as long as a filter can be, and the deepest there is", () => {
    const chain = `AU == 1${" or AU == 1".repeat(900)} or PD == 4`;
    expect(compileFilter(parseFilter(chain)!)(device)).toBe(true);
    expect(compileFilter(parseFilter(`0${"+1".repeat(1999)} == 1999`)!)(device)).toBe(true);
    expect(compileFilter(parseFilter(`${"!(".repeat(99)}PD == 4${")".repeat(99)}`)!)(device)).toBe(false);
  });
});

function outcome(decide: () => boolean): boolean | "refused" {
  try {
    return decide();
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    return "refused";
  }
}

function valuesOf(one: Device) {
  return {
    AU: one.id,
    I9: one.productId,
    AN: one.name,
    AL: one.nameAlias || undefined,
    OP: [undefined, "Workstations", "Servers", "Documents"][one.profileId && one.profileId - 10],
    US: one.usedStorage,
    OT: one.osType,
    AA843: readCustomValues(one.customColumns).get(843),
    TS: one.lastTimestamp,
  };
}
