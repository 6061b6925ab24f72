import type { Value } from "../core/model/item.ts";
import { withExactInts } from "./exact-ints.ts";

/** No service nests its answers so deeply; what is done with them is recursive. */
const maxDepth = 200;
const code = { quote: 34, backslash: 92, openList: 91, closeList: 93, openObject: 123, closeObject: 125 } as const;

/**
 * JSON text as a value; undefined: it is none.
 * @param isExact Whole numbers beyond 2^53 become an `ExactInt`; else they are rounded.
 */
export function parseJson(text: string, isExact: boolean): Value | undefined {
  if (nestsDeeper(text, maxDepth)) return undefined;
  try {
    // Some frameworks put a byte order mark in front of UTF-8.
    const bare = text.replace(/^\uFEFF/, "");
    return JSON.parse(isExact ? withExactInts(bare) : bare) as Value;
  } catch {
    // Whatever the reason, it is not JSON; the caller says so.
    return undefined;
  }
}

/** Of JSON text; what stands in strings does not count. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length && depth <= limit; at++) {
    const character = text.charCodeAt(at);
    if (character === code.quote) inString = !inString;
    else if (inString) at += character === code.backslash ? 1 : 0;
    else if (character === code.openList || character === code.openObject) depth += 1;
    else if (character === code.closeList || character === code.closeObject) depth -= 1;
  }
  return depth > limit;
}
