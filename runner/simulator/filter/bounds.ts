import type { Filter } from "./parse.ts";

/** Device ids a filter can match at all: from `from` to `to`, both included. */
export interface IdBounds {
  readonly from: number;
  readonly to: number;
}

/**
 * What a filter says about the device id (`AU == 12`, `I0 > 12 and …`), so that such a list need not look at every
 * device. Undefined: nothing, so the filter has to be tried on all.
 */
export function idBounds(filter: Filter): IdBounds | undefined {
  if (filter.kind === "and") return intersect(idBounds(filter.left), idBounds(filter.right));
  if (filter.kind === "in") return amongBounds(filter);
  if (filter.kind !== "compare" || !isDeviceId(filter.left)) return undefined;
  const id = filter.right.kind === "literal" ? Number(filter.right.value) : NaN;
  if (!Number.isFinite(id)) return undefined;
  switch (filter.operator) {
    case "==":
      return { from: id, to: id };
    case "<":
    case "<=":
      return { from: -Infinity, to: id };
    case ">":
    case ">=":
      return { from: id, to: Infinity };
    case "!=":
    case "=~":
      return undefined;
  }
}

function intersect(left: IdBounds | undefined, right: IdBounds | undefined): IdBounds | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return { from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) };
}

/** `AU in (1, 2, 3)` lies between the smallest and the largest. */
function amongBounds(filter: { left: Filter; among: readonly Filter[] }): IdBounds | undefined {
  if (!isDeviceId(filter.left)) return undefined;
  const ids = filter.among.map((one) => (one.kind === "literal" ? Number(one.value) : NaN));
  return ids.every(Number.isFinite) ? { from: Math.min(...ids), to: Math.max(...ids) } : undefined;
}

function isDeviceId(filter: Filter): boolean {
  return filter.kind === "column" && (filter.code === "AU" || filter.code === "I0");
}
