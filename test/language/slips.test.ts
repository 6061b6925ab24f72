import { describe, expect, it } from "vitest";
import { ExpressionFaults, Scope } from "../../runner/language/expression.ts";
import { Table } from "../../runner/language/table.ts";

const tokens = { 0: "undefined", 1: "workstation", 2: "server" };
const scope = new Scope({
  now: "int",
  inputs: { kind: "inputs", members: { ids: "list<int>", words: "list<string>" } },
  item: {
    kind: "item",
    members: { id: "int", used: "int", seen: "int", name: "string", os: "string", state: "string", flags: "list" },
    about: {
      used: { counts: "bytes" },
      seen: { counts: "time" },
      os: { tokens },
      state: { tokens: { InTrial: "InTrial", InProduction: "InProduction" } },
      flags: { tokens: { AutoDeployed: "AutoDeployed", Trial: "Trial" } },
    },
  },
  lookup: {
    kind: "lookup",
    members: {
      byId: { tableOf: { kind: "lookup_byId", members: { id: "int" } }, by: "int" },
      byName: { tableOf: { kind: "lookup_byName", members: { id: "int" } }, by: "string" },
      users: { listOf: { kind: "user", members: { os: "string" }, about: { os: { tokens } } } },
    },
  },
});

function faultsOf(text: string, within = scope): readonly (readonly [number, string, string | undefined])[] {
  try {
    within.compile(text);
    return [];
  } catch (error) {
    if (error instanceof ExpressionFaults)
      return error.faults.map(({ start, message, hint }) => [start, message, hint]);
    throw error;
  }
}

describe("what admins write", () => {
  it.each<[text: string, at: number, message: string, hint: string | undefined]>([
    ["item.id == 1 and item.used > 5", 13, "CEL has no word `and`", "Write &&."],
    ["item.id == 1 AND item.used > 5", 13, "CEL has no word `and`", "Write &&."],
    ["item.id == 1 or item.used > 5", 13, "CEL has no word `or`", "Write ||."],
    ["item.name == 'a and b' & item.id == 1", 23, "CEL has no sign `&`", "Write &&."],
    ["item.id == 1 | item.id == 2", 13, "CEL has no sign `|`", "Write ||."],
    ["not item.id == 1", 0, "CEL has no word `not`", "Write ! before what must not hold: !(…)."],
    ["not(item.id == 1)", 0, "there is no function not", "Write !(…)."],
    ["item.id not in [1]", 8, "CEL has no `not in`", "Write !(x in list)."],
    ["item.name is null", 10, "CEL has no word `is`", "Write ==."],
    ["item.name is not null", 10, "CEL has no `is not`", "Write !=."],
    ["item.id = 1", 8, "CEL has no sign `=`", "Write == to compare."],
    ["item.id <> 1", 8, "CEL has no sign `<>`", "Write !=."],
    ["item.name =~ 'x'", 10, "CEL has no sign `=~`", "Write rematch(text, pattern)."],
    ["item.name == “x”", 13, "CEL has no such quotes", "Write straight ones: \" or '."],
    ["item.seen < 30.days().ago()", 12, "30.days().ago() is not part of CEL", 'Write ago("30d").'],
    ["item.seen < 5.hours().ago()", 12, "5.hours().ago() is not part of CEL", 'Write ago("5h").'],
    [
      "item.used < '500 GB'",
      0,
      "no such operation: int < string",
      'Write to_bytes("500 GB"): sizes are numbers of bytes.',
    ],
    [
      "coalesce(item.used, 0) < '500 GB'",
      0,
      "no such operation: int < string",
      'Write to_bytes("500 GB"): sizes are numbers of bytes.',
    ],
    ["item.used < '5m'", 0, "no such operation: int < string", 'Write to_bytes("5m"): sizes are numbers of bytes.'],
    ["item.seen < '5m'", 0, "no such operation: int < string", 'Write ago("5m") for a time that long before now.'],
    [
      "item.seen == '2026-01-31'",
      0,
      "no such operation: int == string",
      'Write time("2026-01-31"): times are Unix seconds.',
    ],
    ["item.os == 1", 0, "no such operation: string == int", 'Write "workstation": that is the name of 1.'],
    ["item.os in [1, 2]", 0, "no such operation: string in list<int>", 'Write "workstation": that is the name of 1.'],
    [
      "item.id == '5'",
      0,
      "no such operation: int == string",
      "One side is a number and the other a text: write numbers without quotes.",
    ],
    [
      "item.id in inputs.words",
      0,
      "no such operation: int in list<string>",
      "One side is a number and the other a text.",
    ],
    [
      "item.flags == 'AutoDeployed'",
      0,
      "no such operation: list<dyn> == string",
      "Write 'AutoDeployed' in item.flags: it is a list.",
    ],
  ])("%s", (text, at, message, hint) => {
    expect(faultsOf(text)).toEqual([[at, message, hint]]);
  });
});

