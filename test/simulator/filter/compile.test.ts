import { describe, expect, it } from "vitest";
import { Device } from "../../../runner/simulator/device.ts";
import { compileFilter } from "../../../runner/simulator/filter/compile.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import { Fleet } from "../../../runner/simulator/fleet.ts";

const fleet = new Fleet({ devices: 10, seed: 7, rootName: "Root", epoch: 1_700_000_000 });
const device = new Device(fleet, 3, {
  productId: 4,
  profileId: 0,
  nameAlias: "Front [desk]",
  expirationTime: 0,
  accountType: 1,
  osType: 1,
  lastTimestamp: 1_600_000_000,
  customColumns: "",
});

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
    ["true", true],
    ["false or 0", false],
    ["PD == -4", false],
    ["AN > 5", false],
    ["AN < 5", false],
    ["D09F00 >= 1", true],
    ["T0 >= 1 && D9F0 >= 1", true],
  ])("%s: %j", (text, expected) => {
    expect(compileFilter(parseFilter(text)!)(device)).toBe(expected);
  });

  it.each([
    ["XX == 1", "Column 'XX' doesn't exist"],
    ["pd == 1", "Column 'pd' doesn't exist"],
    ["ANY =~ '*x*'", "Column 'ANY' doesn't exist"],
    ["D02F00 == 5", "Operation failed because of security reasons"],
    ["Q0 == 5 or PD == 4", "Operation failed because of security reasons"],
    ["AN =~ '[z-a]'", "Filter: '[z-a]' is no wildcard pattern"],
  ])("refuses %s", (text, message) => {
    expect(() => compileFilter(parseFilter(text)!)).toThrow(message);
  });
});
