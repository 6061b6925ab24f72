/** The known name nearest to what was written; undefined when none is near enough to be meant. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(written.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const name of known) {
    const distance = howFar(written, name, least);
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** In how many letters two names differ, case and separators aside; `limit` for as many as that, or more. */
export function howFar(written: string, name: string, limit: number): number {
  if (name.length > maxLength || written.length > maxLength) return limit;
  return sameLetters(written, name) ? 0 : editDistance(written.toLowerCase(), name.toLowerCase(), limit);
}

/** The one known name that must be meant: but for case, separators and a letter or two it is what was written. */
export function meant(written: string, known: Iterable<string>): string | undefined {
  const letters = plain(written);
  if (letters === "" || letters.length > maxLength) return undefined;
  const limit = Math.min(2, Math.floor(letters.length / 5));
  let names: string[] = [];
  let least = limit;
  for (const name of known) {
    if (name.length > maxLength) continue;
    const distance = editDistance(letters, plain(name), least + 1);
    if (distance < least) names = [];
    if (distance <= least) [least, names] = [distance, [...names, name]];
  }
  return names.length === 1 ? names[0] : undefined;
}

/** A hint with the nearest name, or the short list of all names when none is near. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const near = nearest(written, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.length > 0 && names.length <= 12 ? `Known are: ${names.join(", ")}.` : undefined;
}

const maxLength = 80;

function sameLetters(left: string, right: string): boolean {
  return plain(left) === plain(right);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours; gives up at `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, last] = [last, current];
  }
  return last[right.length] ?? limit;
}
