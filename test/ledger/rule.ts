// What the design says of a ledger that was changed, from its lines alone: written down a second time, for tests to hold ours against.

/** What can be found in a changed ledger: `k` is the last record that still chains. */
export type Verdict = "whole" | "torn" | "damage";

/** A later line that can be read and says that something beyond `k` was on disk makes a torn tail damage. */
export function expected(
  lines: readonly string[],
  original: readonly string[],
  isCut: boolean,
): { verdict: Verdict; k: number } {
  let k = 0;
  while (k < lines.length && lines[k] === original[k] && !(isCut && k === lines.length - 1)) k += 1;
  if (k === lines.length) return { verdict: "whole", k };
  const claims = lines.slice(k).map((line) => {
    try {
      const value = JSON.parse(line) as { seq?: unknown; type?: unknown; synced?: unknown };
      const isRecord =
        Number.isSafeInteger(value.seq) && typeof value.type === "string" && Number.isSafeInteger(value.synced);
      return isRecord ? (value.synced as number) : 0;
    } catch {
      return 0;
    }
  });
  return { verdict: Math.max(...claims) > k ? "damage" : "torn", k };
}
