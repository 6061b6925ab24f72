import { ExpressionError } from "../core/model/frozen.ts";
import { isList, isMap, isTable, kindOf, lift, shown, type Cel } from "./cel.ts";
import { maxText, type Work } from "./work.ts";

type Numeric = bigint | number;

/**
 * Equality, deep. Null equals only null; whole and broken numbers may be mixed.
 * @throws {ExpressionError} for two different kinds: `1 == "1"` is a mistake, not false.
 */
export function equal(left: Cel, right: Cel, work: Work): boolean {
  work.spend(1);
  const a: Cel = lift(left);
  const b: Cel = lift(right);
  if (typeof a === "string" && typeof b === "string" && a.length === b.length) work.text(Math.min(a.length, maxText));
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (isNumber(a) && isNumber(b)) return a == b; // loose on purpose: 1n == 1
  if (kindOf(a) !== kindOf(b)) throw mismatch(a, "==", b);
  if (isList(a) && isList(b))
    return a.length === b.length && a.every((one, place) => equal(one, b[place] ?? null, work));
  if (isMap(a) && isMap(b)) {
    const names = Object.keys(a);
    if (names.length !== Object.keys(b).length) return false;
    return names.every((name) => Object.hasOwn(b, name) && equal(a[name] ?? null, b[name] ?? null, work));
  }
  return false;
}

/** `in`: an element of a list, a member of a map, or the key of a row; null is none. @throws {ExpressionError} for an element of another kind. */
export function contains(value: Cel, container: Cel, work: Work): boolean {
  if (isTable(container)) {
    if (!container.mayHave(value)) throw mismatch(value, "in", container);
    return container.placeOf(value) !== undefined;
  }
  if (isMap(container)) {
    if (value === null) return false;
    if (typeof value !== "string") throw mismatch(value, "in", container);
    return Object.hasOwn(container, value);
  }
  if (!isList(container))
    throw new ExpressionError(`\`in\` needs a list or a map, found ${shown(container)}`, nullHint(container));
  if (container.length > indexedFrom) return indexOf(container, work).has(lift(value), work);
  return container.some((element) => equal(value, element, work));
}

/** `<` and its kin. @throws {ExpressionError} for null, and for anything but two numbers or two texts. */
export function compare(left: Cel, operator: string, right: Cel, work: Work): number {
  if (typeof left === "string") work.read(left);
  if ((isNumber(left) && isNumber(right)) || (typeof left === "string" && typeof right === "string")) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  throw mismatch(left, operator, right);
}

/** `+` on numbers, texts and lists. */
export function add(left: Cel, right: Cel, work: Work): Cel {
  if (typeof left === "string" && typeof right === "string") {
    work.text(left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right)) {
    work.list(left.length + right.length);
    return [...left, ...right];
  }
  return arithmetic(left, "+", right);
}

/** Whole numbers stay whole, within 64 bits; with a broken one the result is broken. */
export function arithmetic(left: Cel, operator: string, right: Cel): Numeric {
  if (!isNumber(left) || !isNumber(right)) throw mismatch(left, operator, right);
  if (typeof left === "bigint" && typeof right === "bigint") return whole(left, operator, right);
  return broken(Number(left), operator, Number(right));
}

export function negate(value: Cel): Numeric {
  if (!isNumber(value)) throw new ExpressionError(`\`-\` needs a number, found ${shown(value)}`, nullHint(value));
  return -value;
}

/** What to do about a null, where there is one. */
export function nullHint(...values: readonly Cel[]): string | undefined {
  return values.includes(null) ? "Use coalesce(…, a default), or test with `!= null` first." : undefined;
}

function whole(left: bigint, operator: string, right: bigint): bigint {
  if ((operator === "/" || operator === "%") && right === 0n)
    throw new ExpressionError(`${left.toString()} ${operator} 0: division by zero`);
  const result = wholeResult(left, operator, right);
  if (BigInt.asIntN(64, result) !== result)
    throw new ExpressionError(`${left.toString()} ${operator} ${right.toString()} is beyond 64 bits`);
  return result;
}

function wholeResult(left: bigint, operator: string, right: bigint): bigint {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      return left % right;
  }
}

function broken(left: number, operator: string, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      throw new ExpressionError(`${left} % ${right}: a remainder needs whole numbers`);
  }
}

function isNumber(value: Cel): value is Numeric {
  return typeof value === "bigint" || typeof value === "number";
}

function mismatch(left: Cel, operator: string, right: Cel): ExpressionError {
  return new ExpressionError(
    `\`${operator}\` between ${kindOf(left)} and ${kindOf(right)}: ${shown(left)} ${operator} ${shown(right)}`,
    nullHint(left, right),
  );
}

const indexedFrom = 16;
const indexes = new WeakMap<readonly Cel[], ListIndex>();

/** Index a list that did not come from an expression, however long it is: looking something up in it costs one step then. */
export function indexed(list: readonly Cel[]): readonly Cel[] {
  if (list.length > indexedFrom && !indexes.has(list)) indexes.set(list, new ListIndex(list));
  return list;
}

/** A long list is usually an input that every item is looked up in: it is indexed once. */
function indexOf(list: readonly Cel[], work: Work): ListIndex {
  const known = indexes.get(list);
  work.spend(known === undefined ? list.length : 1);
  const index = known ?? new ListIndex(list);
  indexes.set(list, index);
  return index;
}

class ListIndex {
  readonly #list: readonly Cel[];
  readonly #scalars = new Set<Cel>();
  readonly #others: readonly Cel[];
  readonly #kinds = new Set<string>();

  constructor(list: readonly Cel[]) {
    this.#list = list;
    this.#others = list.filter((element) => isList(element) || isMap(element));
    for (const element of list) {
      this.#kinds.add(kindOf(element));
      if (!isList(element) && !isMap(element)) this.#scalars.add(lift(element));
    }
  }

  has(value: Cel, work: Work): boolean {
    if (isList(value) || isMap(value)) return this.#others.some((other) => equal(value, other, work));
    if (this.#scalars.has(value)) return true;
    const others = [...this.#kinds].filter((kind) => kind !== kindOf(value) && kind !== "null");
    if (value !== null && others.length > 0) throw mismatch(value, "in", this.#list);
    return false;
  }
}
