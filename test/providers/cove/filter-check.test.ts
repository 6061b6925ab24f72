import { describe, expect, it } from "vitest";
import { hole } from "../../../runner/core/model/catalogue.ts";
import { filterFaults } from "../../../runner/providers/cove/filter-check.ts";
import { parseFilter } from "../../../runner/simulator/filter/parse.ts";
import { dice, oneOf } from "../../support/dice.ts";

const errorsOf = (text: string) => filterFaults(text).filter(({ isNote = false }) => !isNote);
const told = (text: string): readonly string[] =>
  errorsOf(text).map(({ offset, code, message, hint = "" }) => `${offset} ${code}: ${message} | ${hint}`);

describe("a filter in the service's own language", () => {
  it.each([
    "AT == 1 AND PN != 'Documents'",
    "OT == 2",
    "AU == 12345",
    "(T7 >= 1) AND (TS > 7.days().ago())",
    "I78 =~ '*D01*' AND I78 =~ '*D14*'",
    "( OT == 0 ) OR ( TS < 90.days().ago() ) OR ( TS < 30.days().ago() AND US == 0 AND T3 == 0 )",
    "(AS == 0) AND ((AT == 1) AND (OT != 2)) AND (TS <= 90.days().ago())",
    "OI == 5038 AND OP == 'Documents'",
    "AA2500",
    "!(AA2048 == '')",
    "ANY =~ '*text*'",
    "PD != Product.Documents",
    "AL == 'Ada''s desk' || AN =~ \"[A-F]?*\"",
    "PD in (3, 4) and not OT <> 2 or true && -I9 + 1 == 4 % 2",
    "(I9 & 1) == 1",
    "TS < (2 * 2400).hours().ago()",
    "D01F07 > 5 AND D5F6 == 1 AND G@ == 1",
    "",
    `CD >= ${hole.repeat(9)}`,
    `AA${hole.repeat(3)} == '${hole}' AND ${hole}`,
    `OT == 1 ${hole} AT`,
  ])("passes where it is right: %s", (text) => {
    expect(told(text)).toEqual([]);
  });

  it.each([
    ['OT == 1 AND PNX != "a"', "12 unknown-column: there is no column PNX | Did you mean PN?"],
    ["ot == 1", "0 unknown-column: there is no column ot | Did you mean OT?"],
    ["product_id == 3", "0 unknown-column: there is no column product_id | Write I9: a filter knows codes alone."],
    ["PartnerId == 4", "0 unknown-column: there is no column PartnerId | Write I83: a filter knows codes alone."],
    ["os_typ == 1", "0 unknown-column: there is no column os_typ | Did you mean I32?"],
    ["D99F00", "0 unknown-column: there is no column D99F00 | Did you mean D09F00?"],
    ["OT == 1 OR I3 == 'x'", "11 secret-field: I3 is a secret of the item and is never looked at | "],
    ["QW", "0 secret-field: QW is a secret of the item and is never looked at | "],
    ["OT = 1", "3 bad-filter: = is no operator | Write ==."],
    ["AT == 1 | OT == 2", "8 bad-filter: | is no operator | Write ||."],
    ["(OT == 1", "0 bad-filter: this ( is never closed | "],
    ["OT == 1)", "7 bad-filter: there is no ( in front of this ) | "],
    ["OT == 'x", "6 bad-filter: the text that begins here does not end | Write ' behind it."],
    ["AT == 1 ANDD OT == 2", "8 bad-filter: there is no operator ANDD | Did you mean AND?"],
    [
      "AT == 1 OT == 2",
      "8 bad-filter: an operator is missing in front of OT | Write AND or OR between two conditions.",
    ],
    ["AT == 1 AND", "11 bad-filter: a value is missing at the end | "],
    ["AND AT == 1", "0 bad-filter: a value is missing in front of AND | "],
    ["PD in 3", "3 bad-filter: in wants a list in ( ) | "],
    ["PD == 1, 2", "7 bad-filter: a comma stands inside of in ( ) alone | "],
    ["TS < 90.dayz().ago()", "8 bad-filter: there is no function dayz | Did you mean days?"],
    ["TS < 90.days.ago()", "8 bad-filter: days wants ( ) behind it | Times are written so: 30.days().ago()"],
    ["TS < ago(90)", "5 bad-filter: ago stands behind a value and a dot | Times are written so: 30.days().ago()"],
    ["size(AN) > 3", "0 bad-filter: there is no function size | Times are written so: 30.days().ago()"],
    ["Foo.Bar == 1", "0 unknown-column: there is no column Foo | Did you mean FO?"],
    ["AT == [1]", '6 bad-filter: "[" has no meaning in a filter | '],
    [
      'item.os_type == "workstation" && now > item.x',
      "0 bad-filter: item is a name of Rollcall's expressions, and this is a filter in the service's own language | Write codes of columns here, such as OT == 1; expressions stand under filter.",
    ],
    [`PNX == ${hole} AND (OT`, "0 unknown-column: there is no column PNX | Did you mean PN?"],
  ])("is told one thing for one mistake: %s", (text, fault) => {
    expect(told(text)).toEqual([fault]);
  });

  it("is told what to write for what is deprecated or old", () => {
    expect(told("D02F00 == 1")).toEqual([
      expect.stringMatching(/^0 deprecated-field: D02F00 .*13501.*\| Use D07F00\.$/),
    ]);
    expect(told("Q0 == 1")).toEqual([expect.stringMatching(/^0 deprecated-field: Q0 .*\| Use D10F00\.$/)]);
    expect(filterFaults("AT == 1 AND AU == 2 AND D9F0 == 3 AND I1 AND AA843")).toEqual(
      [
        { offset: 0, message: "AT is an old code: today it is I59", hint: "Write I59." },
        { offset: 12, message: "AU is an old code: today it is I0", hint: "Write I0." },
        { offset: 24, message: "D9F0 is an old code: today it is D09F00", hint: "Write D09F00." },
      ].map((note) => ({ ...note, code: "old-code", isNote: true })),
    );
  });

  it("is not looked at without end, whatever a stranger writes", () => {
    const words = Array.from({ length: 20_000 }, (_, place) => `x${place}`).join(" ");
    for (const text of [words, "(".repeat(50_000), "1.days()".repeat(20_000), `'${"'' ".repeat(50_000)}`]) {
      const began = performance.now();
      expect(filterFaults(text).length).toBeLessThanOrEqual(20);
      expect(performance.now() - began).toBeLessThan(2000);
    }
  });

  it("is read as the simulator reads it, which was written by itself", () => {
    const words = ["I59", "1", "'x'", "==", "=~", "and", "OR", "(", ")", "in", "&", ",", ".days()", ".ago()"];
    const roll = dice(20_260_131);
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + roll(6) }, () => oneOf(roll, words)).join(" ");
      const errors = errorsOf(text);
      // What a name in front of ( ) stands for is no matter of the grammar.
      if (errors.some(({ message }) => message.includes("function"))) continue;
      expect(errors.length === 0, text).toBe(isRead(text));
    }
  });
});

function isRead(text: string): boolean {
  try {
    parseFilter(text);
    return true;
  } catch {
    return false;
  }
}
