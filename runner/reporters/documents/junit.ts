import { timeText } from "../../core/model/values.ts";
import { cleanText } from "../clean.ts";
import { good } from "../verdict.ts";
import type { ItemStory, RunDocument } from "./model.ts";
import { fieldTexts, reasonText, verdictOf } from "./outcome.ts";

/**
 * A test case an item, for the CI systems that show those: what needs a look is a failure, what was not started was skipped.
 * A run that is not over, or whose record is damaged, has an error besides.
 */
export async function* junitOf(document: RunDocument): AsyncGenerator<string, void> {
  const { summary } = document;
  const name = attribute(summary.plan);
  const totals = totalsOf(document);
  const began = timeText(Math.floor(summary.started / 1000), "UTC") ?? "";
  const seconds = summary.ended === undefined ? 0 : (summary.ended - summary.started) / 1000;
  const of = `tests="${totals.tests}" failures="${totals.failures}" errors="${totals.errors}" skipped="${totals.skipped}" time="${seconds.toFixed(3)}"`;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rollcall" ${of}>\n`;
  yield `  <testsuite name="${name}" ${of} timestamp="${began.replace("Z", "")}" id="0" hostname="${attribute(summary.by.host)}">\n`;
  yield `    <properties>\n${properties(document)}    </properties>\n`;
  const verdict = verdictOf(document);
  yield `    <testcase classname="${name}" name="the run as a whole"${totals.errors === 0 ? "/>" : `><error type="${summary.status}" message="${attribute(verdict.text)}">${text(verdict.detail)}</error></testcase>`}\n`;
  for await (const item of document.items()) yield caseOf(item, document);
  yield "  </testsuite>\n</testsuites>\n";
}

function totalsOf({ summary }: RunDocument): Record<"tests" | "failures" | "errors" | "skipped", number> {
  const { counts, open, status } = summary;
  const errors = status === "open" || status === "damaged" ? 1 : 0;
  if (counts === undefined || status === "damaged") return { tests: 1, failures: 0, errors, skipped: 0 };
  const all = Object.entries(counts).filter(([state]) => state !== "filtered-out");
  const sum = (of: readonly (readonly [string, number])[]): number =>
    of.reduce((total, [, number]) => total + number, 0);
  const failures = sum(all.filter(([state]) => !isGood(state) && state !== "not-started"));
  return { tests: sum(all) + open + 1, failures: failures + open, errors, skipped: counts["not-started"] };
}

const isGood = (state: string): boolean => (good as ReadonlySet<string>).has(state);

function caseOf(item: ItemStory, { summary, showing }: RunDocument): string {
  const label = item.title === item.id ? item.id : `${item.title} (${item.id})`;
  const head = `    <testcase classname="${attribute(summary.plan)}" name="${attribute(label)}"`;
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
    ["by", `${summary.by.name} on ${summary.by.host}`],
    ["tool", start?.tool ?? ""],
    ["anchor", summary.anchor],
  ];
  return all.map(([name, value]) => `      <property name="${name}" value="${attribute(value)}"/>\n`).join("");
}

function text(given: string): string {
  return given.split("\n").map(attribute).join("\n");
}

function attribute(given: string): string {
  // Two characters that XML can not have, even escaped.
  return cleanText(given).replace(/[&<>"\ufffe\uffff]/g, (found) => entities[found] ?? "");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
