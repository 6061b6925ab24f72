/** How many blocks a text in PEM has. Of several, parsers take the first that they understand, and say nothing of the rest. */
export function pemBlocksIn(text: string): number {
  return text.match(/-----BEGIN /g)?.length ?? 0;
}
