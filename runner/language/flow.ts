import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "../core/model/frozen.ts";
import { children, isComprehension, sourceOf, type Fault } from "./bounds.ts";
import { lift, type Cel } from "./cel.ts";
import { checkedTypeOf } from "./checked-type.ts";
import { elementsAt, texts, type Elements } from "./elements.ts";
import { emptyFault } from "./empty-fault.ts";
import { operation } from "./evaluate.ts";
import { generally, type At, type EmptyFault, type Following } from "./following.ts";
import { functions, methods } from "./functions.ts";
import {
  anyOf,
  combined,
  either,
  elementsOf,
  firstValue,
  isNull,
  isNullable,
  madeOf,
  negated,
  never,
  nothing,
  some,
  unknown,
  valuesOf,
  type Guess,
} from "./guess.ts";
import { elementsPath, placeOf, type Names, type Place } from "./names.ts";
import { ListFlow, listOfAll, maxElements } from "./list-flow.ts";
import { negate } from "./operators.ts";
import { Work } from "./work.ts";

export interface Flow {
  /** Uses of what may be null where there has to be a value: each path once. */
  readonly faults: readonly Fault[];
  readonly paths: readonly string[];
  /** What to say where the result has to be there. Undefined: it is never null, as far as that is known. */
  readonly empty: Fault | undefined;
  /** The result may be a list that holds null. */
  readonly holdsNull: boolean;
  /** Paths that are not null where the expression gives that. */
  proves(outcome: boolean): ReadonlySet<string>;
}

/** Follow what may be null through an expression. @param given Paths that are known not to be null. */
export function flowOf(ast: ASTNode, names: Names, given: ReadonlySet<string>): Flow {
  const analysis = new Analysis(names);
  const known = new Map([...given].map((path) => [path, some] as const));
  const faults: EmptyFault[] = [];
  const result = analysis.guess(ast, { known, variables: new Map(), faults });
  const told = new Map(faults.toReversed().map((fault) => [fault.path, fault]));
  const once = [...told.values()].toSorted((a, b) => a.start - b.start);
  return {
    faults: once.map(({ path: _, ...fault }) => fault),
    paths: [...told.keys()],
    empty: isNullable(result) ? emptyFault(ast) : undefined,
    holdsNull: elementsOf(result).mayBeNull !== false,
    proves: (outcome) => analysis.proven(ast, outcome, { known, variables: new Map(), faults: undefined }),
  };
}

/** Parts of an expression that are looked at, all in all: beyond that nothing more is found. */
const maxParts = 40_000;

/** Takes null, and knows what to do with it. */
const takesNull: ReadonlySet<string> = new Set(["union", "minus", "key", "dyn"]);

class Analysis implements Following {
  readonly names: Names;
  readonly #lists = new ListFlow(this);
  readonly #work = new Work();
  #parts = 0;

  constructor(names: Names) {
    this.names = names;
  }

