// What the design says of a ledger that was changed, from its lines alone: written down a second time, for tests to hold ours against.

/** What can be found in a changed ledger: `k` is the last record that still chains. */
export type Verdict = "whole" | "torn" | "damage";

/**
 * A later line that can be read and says that something beyond `k` was on disk makes a torn tail damage; and so does a line behind
 * `k` that is whole text: a process that dies leaves the beginning of a record, and what power loss forgets is no text.
 */
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
  const isDamage =
    Math.max(...claims) > k || isEdit(lines[k]!, { wanted: original[k], isCut: isCut && k === lines.length - 1 });
  return { verdict: isDamage ? "damage" : "torn", k };
}

function isEdit(line: string, at: { wanted: string | undefined; isCut: boolean }): boolean {
  if (!isText(line)) return false;
  if (!at.isCut) return true;
  if (at.wanted !== undefined && line !== at.wanted && line.startsWith(at.wanted)) return true;
  return !line.startsWith("{");
}

/** Of bytes, a character each. */
function isText(line: string): boolean {
  const bytes = Buffer.from(line, "latin1");
  if ([...bytes].some((byte) => byte < 32)) return false;
  try {
    new TextDecoder("utf8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