describe("the name of a value", () => {
  it.each<[text: string, at: number, message: string, hint: string]>([
    ["item.os == 'Workstation'", 11, 'item.os is never "Workstation"', "Did you mean workstation?"],
    ["'Server' != item.os", 0, 'item.os is never "Server"', "Did you mean server?"],
    ["item.os in ['worstation', 'server']", 12, 'item.os is never "worstation"', "Did you mean workstation?"],
    ["item.os == 'mailbox'", 11, 'item.os is never "mailbox"', "Known are: undefined, workstation, server."],
    ["item.os == '1'", 11, 'item.os is never "1"', "Did you mean workstation?"],
    ["coalesce(item.os, 'none') == 'Server'", 29, 'item.os is never "Server"', "Did you mean server?"],
    ["item.os == (item.id > 5 ? 'server' : 'Server')", 37, 'item.os is never "Server"', "Did you mean server?"],
    ["item.state == 'intrial'", 14, 'item.state is never "intrial"', "Did you mean InTrial?"],
    ["'autodeployed' in item.flags", 0, 'item.flags is never "autodeployed"', "Did you mean AutoDeployed?"],
    ["lookup.users.exists(u, u.os == 'Server')", 31, 'u.os is never "Server"', "Did you mean server?"],
  ])("is one of its field's: %s", (text, at, message, hint) => {
    expect(faultsOf(text)).toEqual([[at, message, hint]]);
  });

  it.each<string>([
    "item.os == 'workstation' || item.os in ['server', 'undefined']",
    // A number that has no name yet is kept as its text.
    "item.os == '7' || item.os == '-2'",
    // A service that sends names may send a new one.
    "item.state == 'Suspended'",
    "coalesce(item.os, 'none') == 'none'",
    "'Managed_Obsolete' in item.flags",
    "item.os == item.name || item.os == null",
    "item.name == 'Server'",
  ])("may be one that can come: %s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });
});

describe("what is written out", () => {
  it.each<[text: string, at: number, message: RegExp]>([
    ["item.seen < ago('30x')", 16, /`ago` needs a duration such as "30d", or seconds, found text "30x"/],
    ["item.seen < ago('30')", 16, /`ago` needs a duration/],
    ["item.used < to_bytes('500 XB')", 21, /`to_bytes` needs a size such as "500 GB"/],
    ["item.seen < time('2026-02-30')", 17, /`time` needs a time such as "2026-01-31"/],
    ["item.seen < time('31.01.2026')", 17, /`time` needs a time/],
    ["rematch(item.name, 'x(.*')", 19, /"x\(\.\*" is not an RE2 pattern/],
    ["item.name.replace('', 'x') == ''", 18, /`replace` needs a text to look for/],
    ["int('x') == 5", 4, /`int` needs a number/],
    ["item.id / 0 == 1", 10, /division by zero/],
    ["item.id in [3, '4']", 15, /item\.id is a number and '4' a text/],
    ["item.name in ['a', 4]", 19, /item\.name is a text and 4 a number/],
    ["has(item.nmae)", 9, /item has no nmae/],
    ["item.name in lookup.byId", 0, /string in map<int>/],
    ["item.id in lookup.byName", 0, /int in map<string>/],
    ["lookup.byId[item.name].id == 5", 12, /the keys of lookup\.byId are numbers, and item\.name is a text/],
    ["item.name in inputs.ids", 0, /string in list<int>/],
  ])("is looked at before the run: %s", (text, at, message) => {
    const faults = faultsOf(text);
    expect(faults.map(([start]) => start)).toEqual([at]);
    expect(faults[0]?.[1]).toMatch(message);
  });

  it.each<string>([
    "item.seen < ago('30d') && item.seen > time('2026-01-31') && item.used < to_bytes('500GB')",
    "item.id in [3, 4.5, null]",
    "item.id in lookup.byId && lookup.byName[item.name].id == 5",
    "has(item.name)",
  ])("may be right: %s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });
});

it("has(…) asks whether there is a value: what is unset is null, never missing", () => {
  const has = scope.compile("has(item.name)");
  expect([has.evaluate({ item: { name: null } }), has.evaluate({ item: { name: "a" } })]).toEqual([false, true]);
});

describe("has(…)", () => {
  const rows = new Scope({
    item: { kind: "item", members: { id: "int", name: "string" }, about: { name: { mayBeNull: true } } },
    lookup: {
      kind: "lookup",
      members: {
        d: {
          tableOf: { kind: "row", members: { al: "string", n: "int" }, about: { al: { mayBeNull: true } } },
          by: "int",
        },
        users: { listOf: { kind: "user", members: { Email: "string" } } },
      },
    },
    rows: "list",
  });
  const d = new Table(
    "d",
    [
      { n: 5, al: "x" },
      { n: 6, al: null },
    ],
    { keyOf: ({ n }) => n, ignoresCase: false },
  );
  const world = { item: { id: 5, name: null }, lookup: { d, users: [{ Email: "a" }] }, rows: [{ Message: "m" }, null] };

  it.each<[text: string, expected: boolean]>([
    ["has(lookup.d[item.id].al)", true],
    ["has(lookup.d[6].al)", false],
    ["has(lookup.d[item.id])", true],
    ["has(lookup.d[7])", false],
    ["has(lookup.users[0].Email)", true],
    ["has(lookup.users[1])", false],
    ["has(rows[0].Message)", true],
    ["has(rows[0]['Message'])", true],
    ["has(rows[1])", false],
    ["[item.name].exists(t, has(t))", false],
    ["has(item)", true],
    ["has(coalesce(item.name, 'x'))", true],
  ])("asks whether there is a value, wherever it stands: %s is %j", (text, expected) => {
    expect(rows.compile(text).evaluate(world)).toBe(expected);
  });

  it.each<string>([
    "has(lookup.d[item.id].al) && lookup.d[item.id].al.startsWith('a')",
    "[item.name].filter(t, has(t)).all(t, t.startsWith('a'))",
  ])("tests a value that is used behind it: %s", (text) => {
    expect(() => rows.compile(text)).not.toThrow();
  });

  it.each<[text: string, start: number]>([
    ["has(lookup.d[item.id].all)", 22],
    ["1 == 1 && has(lookup.d[item.idd])", 28],
    ["has(item.name + 'x')", 4],
  ])("is told of a slip at its place: %s", (text, start) => {
    expect(faultsOf(text, rows).map(([at]) => at)).toEqual([start]);
  });
});