  guess(node: ASTNode, at: At): Guess {
    this.#parts += 1;
    if (this.#parts > maxParts) return unknown;
    switch (node.op) {
      case "value":
        return { is: "value", value: node.args as Cel };
      case "id":
      case ".":
      case "[]":
        return this.#lookedUp(node, at);
      case "call":
        return this.#call(node, at);
      case "rcall":
        return isComprehension(node) ? this.#lists.listFunction(node, at) : this.#method(node, at);
      case "list":
        return this.#lists.writtenOut(node.args, at);
      case "map":
        for (const [, value] of node.args) this.guess(value, at);
        return some;
      case "?:":
        return this.#choice(node.args, at);
      case "&&":
        return this.#logical(node.args, false, at);
      case "||":
        return this.#logical(node.args, true, at);
      case "!_":
        return negated(this.needed(node.args, at));
      case "-_":
        return this.#negative(node.args, at);
      case ".?":
      case "[?]":
        return unknown;
      case "==":
        return this.#equal(node.args, at);
      case "!=":
        return negated(this.#equal(node.args, at));
      case "in":
        return this.#contained(node.args, at);
      default: {
        const [left, right] = [this.needed(node.args[0], at), this.needed(node.args[1], at)];
        if (left.is === "never" || right.is === "never") return never;
        if (left.is !== "value" || right.is !== "value") return node.op === "+" ? listOfAll([left, right]) : some;
        const apply = operation(node.op);
        return madeOf(
          [left, right],
          this.#folded(() => apply(left.value, right.value, this.#work)),
        );
      }
    }
  }

  #negative(node: ASTNode, at: At): Guess {
    const guess = this.needed(node, at);
    if (guess.is === "never") return never;
    if (guess.is !== "value") return some;
    return madeOf(
      [guess],
      this.#folded(() => negate(guess.value)),
    );
  }

  /** Paths that can not be null where a condition gives that: with null there it would give something else, or nothing. */
  proven(condition: ASTNode, outcome: boolean, at: At): ReadonlySet<string> {
    const paths = this.#nullablePaths(condition, at);
    const found = new Set<string>();
    // Twice, since one path may be known by what is known of another: a == b && b != null.
    for (let round = 0; round < 2; round++) {
      for (const path of paths) {
        const known = new Map([...at.known, ...[...found].map((one) => [one, some] as const), [path, nothing]]);
        const guess = found.has(path) ? unknown : this.guess(condition, { ...at, known, faults: undefined });
        if (guess.is === "never" || (guess.is === "value" && guess.value !== outcome)) found.add(path);
      }
    }
    return found;
  }

  after(condition: ASTNode, outcome: boolean, at: At): At {
    if (at.faults === undefined) return at;
    const found = this.proven(condition, outcome, at);
    return found.size === 0
      ? at
      : { ...at, known: new Map([...at.known, ...[...found].map((one) => [one, some] as const)]) };
  }

  #nullablePaths(node: ASTNode, at: At): ReadonlySet<string> {
    const place = placeOf(node, this.names, at.variables);
    const own = place?.about.mayBeNull === true && !at.known.has(place.path) ? [place.path] : [];
    return new Set([...own, ...children(node).flatMap((child) => [...this.#nullablePaths(child, at)])]);
  }

  /** A value that has to be there. */
  needed(node: ASTNode, at: At): Guess {
    const guess = this.guess(node, at);
    if (guess.is === "value" && guess.value === null) return never;
    if (guess.is === "maybe") {
      at.faults?.push({ ...emptyFault(node), path: guess.path ?? sourceOf(node) });
      return { is: "unknown", elements: elementsOf(guess) };
    }
    return guess;
  }

  #lookedUp(node: ASTNode & { readonly op: "id" | "." | "[]" }, at: At): Guess {
    const needed = partsAbove(node).map((part) => this.needed(part, at));
    if (needed.some((guess) => guess.is === "never")) return never;
    const place = placeOf(node, this.names, at.variables);
    if (place === undefined) return node.op === "[]" ? this.#lists.element(node, needed[0] ?? unknown) : unknown;
    const elements = this.#elementsAt(place, at);
    const known = at.known.get(place.path) ?? at.known.get(generally(place.path));
    if (known !== undefined) return known.is === "some" ? { elements, ...known } : known;
    if (place.about.mayBeNull === true) return { is: "maybe", path: place.path, elements };
    return { is: place.type === undefined || place.type === "dyn" ? "unknown" : "some", elements };
  }

  #elementsAt(place: Place, at: At): Elements {
    const elements = elementsAt(place);
    return at.known.get(elementsPath(place.path))?.is === "some" ? { ...elements, mayBeNull: false } : elements;
  }

  #call(node: ASTNode & { readonly op: "call" }, at: At): Guess {
    const [name, args] = node.args;
    if (name === "has") return this.#has(args, at);
    if (name === "coalesce") return firstValue(args.map((arg) => this.guess(arg, at)));
    if (takesNull.has(name)) {
      const guesses = args.map((arg) => this.guess(arg, at));
      if (guesses.some(({ is }) => is === "never")) return never;
      if (name === "dyn") return guesses[0] ?? unknown;
      return name === "key" ? some : listOfAll(name === "minus" ? guesses.slice(0, 1) : guesses);
    }
    return this.#applied(name === "ago" ? undefined : functions[name], args, at);
  }

  #method(node: ASTNode & { readonly op: "rcall" }, at: At): Guess {
    const [name, receiver, args] = node.args;
    if (name === "join") this.#lists.full(receiver, at);
    const result = this.#applied(methods[name], [receiver, ...args], at);
    return name === "split" && result.is === "some" ? { ...result, elements: texts } : result;
  }

