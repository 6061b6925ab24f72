import { timeText } from "../../core/model/values.ts";
import { cleanText } from "../clean.ts";
import { good } from "../verdict.ts";
import type { ItemStory, RunDocument } from "./model.ts";
import { fieldTexts, reasonText, verdictOf } from "./outcome.ts";

/**
 * A test case an item, for the CI systems that show those: what needs a look is a failure, what was not started was skipped.
 * The run is a case as well, and an error where it did not end well: a run that never came to its items is not green.
 */
export async function* junitOf(document: RunDocument): AsyncGenerator<string, void> {
  const { summary } = document;
  const name = attribute(nameOf(document));
  const host = summary.by.host === "" ? "" : ` hostname="${attribute(summary.by.host)}"`;
  const verdict = verdictOf(document);
  const isWell = verdict.tone === "good" || verdict.tone === "open";
  const totals = await totalsOf(document);
  const began = timeText(Math.floor(summary.started / 1000), "UTC") ?? "";
  const seconds = Math.max(0, (summary.ended ?? summary.started) - summary.started) / 1000;
  const of = `tests="${totals.tests + 1}" failures="${totals.failures}" errors="${isWell ? 0 : 1}" skipped="${totals.skipped}" time="${seconds.toFixed(3)}"`;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rollcall" ${of}>\n`;
  yield `  <testsuite name="${name}" ${of} timestamp="${began.replace("Z", "")}" id="0"${host}>\n`;
  yield `    <properties>\n${properties(document)}    </properties>\n`;
  const error = `<error type="${summary.exit === undefined ? summary.status : `exit ${summary.exit}`}" message="${attribute(verdict.text)}">${text(verdict.detail)}</error>`;
  yield `    <testcase classname="${name}" name="${wholeOf(document)}"${isWell ? "/>" : `>${error}</testcase>`}\n`;
  for await (const item of document.items()) yield caseOf(item, document);
  yield "  </testsuite>\n</testsuites>\n";
}

/** Counted from the items themselves: they may be fewer than the record counts, where the file that has them is damaged. */
async function totalsOf(document: RunDocument): Promise<Record<"tests" | "failures" | "skipped", number>> {
  const totals = { tests: 0, failures: 0, skipped: 0 };
  for await (const { state } of document.items()) {
    totals.tests += 1;
    if (state === "not-started") totals.skipped += 1;
    else if (!isGood(state)) totals.failures += 1;
  }
  return totals;
}

const isGood = (state: string): boolean => (good as ReadonlySet<string>).has(state);

/** Of the suite, and the class of each case: what a CI system shows and keeps of a rehearsal says that it is one. */
function nameOf({ summary }: RunDocument): string {
  // Damaged in its first record, a run does not say of what it is.
  if (summary.plan === "") return `run ${summary.run}`;
  return summary.rehearsed === true ? `${summary.plan} (rehearsal)` : summary.plan;
}

function wholeOf({ summary }: RunDocument): string {
  return summary.rehearsed === true
    ? "the rehearsal as a whole: nothing was sent to the service"
    : "the run as a whole";
}

function caseOf(item: ItemStory, document: RunDocument): string {
  const { showing } = document;
  const label = item.title === item.id ? item.id : `${item.title} (${item.id})`;
  const head = `    <testcase classname="${attribute(nameOf(document))}" name="${attribute(label)}"`;
  const why = reasonText(item);
  if (isGood(item.state)) return `${head}/>\n`;
  if (item.state === "not-started") return `${head}><skipped message="${attribute(why)}"/></testcase>\n`;
  const fields = fieldTexts(item, showing).map(({ field, text }) => `${field}: ${text}`);
  const message = why === "" ? item.state : `${item.state}: ${why}`;
  return `${head}><failure type="${item.state}" message="${attribute(message)}">${text(fields.join("\n"))}</failure></testcase>\n`;
}

function properties({ summary, start }: RunDocument): string {
  const all: readonly (readonly [string, string])[] = [
    ["run", summary.run],
    ["service", summary.service],
    ["endpoint", summary.endpoint],
    ["by", start === undefined ? "" : `${summary.by.name} on ${summary.by.host}`],
    ["tool", start?.tool ?? ""],
    ["anchor", summary.anchor],
  ];
  const known = all.filter(([, value]) => value !== "");
  return known.map(([name, value]) => `      <property name="${name}" value="${attribute(value)}"/>\n`).join("");
}

function text(given: string): string {
  return given.split("\n").map(attribute).join("\n");
}

function attribute(given: string): string {
  // Two characters that XML can not have, even escaped.
  return cleanText(given).replace(/[&<>"\ufffe\uffff]/g, (found) => entities[found] ?? "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
