import type { Path } from "./source.ts";

/** Places of a document that a problem was told of, so that what merely follows from it is not told as well. */
export class Told {
  readonly #paths: Path[] = [];

  add(path: Path): void {
    this.#paths.push(path);
  }

  /** Of this place, or of one that holds it. */
  covers(path: Path): boolean {
    return this.#paths.some((one) => isWithin(path, one));
  }

  /** Of this place, or of one inside it. */
  touches(path: Path): boolean {
    return this.#paths.some((one) => isWithin(one, path));
  }
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.length <= path.length && outer.every((step, depth) => step === path[depth]);
}