  #applied(facts: (typeof functions)[string] | undefined, args: readonly ASTNode[], at: At): Guess {
    const guesses = args.map((arg) => this.needed(arg, at));
    if (guesses.some(({ is }) => is === "never")) return never;
    const values = valuesOf(guesses);
    if (facts === undefined || values === undefined) return some;
    return madeOf(
      guesses,
      this.#folded(() => facts.run(values, { work: this.#work, now: undefined })),
    );
  }

  /** Nothing has no members, and is no key: the value is not there then. */
  #has([target]: readonly ASTNode[], at: At): Guess {
    if (target === undefined) return unknown;
    const isLookedUp = target.op === "." || target.op === "[]";
    const parts = isLookedUp ? partsAbove(target).map((part) => this.guess(part, at)) : [];
    if (parts.some(({ is }) => is === "never")) return never;
    if (parts.some(isNull)) return madeOf(parts, { is: "value", value: false });
    const guess = this.guess(target, isLookedUp ? { ...at, faults: undefined } : at);
    if (guess.is === "never") return never;
    return guess.is === "value" ? madeOf([guess], { is: "value", value: guess.value !== null }) : some;
  }

  #choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], at: At): Guess {
    const test = this.needed(condition, at);
    if (test.is === "never") return never;
    if (test.is === "value") return madeOf([test], this.guess(test.value === true ? yes : no, at));
    return either(this.guess(yes, this.after(condition, true, at)), this.guess(no, this.after(condition, false, at)));
  }

  /** What decides the result does so on either side: a test may stand behind the use. */
  #logical([left, right]: readonly [ASTNode, ASTNode], decisive: boolean, at: At): Guess {
    const own = at.faults && ([] as EmptyFault[]);
    const first = this.needed(left, { ...at, faults: own });
    if (first.is === "value" && first.value === decisive && first.orFails !== true) {
      at.faults?.push(...(own ?? []));
      return first;
    }
    const second = this.needed(right, this.after(left, !decisive, at));
    for (const fault of own ?? []) if (!this.#isDecided(right, decisive, fault.path, at)) at.faults?.push(fault);
    if (at.faults === undefined) return combined(first, second, decisive);
    // The result is also that of the right side where the left one can not be evaluated, and proves nothing then.
    return combined(first, this.guess(right, { ...at, faults: undefined }), decisive);
  }

  #isDecided(node: ASTNode, decisive: boolean, path: string, at: At): boolean {
    const faults: EmptyFault[] = [];
    const guess = this.guess(node, { ...at, known: new Map([...at.known, [path, nothing]]), faults });
    return faults.length === 0 && guess.is === "value" && guess.value === decisive && guess.orFails !== true;
  }

  #equal([left, right]: readonly [ASTNode, ASTNode], at: At): Guess {
    return this.#same(this.guess(left, at), this.guess(right, at));
  }

  #same(left: Guess, right: Guess): Guess {
    if (left.is === "never" || right.is === "never") return never;
    if (left.is === "value" && right.is === "value") {
      const apply = operation("==");
      return madeOf(
        [left, right],
        this.#folded(() => apply(left.value, right.value, this.#work)),
      );
    }
    const differ = (isNull(left) && right.is === "some") || (left.is === "some" && isNull(right));
    return differ ? madeOf([left, right], { is: "value", value: false }) : some;
  }

  #contained([element, container]: readonly [ASTNode, ASTNode], at: At): Guess {
    const one = this.guess(element, at);
    const all = this.needed(container, at);
    if (one.is === "never" || all.is === "never") return never;
    if (container.op === "list" && container.args.length <= maxElements) {
      const silent = { ...at, faults: undefined };
      return anyOf(container.args.map((other) => this.#same(one, this.guess(other, silent))));
    }
    const hasNone = elementsOf(all).mayBeNull === false || checkedTypeOf(container)?.startsWith("map") === true;
    return isNull(one) && hasNone ? madeOf([one], { is: "value", value: false }) : some;
  }

  #folded(run: () => Cel): Guess {
    if (isSpent(this.#work)) return some;
    try {
      return { is: "value", value: lift(run()) };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return isSpent(this.#work) ? some : never;
    }
  }
}

/** Asked before and after some work. */
function isSpent(work: Work): boolean {
  return work.isSpent;
}

/** What a value is taken from, and its key. */
function partsAbove(node: ASTNode & { readonly op: "id" | "." | "[]" }): readonly ASTNode[] {
  if (node.op === "id") return [];
  return node.op === "." ? [node.args[0]] : node.args;
}
