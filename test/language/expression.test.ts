import { describe, expect, it } from "vitest";
import { ExpressionError } from "../../runner/core/model/frozen.ts";
import { lower, omit, type CelMap } from "../../runner/language/cel.ts";
import { ExpressionFaults, Scope } from "../../runner/language/expression.ts";

const names: CelMap = {
  now: 1_700_000_000,
  omit,
  inputs: { from: 5, to: 7, ids: Array.from({ length: 40 }, (_, place) => place), word: "x" },
  item: {
    device_id: 4711,
    product_id: 5,
    big: 9007199254740993n,
    device_name: "srv-Ä1",
    last_timestamp: null,
    ratio: 0.5,
    active: true,
    tags: ["b", "a"],
    profile: { name: "gold", depth: { n: 3 }, constructor: "own" },
  },
};

const scope = new Scope(
  {
    now: "int",
    omit: "dyn",
    inputs: { kind: "inputs", members: { from: "int", to: "int", ids: "list<int>", word: "string" } },
    item: {
      kind: "item",
      members: {
        device_id: "int",
        product_id: "int",
        big: "int",
        device_name: "string",
        last_timestamp: "int",
        ratio: "double",
        active: "bool",
        tags: "list",
        profile: "map",
      },
    },
  },
  new Set(["inputs.password"]),
);

function run(text: string): unknown {
  const result = scope.compile(text).evaluate(names);
  return result === omit ? omit : lower(result);
}

function faultOf(text: string): { code: string; start: number; message: string; hint?: string | undefined } {
  try {
    scope.compile(text);
  } catch (error) {
    if (error instanceof ExpressionFaults) return error.faults[0]!;
    throw error;
  }
  throw new Error(`${text} compiled`);
}

