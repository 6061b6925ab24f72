import { filterError, tokenize } from "./tokens.ts";
import type { Sign, Token } from "./tokens.ts";

/** A filter as a tree. Names are column codes as written. */
export type Filter =
  | { readonly kind: "literal"; readonly value: string | number }
  | { readonly kind: "column"; readonly code: string; readonly at: number }
  | { readonly kind: "not"; readonly inner: Filter }
  | { readonly kind: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Filter; readonly right: Filter }
  | { readonly kind: "in"; readonly left: Filter; readonly among: readonly Filter[] };

export type Comparison = "==" | "!=" | "<=" | ">=" | "<" | ">" | "=~";

/**
 * Read a filter of the console's language, as far as the simulator knows it: comparisons, `=~`, `in (…)`, `not`,
 * `and`, `or` (tight to loose), parentheses, numbers, quoted text, `true`, `false`, column codes. Time and arithmetic
 * are not known.
 * @returns Undefined for an empty filter, which means all.
 * @throws ApiError with the place of the first thing that can not be read.
 */
export function parseFilter(text: string): Filter | undefined {
  if (text.length > maxLength) throw filterError("too long", maxLength);
  const tokens = tokenize(text);
  return tokens.length === 0 ? undefined : new Parser(tokens, text.length).whole();
}

const comparisons: ReadonlySet<string> = new Set<Comparison>(["==", "!=", "<=", ">=", "<", ">", "=~"]);
const maxLength = 20_000;
const maxDepth = 200;

/** Recursive descent, one method a level of binding. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;

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
    while (this.#take("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#not();
    while (this.#take("and")) left = { kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Filter {
    if (!this.#take("not")) return this.#comparison();
    return this.#deeper(() => ({ kind: "not", inner: this.#not() }));
  }

  #comparison(): Filter {
    const left = this.#operand();
    if (this.#take("in")) return { kind: "in", left, among: this.#list() };
    const token = this.#peek();
    if (token?.kind !== "sign" || !comparisons.has(token.value)) return left;
    this.#next += 1;
    return { kind: "compare", operator: token.value as Comparison, left, right: this.#operand() };
  }

  #list(): Filter[] {
    this.#expect("(");
    const among = [this.#operand()];
    while (this.#take(",")) among.push(this.#operand());
    this.#expect(")");
    return among;
  }

  #operand(): Filter {
    const token = this.#peek();
    if (token === undefined) throw filterError("a value is missing", this.#end);
    this.#next += 1;
    if (token.kind === "number" || token.kind === "text") return { kind: "literal", value: token.value };
    if (token.kind === "name") return namedOperand(token.value, token.at);
    if (token.value === "-") return this.#negative(token.at);
    if (token.value !== "(") throw filterError(`a value is missing before '${token.value}'`, token.at);
    const inner = this.#deeper(() => this.#or());
    this.#expect(")");
    return inner;
  }

  #negative(at: number): Filter {
    const token = this.#peek();
    if (token?.kind !== "number") throw filterError("'-' stands before numbers only", at);
    this.#next += 1;
    return { kind: "literal", value: -token.value };
  }

  /** Deep nesting would exhaust the stack of the process, so it is refused like any other mistake. */
  #deeper(parse: () => Filter): Filter {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw filterError("nested too deeply", this.#peek()?.at ?? this.#end);
    const filter = parse();
    this.#depth -= 1;
    return filter;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(sign: Sign): boolean {
    const token = this.#peek();
    if (token?.kind !== "sign" || token.value !== sign) return false;
    this.#next += 1;
    return true;
  }

  #expect(sign: Sign): void {
    if (!this.#take(sign)) throw filterError(`'${sign}' is missing`, this.#peek()?.at ?? this.#end);
  }
}

function namedOperand(name: string, at: number): Filter {
  if (name === "true") return { kind: "literal", value: 1 };
  if (name === "false") return { kind: "literal", value: 0 };
  return { kind: "column", code: name, at };
}
