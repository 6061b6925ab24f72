import { PlanError, RunnerError } from "../../core/model/errors.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import { type Plan } from "../../core/model/plan.ts";
import { ExpressionError } from "../../core/model/frozen.ts";
import type { Problem } from "../../core/model/problem.ts";
import type { TestedCase, TestedFile } from "../../core/model/tested.ts";
import type { Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { parseDuration } from "../../language/units.ts";
import { readTestFile, type AfterDocument, type CaseDocument, type TestFile } from "../../plan/cases.ts";
import { loadPlan } from "../../plan/load.ts";
import { serviceNamed } from "../connect.ts";
import type { Inside } from "../inside.ts";
import { loadOptions } from "../plan.ts";
import {
  crowdFor,
  fieldFor,
  givenTo,
  itemsFor,
  mergedReads,
  type Given,
  type GivenList,
  type Report,
} from "./given.ts";
import type { Finding } from "./finding.ts";
import { judge, mentions } from "./judge.ts";
import { play, type Played, type Sequel } from "./play.ts";
import { checkNames, checkUnused } from "./unused.ts";

/** Try every case of a test file. What is wrong with the file, or with its plan, is told in `problems`. */
export async function runTestFile(
  inside: Inside,
  { file, cwd }: { readonly file: string; readonly cwd: string },
): Promise<TestedFile> {
  const problems: Problem[] = [];
  const cases: TestedCase[] = [];
  try {
    const test = await readTestFile(file, cwd);
    for (const place of test.document.cases.keys()) cases.push(await runCase(inside, test, { place, problems }));
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    problems.push(...error.problems);
  }
  return { file, problems: distinct(problems), cases };
}

/** What the file as a whole has wrong, every case finds again. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(
    ({ file, line, column, message }) => seen.size < seen.add(`${file}:${line}:${column} ${message}`).size,
  );
}

interface Turn {
  readonly place: number;
  readonly problems: Problem[];
}

async function runCase(inside: Inside, test: TestFile, { place, problems }: Turn): Promise<TestedCase> {
  const { source, document } = test;
  const one = document.cases[place];
  if (one === undefined) throw new Error(`there is no case ${place}`);
  const path = ["cases", place];
  const before = problems.length;
  const report: Report = (finding) => void problems.push(source.problem(finding));
  const found = await findingsOf(inside, test, { one, path, given: givenTo(document, place, report), report });
  if (found instanceof PlanError) problems.push(...found.problems);
  const isBroken = problems.length > before || found instanceof PlanError;
  return {
    name: one.name,
    line: source.lineOf([...path, "name"]),
    outcome: isBroken ? "broken" : found.length > 0 ? "failed" : "passed",
    mismatches: isBroken
      ? []
      : capped(found).map(({ path: at, about, expected, found: came }) => {
          const { line, column } = source.problem({ path: at, code: "", message: "" });
          return { file: source.file, line, column, about, expected, found: came };
        }),
  };
}

const mostMismatches = 50;

function capped(found: readonly Finding[]): readonly Finding[] {
  const [first] = found;
  const more = found.length - mostMismatches;
  if (first === undefined || more <= 0) return found;
  const rest = {
    path: first.path,
    about: "the rest",
    expected: "as the case says",
    found: `${more} more that are not`,
  };
  return [...found.slice(0, mostMismatches), rest];
}

interface Case {
  readonly one: CaseDocument;
  readonly path: Path;
  readonly given: Given;
  readonly report: Report;
}

/** @returns What is not as expected; an error: the plan itself is wrong. */
async function findingsOf(inside: Inside, test: TestFile, around: Case): Promise<readonly Finding[] | PlanError> {
  const { one, path, report } = around;
  checkExpectations(one, path, report);
  const wanted = one.expect.error;
  const at = [...path, "expect", ...(wanted === undefined ? [] : ["error"])];
  const stopped = (found: string): readonly Finding[] => {
    const isWanted = wanted !== undefined && found.includes(wanted);
    const expected = wanted === undefined ? "the plan decides" : `it stops: … ${wanted} …`;
    return isWanted ? [] : [{ path: at, about: "the plan", expected, found }];
  };
  try {
    const { plan, played } = await playCase(inside, test, around);
    if (wanted !== undefined) return stopped("it decides");
    const found = judge(plan, played, { one, path });
    // A plan that does something else may for that reason not ask for what is given.
    if (found.length === 0 && played.lacks.length === 0) checkUnused(plan, { one, played }, { path, report });
    return found;
  } catch (error) {
    if (error instanceof PlanError && wanted === undefined) return error;
    if (error instanceof RunnerError || error instanceof ExpressionError) return stopped(error.message);
    throw error;
  }
}

async function playCase(
  inside: Inside,
  { plan: file, document }: TestFile,
  { one, path, given, report }: Case,
): Promise<{ readonly plan: Plan; readonly played: Played }> {
  const rows = rowLists(given.lookups);
  const options = { ...loadOptions(inside, { inputs: given.inputs }), env: {}, rows, isTest: true };
  const { plan } = await loadPlan({ ...options, file });
  const service = serviceNamed(inside.services, plan.service, "rollcall.config.yaml");
  checkNames(plan, { document, one }, { path, report });
  const lists = itemsFor(plan, given.lists, report);
  checkMentions(one, lists, { path, report });
  const all = [...lists, ...crowdFor(plan, given.crowd, report)];
  const after = one.after && sequelOf(plan, one.after, { given, lists: all, path: [...path, "after"], report });
  const played = await play({ plan, service, given, before: { lists: all, reads: given.reads }, after });
  for (const message of played.lacks) report({ path: [...path, "name"], code: "not-given", message });
  return { plan, played };
}

/** Those of the lookups that may stand in place of a file. */
function rowLists(lookups: Fields): Readonly<Record<string, readonly Fields[]>> {
  return Object.fromEntries(
    Object.entries(lookups).flatMap(([name, rows]) => (isRows(rows) ? [[name, rows] as const] : [])),
  );
}

function isRows(rows: Value): rows is readonly Fields[] {
  return Array.isArray(rows) && rows.every((row) => row !== null && typeof row === "object" && !Array.isArray(row));
}

function checkExpectations({ expect }: CaseDocument, path: Path, report: Report): void {
  const at = [...path, "expect"];
  const { error, guards, ...others } = expect;
  if (error !== undefined && (guards !== undefined || Object.keys(others).length > 0)) {
    const message = "a plan that stops with an error decides nothing: error stands alone";
    report({ path: [...at, "error"], at: "key", code: "bad-value", message });
  }
  if (typeof guards === "string" && guards !== "ok") {
    const message = `guards is ok, or a map of those that refuse; found ${guards}`;
    report({ path: [...at, "guards"], code: "bad-value", message, hint: `Write guards: { ${guards}: at most 500 }.` });
  }
}

/** Every item stands in one expectation, and no other id does: what nobody looks at may come out anyhow. */
function checkMentions(
  { expect, after }: CaseDocument,
  lists: readonly GivenList[],
  { path, report }: Pick<Case, "path" | "report">,
): void {
  if (expect.error !== undefined) return;
  const items = new Map(lists.flatMap(({ items: inside }) => inside.map(({ id, path: at }) => [id, at] as const)));
  const known = (id: string, at: Path): void => {
    if (items.has(id)) return;
    const hint = didYouMean(id, items.keys());
    report({ path: at, at: "key", code: "unknown-item", message: `the case has no item ${id}`, hint });
  };
  const met = new Set<string>();
  const mentioned = mentions(expect, [...path, "expect"]);
  for (const { id, path: at } of mentioned) {
    known(id, at);
    if (met.size === met.add(id).size)
      report({ path: at, at: "key", code: "twice", message: `item ${id} is expected in two places` });
  }
  for (const id of items.keys()) {
    if (met.has(id)) continue;
    const hint = "Name it under selected, already, filtered or refused.";
    const message = `nothing is expected of item ${id}`;
    report({ path: [...path, "expect"], at: "key", code: "unexpected-item", message, hint });
  }
  const { answers = {}, items: changed = {}, expect: states = {} } = after ?? {};
  const selected = new Set(mentioned.filter(({ as }) => as === "selected").map(({ id }) => id));
  for (const id of Object.keys(answers).filter((one) => items.has(one) && !selected.has(one))) {
    const message = `item ${id} is not expected to be selected, so no answer comes for it`;
    report({ path: [...path, "after", "answers", id], at: "key", code: "unused", message, hint: "Leave it out." });
  }
  for (const [name, ids] of Object.entries({ answers, items: changed, expect: states }))
    for (const id of Object.keys(ids)) known(id, [...path, "after", name, id]);
}

interface Before {
  readonly given: Given;
  readonly lists: readonly GivenList[];
  readonly path: Path;
  readonly report: Report;
}

function sequelOf(plan: Plan, after: AfterDocument, { given, lists, path, report }: Before): Sequel {
  const { items = {}, wait = "0s", returns } = after;
  const waitMs = parseDuration(wait);
  if (waitMs === undefined)
    report({ path: [...path, "wait"], code: "bad-value", message: `wait is no duration: ${wait}`, hint: "Write 10m." });
  if (returns !== undefined && plan.change.chunk === undefined) {
    const message = "what a call returns matters only where it changes several items";
    report({ path: [...path, "returns"], at: "key", code: "bad-value", message, hint: "Write answers." });
  }
  const shownLater = lists.map(({ each, items: inside }) => ({
    each,
    items: inside.flatMap((item) => {
      const change = items[item.id];
      if (change === undefined) return [item];
      const at = [...path, "items", item.id];
      if (typeof change === "string") {
        if (change !== "gone")
          report({ path: at, code: "bad-value", message: `expected fields, or gone; found ${change}` });
        return [];
      }
      const fields = Object.entries(change).map(([name, value]) => {
        return [name, fieldFor(plan, name, { value, path: [...at, name], report })] as const;
      });
      return [{ ...item, fields: { ...item.fields, ...Object.fromEntries(fields) } }];
    }),
  }));
  return {
    answers: after.answers ?? {},
    returns,
    scene: { lists: shownLater, reads: mergedReads(given.reads, after.reads) },
    lookups: after.lookups ?? {},
    waitMs: waitMs ?? 0,
  };
}
