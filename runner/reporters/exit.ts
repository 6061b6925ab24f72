/** What an exit code tells a person: the table of the documentation in one line each. */
const meanings: Readonly<Record<number, string>> = {
  0: "all confirmed, or nothing to do",
  1: "an error of ours: please report it",
  2: "the preview found changes",
  3: "the plan, the config or the command line is wrong",
  4: "no connection, or the login was refused",
  5: "refused before the first change",
  6: "rejected, refused or not started items, or a gate that failed",
  7: "items whose state is unknown or not as wanted",
  8: "items not visible yet, or the run waits for a person or its change window",
  9: "the audit failed",
  10: "the record could not be written",
  130: "interrupted",
};

/** Empty for a code that is not ours. */
export function exitMeaning(code: number): string {
  return meanings[code] ?? "";
}
