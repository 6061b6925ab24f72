import type { Plan } from "../../core/model/plan.ts";
import type { Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { CaseDocument, GivenDocument, TestDocument } from "../../plan/cases.ts";
import type { Report } from "./given.ts";
import type { Played } from "./play.ts";
import { answerKey } from "./stage.ts";

interface Where {
  /** Of the case. */
  readonly path: Path;
  readonly report: Report;
}

/** Everything that a test gives by a name goes to something that the plan looks up or reads. */
export function checkNames(
  plan: Plan,
  { document, one }: { readonly document: TestDocument; readonly one: CaseDocument },
  { path, report }: Where,
): void {
  const lookups = plan.lookups.map(({ name }) => name);
  const methods = methodsOf(plan);
  const unknown = (
    name: string,
    known: readonly string[],
    told: { path: Path; code: string; message: string },
  ): void => {
    if (!known.includes(name)) report({ ...told, at: "key", hint: didYouMean(name, known) });
  };
  const places: readonly (readonly [Pick<GivenDocument, "lookups" | "reads">, Path])[] = [
    [document, []],
    [one, path],
    [one.after ?? {}, [...path, "after"]],
  ];
  for (const [given, at] of places) {
    for (const name of Object.keys(given.lookups ?? {})) {
      const message = `the plan looks up nothing called ${name}`;
      unknown(name, lookups, { path: [...at, "lookups", name], code: "unknown-lookup", message });
    }
    for (const name of Object.keys(given.reads ?? {})) {
      const message = `the plan reads no single item with ${name}`;
      unknown(name, methods, { path: [...at, "reads", name], code: "unknown-read", message });
    }
  }
}

/** What a case gives for itself is asked for; what a file gives to all its cases need not be in each. */
export function checkUnused(
  plan: Plan,
  { one, played }: { readonly one: CaseDocument; readonly played: Played },
  { path, report }: Where,
): void {
  const { reads, after } = one;
  const { answered, answeredAfter, requests } = played;
  const methods = methodsOf(plan);
  const unread = (given: GivenDocument["reads"] = {}, met: (key: string) => boolean, at: Path): void => {
    for (const [method, ids] of Object.entries(given).filter(([name]) => methods.includes(name)))
      for (const id of Object.keys(ids)) {
        if (met(answerKey(method, id))) continue;
        const message = `the plan does not read item ${id} with ${method} here`;
        report({ path: [...at, "reads", method, id], at: "key", code: "unused", message, hint: "Leave it out." });
      }
  };
  unread(reads, (key) => answered.has(key) || answeredAfter.has(key), path);
  unread(after?.reads, (key) => answeredAfter.has(key), [...path, "after"]);
  for (const place of (after?.returns ?? []).keys()) {
    if (place < requests.length) continue;
    const message = `the plan makes ${requests.length === 1 ? "1 call" : `${requests.length} calls`}, so nothing returns this`;
    report({ path: [...path, "after", "returns", place], code: "unused", message, hint: "Leave it out." });
  }
}

function methodsOf({ reads = [] }: Plan): readonly string[] {
  return reads.map(({ method }) => method);
}
