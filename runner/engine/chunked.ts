import type { Change } from "../core/model/change.ts";
import { canonical } from "../core/model/values.ts";

export type Chunk = readonly [Change, ...Change[]];

/** Changes that one call can make together, `size` of them at most: they set the same and are tried for the same time. */
export function chunked(
  changes: readonly Change[],
  size: number,
  attemptOf: (change: Change) => number,
): readonly Chunk[] {
  if (size === 1) return changes.map((change) => [change]);
  const open = new Map<string, [Change, ...Change[]]>();
  const chunks: Chunk[] = [];
  for (const change of changes) {
    const alike = `${attemptOf(change)} ${canonical(change.after)} ${change.group ?? ""}`;
    const chunk = open.get(alike);
    if (chunk !== undefined && chunk.length < size) {
      chunk.push(change);
      continue;
    }
    const begun: [Change, ...Change[]] = [change];
    open.set(alike, begun);
    chunks.push(begun);
  }
  return chunks;
}
