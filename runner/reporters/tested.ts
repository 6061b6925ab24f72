import type { Mismatch, TestedCase, TestedFile } from "../core/model/tested.ts";
import { countOf } from "./amount.ts";
import { cleanText } from "./clean.ts";
import type { Paint } from "./paint.ts";

/** A line a case, and below it all that is not as expected. */
export function testedText({ file, cases }: TestedFile, paint: Paint): string {
  return [paint.strong(cleanText(file)), ...cases.flatMap((one) => caseLines(one, paint))].join("\n");
}

/** How many cases came out how. */
export function testedTotal(files: readonly TestedFile[], paint: Paint): string {
  const cases = files.flatMap((file) => file.cases);
  const count = (outcome: TestedCase["outcome"]): number => cases.filter((one) => one.outcome === outcome).length;
  const failed = count("failed");
  const broken = files.filter(({ problems }) => problems.length > 0).length;
  const parts = [
    `${count("passed")} passed`,
    ...(failed === 0 ? [] : [paint.bad(`${failed} failed`)]),
    ...(broken === 0 ? [] : [paint.bad(`${countOf(broken, "file")} with problems`)]),
  ];
  return `${countOf(cases.length, "case")} in ${countOf(files.length, "file")}: ${parts.join(", ")}`;
}

function caseLines({ name, outcome, mismatches }: TestedCase, paint: Paint): readonly string[] {
  const word = { passed: paint.good("ok    "), failed: paint.bad("FAILED"), broken: paint.bad("BROKEN") }[outcome];
  return [`  ${word}  ${cleanText(name)}`, ...mismatches.flatMap((one) => mismatchLines(one, paint))];
}

function mismatchLines({ file, line, column, about, expected, found }: Mismatch, paint: Paint): readonly string[] {
  return [
    `          ${paint.strong(`${cleanText(file)}:${line}:${column}`)}  ${cleanText(about)}`,
    `            expected  ${paint.good(cleanText(expected))}`,
    `            found     ${paint.bad(cleanText(found))}`,
  ];
}
