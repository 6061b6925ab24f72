import { ExpressionError } from "../core/model/frozen.ts";

/** Steps one evaluation may take: about a thousand times what a long filter needs, and a few milliseconds. */
export const maxSteps = 200_000;
/** Longest text an expression may build, in characters. */
export const maxText = 65_536;
/** Longest list an expression may build. */
export const maxList = 10_000;

const charactersAStep = 64;

/** Counts what an evaluation does, so that no expression of a stranger can take long, whatever it says. */
export class Work {
  readonly #most: number;
  #left: number;

  /** @param steps How many there may be: more than usual only where the lists it goes through are known to be long. */
  constructor(steps = maxSteps) {
    this.#most = steps;
    this.#left = steps;
  }

  /** Once so, for good: `||` must not go on over it. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** @throws {ExpressionError} when the evaluation has taken too many steps. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.isSpent) {
      throw new ExpressionError(
        `the expression takes more than ${this.#most} steps`,
        "Shorten the lists it goes through, or take out a nested list.",
      );
    }
  }

  /** Account for a text that is only read. */
  read(text: string): void {
    this.spend(Math.ceil(text.length / charactersAStep));
  }

  /** Account for a text that is about to be read or built. */
  text(length: number): void {
    if (length > maxText)
      throw new ExpressionError(`the expression builds a text of ${length} characters; at most ${maxText} are allowed`);
    this.spend(1 + Math.ceil(length / charactersAStep));
  }

  /** Account for a list that is about to be built. */
  list(length: number): void {
    if (length > maxList)
      throw new ExpressionError(`the expression builds a list of ${length} elements; at most ${maxList} are allowed`);
    this.spend(1 + length);
  }
}
