/**
 * Where a character of a scalar's value stands in the scalar as written, with its quotes, escapes, folds and indentation.
 * Walks both texts side by side; what YAML dropped from the value is skipped in the source.
 * @param raw The scalar as written, from its first quote or its block header on.
 */
export function sourceOffset(raw: string, value: string, offset: number): number {
  let at = start(raw);
  for (let place = 0; place < Math.min(offset, value.length); place++) {
    at = skipDropped(raw, at, value[place] ?? "");
    at +=
      raw[at] === "\\" && raw.startsWith('"')
        ? escapeLength(raw, at)
        : raw.startsWith("''", at) && raw[0] === "'"
          ? 2
          : 1;
  }
  return Math.min(skipDropped(raw, at, value[offset] ?? ""), raw.length);
}

function start(raw: string): number {
  if (raw.startsWith('"') || raw.startsWith("'")) return 1;
  if (!/^[|>]/.test(raw)) return 0;
  const newline = raw.indexOf("\n");
  return newline === -1 ? raw.length : newline + 1;
}

/** Indentation and folded line ends stand in the source only; a fold is one space of the value. */
function skipDropped(raw: string, at: number, wanted: string): number {
  if (raw[at] === wanted) return at;
  let next = at;
  if (wanted === " " || wanted === "\n") {
    while (/\s/.test(raw[next + 1] ?? "") && /\s/.test(raw[next] ?? "")) next += 1;
    return next;
  }
  while (/\s/.test(raw[next] ?? "")) next += 1;
  return next;
}

function escapeLength(raw: string, at: number): number {
  switch (raw[at + 1]) {
    case "x":
      return 4;
    case "u":
      return 6;
    case "U":
      return 10;
    default:
      return 2;
  }
}
