import type { Path } from "../../language/source.ts";

/** What is not as expected; the path is its place in the test file. */
export interface Finding {
  readonly path: Path;
  readonly about: string;
  readonly expected: string;
  readonly found: string;
}

/** White space in an expression does not count. */
export function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
