import type { ASTNode } from "@marcbachmann/cel-js";
import { sourceOf } from "./bounds.ts";
import { checkedTypeOf } from "./checked-type.ts";
import { elementsOfAll, unknownElements, type Elements } from "./elements.ts";
import { heldFault } from "./empty-fault.ts";
import { generally, type At, type Following } from "./following.ts";
import { anyOf, elementsOf, isNullable, madeOf, negated, never, some, unknown, valuesOf, type Guess } from "./guess.ts";
import { listFunctionOf, placeOf, variableOf, type ListFunction, type Place } from "./names.ts";

/** Longest list of an expression whose elements are looked at one by one. */
export const maxElements = 20;

/** In a body of a list function. */
interface Inside extends At {
  /** Of the variable. */
  readonly place: Place;
  /** Undefined: not known. */
  readonly mayBeNull: boolean | undefined;
}

interface Tested {
  readonly isAll: boolean;
  /** Where the list stands. */
  readonly around: At;
}

/** Follows what the elements of lists may be: of those that are written out, and of what list functions make of them. */
export class ListFlow {
  readonly #flow: Following;

  constructor(flow: Following) {
    this.#flow = flow;
  }

  /** A list that is written out. */
  writtenOut(elements: readonly ASTNode[], at: At): Guess {
    const guesses = elements.map((element) => this.#flow.guess(element, at));
    if (guesses.some(({ is }) => is === "never")) return never;
    const value = valuesOf(guesses);
    if (value !== undefined) return madeOf(guesses, { is: "value", value });
    return { is: "some", elements: elementsOfAll(guesses.map((guess, i) => this.#asElement(guess, elements[i], at))) };
  }

  /** What is known of the elements of a list where each of them is that. */
  #asElement(guess: Guess, node: ASTNode | undefined, at: At): Elements {
    const place = node && placeOf(node, this.#flow.names, at.variables);
    const mayBeNull = guess.is === "unknown" ? undefined : isNullable(guess);
    return { type: place?.type, mayBeNull, given: givenBehind(place, at) };
  }

  /** Of a list that is computed. */
  element(node: ASTNode & { readonly op: "[]" }, list: Guess): Guess {
    if (checkedTypeOf(node.args[0])?.startsWith("list") !== true) return unknown;
    const { mayBeNull } = elementsOf(list);
    return mayBeNull === undefined ? unknown : { is: mayBeNull ? "maybe" : "some" };
  }

  /** A list whose elements all have to be there. */
  full(node: ASTNode, at: At): void {
    if (at.faults === undefined) return;
    const list = this.#flow.guess(node, { ...at, faults: [] });
    if (elementsOf(list).mayBeNull === true) at.faults.push({ ...heldFault(node), path: `${sourceOf(node)}.join` });
  }

  /** `map`, `filter`, `all`, `exists`, `exists_one`. */
  listFunction(node: ASTNode & { readonly op: "rcall" }, at: At): Guess {
    const list = listFunctionOf(node);
    if (list === undefined) return unknown;
    const range = this.#flow.needed(list.range, at);
    if (range.is === "never") return never;
    const [name] = node.args;
    const inside = this.#inside(list, node, { ...at, range });
    const elements = this.#elementsGiven(list, name, inside);
    if (name === "map" || name === "filter") return { is: "some", elements };
    return name === "exists_one" ? some : this.#tested(list, { ...inside, isAll: name === "all", around: at });
  }

  /** Where the variable of a list function is known. */
  #inside(list: ListFunction, node: ASTNode, { range, ...at }: At & { readonly range: Guess }): Inside {
    const own = variableOf(list, node, { names: this.#flow.names, variables: at.variables });
    const { type, mayBeNull, given } = elementsOf(range);
    const place = { ...own, type: own.type ?? type, about: { mayBeNull: mayBeNull === true } };
    const behind = [...(mayBeNull === false ? [""] : []), ...given];
    const known = new Map([...at.known, ...behind.map((one) => [`${place.path}${one}`, some] as const)]);
    return { ...at, known, variables: new Map([...at.variables, [list.variable, place]]), place, mayBeNull };
  }

  /** The elements of what a list function gives, where that is a list. */
  #elementsGiven({ bodies: [test, result] }: ListFunction, name: string, inside: Inside): Elements {
    if (test === undefined) return unknownElements;
    if (name === "map" && result === undefined) return this.#asElement(this.#flow.guess(test, inside), test, inside);
    this.#flow.needed(test, inside);
    if (name === "all" || name === "exists" || name === "exists_one") return unknownElements;
    const kept = this.#flow.after(test, true, inside);
    if (result !== undefined) return this.#asElement(this.#flow.guess(result, kept), result, kept);
    const { place, mayBeNull } = inside;
    return {
      type: place.type,
      mayBeNull: kept.known.get(place.path)?.is === "some" ? false : mayBeNull,
      given: givenBehind(place, kept),
    };
  }

  /** What is written out is looked at one by one. */
  #tested({ range, bodies: [test] }: ListFunction, { isAll, around, ...inside }: Inside & Tested): Guess {
    if (test === undefined || range.op !== "list" || range.args.length > maxElements) return some;
    const elements = range.args.map((element) => this.#flow.guess(element, { ...around, faults: undefined }));
    const found = elements.map((element) => {
      const known = new Map([...inside.known, [inside.place.path, element]]);
      return this.#flow.guess(test, { ...inside, known, faults: undefined });
    });
    return madeOf(elements, isAll ? negated(anyOf(found.map(negated))) : anyOf(found));
  }
}

/** What of a value is known not to be null, by what stands behind its own path. */
function givenBehind(place: Place | undefined, { known }: At): ReadonlySet<string> {
  if (place === undefined) return new Set();
  const owners = [place.path, generally(place.path)];
  const behind = [...known].flatMap(([path, { is }]) => {
    const owner = is === "some" ? owners.find((one) => path.startsWith(`${one}.`)) : undefined;
    return owner === undefined ? [] : [path.slice(owner.length)];
  });
  return new Set(behind);
}

/** Of a list that has elements of all of these. */
export function listOfAll(guesses: readonly Guess[]): Guess {
  return { is: "some", elements: elementsOfAll(guesses.map(elementsOf)) };
}
