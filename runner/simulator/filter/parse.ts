import { filterError, tokenize } from "./tokens.ts";
import type { Sign, Token } from "./tokens.ts";

/** A filter as a tree. Names are as written; `at` counts characters from 0. */
export type Filter =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "column"; readonly code: string; readonly at: number }
  /** A named constant, such as `Product.Documents`. */
  | { readonly kind: "constant"; readonly name: string; readonly at: number }
  /** `90.days()`, which has a target, or `days(90)`, which has none. */
  | {
      readonly kind: "call";
      readonly name: string;
      readonly target?: Filter;
      readonly args: readonly Filter[];
      readonly at: number;
    }
  | { readonly kind: "sign"; readonly operator: "+" | "-"; readonly inner: Filter }
  | { readonly kind: "arithmetic"; readonly operator: Arithmetic; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "in"; readonly left: Filter; readonly among: readonly Filter[] }
  | { readonly kind: "not"; readonly inner: Filter }
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter };

export type Arithmetic = "+" | "-" | "*" | "/" | "%" | "&";
export type Comparison = "==" | "!=" | "<=" | ">=" | "<" | ">" | "=~";

/**
 * Read a filter of the console's language. From tight to loose: `.`; `+` and `-` before a value; `* / %`; `+ -`;
 * `&` of bits; comparisons, `=~` and `in (…)`; `not`; `and`; `or`. Operators of one level group from the left.
 * @returns Undefined for an empty filter, which means all.
 * @throws ApiError with the place of the first thing that can not be read.
 */
export function parseFilter(text: string): Filter | undefined {
  if (text.length > maxLength) throw filterError("too long", maxLength);
  const tokens = tokenize(text);
  return tokens.length === 0 ? undefined : new Parser(tokens, text.length).whole();
}

const maxLength = 20_000;
/** Parentheses, lists and prefixes inside one another. */
const maxDepth = 200;
/** Operators in all: a chain of them is a tree as deep as it is long. */
const maxOperators = 2_000;

const comparisons = ["==", "!=", "<=", ">=", "<", ">", "=~"] as const;
const sums = ["+", "-"] as const;
const factors = ["*", "/", "%"] as const;

/** Recursive descent, one method a level of binding. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;
  #operators = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole(): Filter {
    const filter = this.#or();
    const left = this.#peek();
    if (left !== undefined) throw filterError(`unexpected '${String(left.value)}'`, left.at);
    return filter;
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#operator(["or"])) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#not();
    while (this.#operator(["and"])) left = { kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Filter {
    if (!this.#take("not")) return this.#comparison();
    return this.#deeper(() => ({ kind: "not", inner: this.#not() }));
  }

  #comparison(): Filter {
    let left = this.#bits();
    for (;;) {
      if (this.#operator(["in"])) {
        left = { kind: "in", left, among: this.#list() };
        continue;
      }
      const operator = this.#operator(comparisons);
      if (operator === undefined) return left;
      left = { kind: "compare", operator, left, right: this.#bits() };
    }
  }

  #bits(): Filter {
    let left = this.#sum();
    while (this.#operator(["&"])) left = { kind: "arithmetic", operator: "&", left, right: this.#sum() };
    return left;
  }

  #sum(): Filter {
    let left = this.#factor();
    for (let operator = this.#operator(sums); operator !== undefined; operator = this.#operator(sums)) {
      left = { kind: "arithmetic", operator, left, right: this.#factor() };
    }
    return left;
  }

  #factor(): Filter {
    let left = this.#signed();
    for (let operator = this.#operator(factors); operator !== undefined; operator = this.#operator(factors)) {
      left = { kind: "arithmetic", operator, left, right: this.#signed() };
    }
    return left;
  }

  #signed(): Filter {
    const operator = this.#operator(sums);
    if (operator === undefined) return this.#dotted();
    return this.#deeper(() => ({ kind: "sign", operator, inner: this.#signed() }));
  }

  /** Calls on a value, one after the other: `90.days().ago()`. */
  #dotted(): Filter {
    let target = this.#operand();
    while (this.#operator(["."])) {
      const name = this.#name();
      target = { kind: "call", name: name.value, target, args: this.#list({ orNone: true }), at: name.at };
    }
    return target;
  }

  #operand(): Filter {
    const token = this.#peek();
    if (token === undefined) throw filterError("a value is missing", this.#end);
    this.#next += 1;
    if (token.kind === "number" || token.kind === "text") return { kind: "literal", value: token.value };
    if (token.kind === "name") return this.#named(token);
    if (token.value !== "(") throw filterError(`a value is missing before '${token.value}'`, token.at);
    const inner = this.#deeper(() => this.#or());
    this.#expect(")");
    return inner;
  }

  #named({ value: name, at }: Named): Filter {
    const truth = truths.get(name);
    if (truth !== undefined) return { kind: "literal", value: truth };
    if (this.#is("(")) return { kind: "call", name, args: this.#list({ orNone: true }), at };
    if (!this.#isConstant()) return { kind: "column", code: name, at };
    this.#next += 1;
    return { kind: "constant", name: `${name}.${this.#name().value}`, at };
  }

  /** A dot and a name behind a name, unless what comes then is a call: `TS.days()` asks about a column. */
  #isConstant(): boolean {
    return this.#is(".") && !(this.#tokens[this.#next + 1]?.kind === "name" && this.#is("(", 2));
  }

  #name(): Named {
    const token = this.#peek();
    if (token?.kind !== "name") throw filterError("a name is missing after '.'", token?.at ?? this.#end);
    this.#next += 1;
    return token;
  }

  /** Values in parentheses, with commas between them. */
  #list({ orNone = false } = {}): Filter[] {
    this.#expect("(");
    if (orNone && this.#take(")")) return [];
    const values = this.#deeper(() => {
      const read = [this.#sum()];
      while (this.#take(",")) read.push(this.#sum());
      return read;
    });
    this.#expect(")");
    return values;
  }

  /** Deep nesting would exhaust the stack of the process, so it is refused like any other mistake. */
  #deeper<Result>(parse: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw filterError("nested too deeply", this.#peek()?.at ?? this.#end);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #is(sign: Sign, ahead = 0): boolean {
    const token = this.#tokens[this.#next + ahead];
    return token?.kind === "sign" && token.value === sign;
  }

  #take(sign: Sign): boolean {
    const taken = this.#is(sign);
    if (taken) this.#next += 1;
    return taken;
  }

  /** The operator that comes next, if it is one of these. */
  #operator<One extends Sign>(wanted: readonly One[]): One | undefined {
    const operator = wanted.find((sign) => this.#is(sign));
    if (operator === undefined) return undefined;
    this.#operators += 1;
    if (this.#operators > maxOperators) throw filterError("too many operators", this.#peek()?.at ?? this.#end);
    this.#next += 1;
    return operator;
  }

  #expect(sign: Sign): void {
    if (!this.#take(sign)) throw filterError(`'${sign}' is missing`, this.#peek()?.at ?? this.#end);
  }
}

type Named = Extract<Token, { kind: "name" }>;

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["TRUE", true],
  ["false", false],
  ["FALSE", false],
]);