describe("an expression", () => {
  it.each<[string, unknown]>([
    ["item.product_id in [inputs.from, inputs.to]", true],
    ["item.device_id in inputs.ids", false],
    ["item.product_id in inputs.ids", true],
    ["item.ratio in [0.5, 1.5]", true],
    ["item.product_id + 1", 6],
    ["item.product_id * 0.5", 2.5],
    ["7 / 2", 3],
    ["7 / 2.0", 3.5],
    ["-7 % 4", -3],
    ["item.product_id == 5.0", true],
    ["1 < 1.5 && 2.5 >= 2", true],
    ["item.big + 1", { $int: "9007199254740994" }],
    ["9007199254740991", 9007199254740991],
    ["item.last_timestamp == null", true],
    ["null == item.last_timestamp || item.last_timestamp < 5", true],
    ["item.last_timestamp != null && item.last_timestamp < ago('30d')", false],
    ['coalesce(item.last_timestamp, 0) < ago("30d")', true],
    ["coalesce(item.last_timestamp, item.product_id, 3)", 5],
    ["ago('1mo') - now", -2_629_743],
    ["ago('1y') - now", -31_556_926],
    ["ago('90m') - now", -5400],
    ["ago(days(1)) - now", -86_400],
    ["time('2026-01-31')", 1_769_817_600],
    ["time('2026-01-31T01:00+01:00') == time('2026-01-31')", true],
    ["to_bytes('500 GB')", 500 * 1024 ** 3],
    ["size_text(536870912000)", "500 GB"],
    ["base64('me:pass')", "bWU6cGFzcw=="],
    ["base64(item.device_name)", Buffer.from("srv-Ä1", "utf8").toString("base64")],
    ["base64('')", ""],
    ["union(item.tags, ['c', 'a'])", ["b", "a", "c"]],
    ["minus(item.tags, ['b'])", ["a"]],
    ["merge(item.profile, {'depth': {'m': 4}}).depth", { n: 3, m: 4 }],
    ["item.tags.exists(x, x == 'a')", true],
    ["item.tags.all(x, x != 'z')", true],
    ["item.tags.exists_one(x, x == 'a')", true],
    ["item.tags.filter(x, x == 'a').map(y, y + '!')", ["a!"]],
    ["item.tags.map(x, x != 'a', x)", ["b"]],
    ["[1, 2].exists(x, [2, 3].exists(y, x == y))", true],
    ["[1, 2, 3].filter(x, x > 1).map(x, x + 1).exists(y, y == item.product_id - 1)", true],
    ["[1, 2].exists(a, [1, 2, 3].filter(b, b > 1).map(b, b - 1).all(c, c <= a))", true],
    ["[[['a'].map(x, x + x)].map(y, y)].map(z, z)", [[["aa"]]]],
    ["coalesce(item.product_id, 0.5) > 4.5", true],
    ["coalesce(1.5, dyn(null), item.product_id) + 1", 2.5],
    ["(item.active ? 1 : 1.5) < 3", true],
    ["coalesce(item.active ? 1 : 1.5, 0) == 1", true],
    ["item.profile.depth.n", 3],
    ["item['device_name']", "srv-Ä1"],
    ["item.tags[1]", "a"],
    ["has(item.profile.nope)", false],
    ["has(item.profile.name)", true],
    ["item.device_name.startsWith('srv') && item.device_name.endsWith('1')", true],
    ["'ÄBC'.lowerAscii() + 'äbc'.upperAscii()", "ÄbcäBC"],
    ["' a,b '.trim().split(',').join('-')", "a-b"],
    ["'aXbX'.replace('X', 'yy')", "ayybyy"],
    ["rematch(item.device_name, '^srv-.\\\\d$')", true],
    ["size('💾') + size(item.tags) + 'ab'.size()", 5],
    ["string(item.product_id) + string(true) + string(0.5)", "5true0.5"],
    ["int('42') + int(2.9)", 44],
    ["item.active ? dyn(null) : 'x'", null],
    ["[[843, 'text']]", [[843, "text"]]],
    ["{'a': 1, 'b': [item.active]}", { a: 1, b: [true] }],
    ["item.active ? omit : 1", omit],
    ["coalesce(null, omit)", omit],
    ["coalesce(1, omit)", 1],
    ["key(1, 'a') == key('1', 'a')", true],
    ["key('a\",\"b') == key('a', 'b')", false],
    ["[1, [2, {'a': 3}]] == [1, [2, {'a': 3.0}]]", true],
    ["{'a': 1} == {'b': 1}", false],
    ["'a' in {'a': 1}", true],
    ["dyn(null) in {'a': 1}", false],
    ["!(1 > 2) && 'a' < 'b'", true],
  ])("%s is %j", (text, expected) => {
    expect(run(text)).toEqual(expected);
  });

  it.each<[string, string, number, RegExp]>([
    ['item.product_id == "5"', "bad-type", 0, /int == string/],
    ['item.product_id in ["5"]', "bad-type", 0, /int in list<string>/],
    ["item.prodct_id == 5", "unknown-field", 5, /item has no prodct_id/],
    ["inputs.fromm == 5", "unknown-input", 7, /inputs has no fromm/],
    ["item['__proto__'] == 1", "unknown-field", 0, /no __proto__/],
    ["itm.x", "unknown-name", 0, /there is no itm here/],
    ["lookup.x", "unknown-name", 0, /lookup/],
    ["1 + (2", "bad-expression", 6, /RPAREN/],
    ["foo(1)", "unknown-function", 0, /no function foo/],
    ["base64(item.device_id)", "bad-type", 0, /base64\(int\)/],
    ["base64(null)", "bad-type", 0, /base64/],
    ["item.tags.size2()", "unknown-function", 0, /size2/],
    ["item.device_name.matches('a')", "unsafe-pattern", 0, /matches/],
    ["item.last_timestamp > null", "bad-type", 0, /null/],
    ["coalesce(item.product_id, 'x') == 5", "bad-type", 0, /coalesce/],
    ["coalesce(item.product_id, 1.5, 'x') == 5", "bad-type", 0, /coalesce/],
    ["(item.active ? 1 : 1.5) == 'x'", "bad-type", 1, /double == string/],
    ["item.product_id ? 1 : 1.5", "bad-type", 5, /bool/],
    ["inputs.password == 'x'", "secret-input", 0, /secret/],
    ["cel.bind(x, 1, x)", "unknown-function", 0, /bind/],
    ["type(1)", "unknown-function", 0, /type/],
    ["{1: 2}", "bad-expression", 1, /texts in quotes/],
    ["{'__proto__': 2}", "bad-key", 1, /__proto__/],
    ["b'abc'", "bad-expression", 0, /byte texts/],
    ["item.active ? 1 : 'x'", "bad-type", 0, /branches/],
    ["", "bad-expression", 0, /empty/],
    ["[1].all(a, [1].all(b, [1].all(c, true)))", "nested-lists", 22, /more than one list function/],
    ["[[1]].map(a, a.filter(x, x > 1).map(b, [b].map(c, c)))", "nested-lists", 39, /list function/],
  ])("%s is refused as %s", (text, code, start, message) => {
    const fault = faultOf(text);
    expect([fault.code, fault.start]).toEqual([code, start]);
    expect(fault.message).toMatch(message);
  });

  it("offers the near name", () => {
    expect(faultOf("item.prodct_id == 5").hint).toBe("Did you mean product_id?");
    expect(faultOf("inputs.form == 5").hint).toBe("Did you mean from?");
    expect(faultOf("inptus.from == 5").hint).toBe("Did you mean inputs?");
    expect(faultOf("item.device_name.startswith('x')").hint).toBe("Did you mean startsWith?");
  });

  it.each([
    ["timestamp('2026-01-31T22:00:00Z') < now", /time\("2026-01-31T22:00Z"\)/],
    ["duration('30d')", /ago\("30d"\)/],
    ["type(item.product_id) == 'int'", /has\(x\)/],
    ["bytes('x')", /to_bytes/],
  ])("says what to write in place of %s", (text, hint) => {
    expect(faultOf(text).hint).toMatch(hint);
  });

  it("says which members it uses", () => {
    expect([...scope.compile("item.product_id == inputs['to'] && size(item.tags) > now").uses].sort()).toEqual([
      "inputs.to",
      "item.product_id",
      "item.tags",
      "now",
    ]);
  });

  it.each<[string, RegExp, boolean]>([
    ["item.last_timestamp < 5", /item\.last_timestamp < 5: .*null and number/, true],
    ["item.last_timestamp + 1", /null/, true],
    ["ago(item.last_timestamp) > 1", /ago/, true],
    ["item.tags[0] == 1", /text and number/, false],
    ["1 in item.tags", /number and text/, false],
    ["1 / (1 - 1)", /division by zero/, false],
    ["9223372036854775807 + 1", /64 bits/, false],
    ["item.tags[5]", /2 elements/, false],
    ["item.profile.nope", /no member "nope"/, false],
    ["item.profile.depth.n.x", /number, which has no members/, false],
    ["item.profile.toString", /no member/, false],
    ["item.profile['__proto__']", /no member/, false],
    ["item.profile.name ? 1 : 2", /not true or false/, false],
    ["'a'.replace('a'.trim().replace('a', ''), 'x')", /empty/, false],
    ["time(item.device_name)", /time/, false],
    ["rematch('a', '(' + '')", /RE2/, false],
    ["omit == 1", /omit/, false],
    ["[omit]", /omit/, false],
  ])("%s refuses the item", (text, message, hinted) => {
    let caught: unknown;
    try {
      run(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ExpressionError);
    expect((caught as ExpressionError).message).toMatch(message);
    if (hinted) expect((caught as ExpressionError).hint).toMatch(/coalesce/);
  });

  it("reads a member named constructor as data, never as code", () => {
    expect(run("item.profile.constructor")).toBe("own");
    expect(() => run("item.tags.map(x, x).constructor")).toThrow();
  });
});
