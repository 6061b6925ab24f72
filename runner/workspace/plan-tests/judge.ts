import type { Request } from "../../core/model/change.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import type { Plan } from "../../core/model/plan.ts";
import { sameValue } from "../../core/model/values.ts";
import type { Decision } from "../../core/select/decide.ts";
import type { Path } from "../../language/source.ts";
import type { CallDocument, CaseDocument, ExpectDocument, IdsOrTexts } from "../../plan/cases.ts";
import { judgeCare, judgeWarnings } from "./care.ts";
import { differences, shown, shownBeside, asTestsWrite } from "./differences.ts";
import { squeezed, type Finding } from "./finding.ts";
import { crowdIds, typedValue } from "./given.ts";
import type { Played } from "./play.ts";

/** Where an expectation says that an item ends up. */
export interface Mention {
  readonly id: string;
  readonly as: Decision["as"];
  readonly path: Path;
  /** What is expected beyond that: fields that are set, or a part of a text. */
  readonly more?: Fields | string;
}

/** Every item that the expectations of a case name, in their order. */
export function mentions(expect: ExpectDocument, path: Path): readonly Mention[] {
  return [
    ...named(expect.selected, "selected", [...path, "selected"]),
    ...named(expect.already, "already", [...path, "already"]),
    ...named(expect.filtered, "filtered-out", [...path, "filtered"]),
    ...named(expect.refused, "refused", [...path, "refused"]),
  ];
}

function named(
  said: IdsOrTexts | ExpectDocument["selected"] | undefined,
  as: Decision["as"],
  path: Path,
): readonly Mention[] {
  if (said === undefined) return [];
  if (Array.isArray(said)) return said.map((id, place) => ({ id: String(id), as, path: [...path, place] }));
  return Object.entries(said).map(([id, more]) => ({ id, as, path: [...path, id], more: more as Fields | string }));
}

/** Everything that is not as the case expects it. */
export function judge(
  plan: Plan,
  played: Played,
  { one: { expect, crowd, after }, path }: { readonly one: CaseDocument; readonly path: Path },
): readonly Finding[] {
  const { decisions, guards, asks, asksAfter, states } = played;
  const at = [...path, "expect"];
  const items = [
    ...mentions(expect, at).flatMap((mention) => judgeItem(plan, mention, decisions.get(mention.id))),
    ...(crowd === undefined ? [] : judgeCrowd(plan, crowd, { decisions, path: [...path, "crowd"] })),
  ];
  const but = crowdIds(crowd?.count ?? 0);
  return [
    ...items,
    ...judgeRequests(expect, played, at),
    ...judgeCalls("ask", expect.asks, { found: asks, path: [...at, "asks"] }),
    ...judgeGuards(expect.guards, guards, [...at, "guards"]),
    ...judgeBounds(expect.allowed ?? {}, guards, [...at, "allowed"]),
    ...judgeWarnings(expect.warned, played.warnings, { path: [...at, "warned"], but }),
    ...judgeCare(plan, expect, at),
    ...judgeCalls("ask after", after?.asks, { found: asksAfter, path: [...path, "after", "asks"] }),
    // Where other items changed, their states say nothing new.
    ...(items.length > 0 ? [] : judgeStates(after?.expect ?? {}, states, { path: [...path, "after", "expect"], but })),
  ];
}

/** Items that are alike come out alike: the first that does not stands for all. */
function judgeCrowd(
  plan: Plan,
  { count, are }: NonNullable<CaseDocument["crowd"]>,
  { decisions, path }: { readonly decisions: Played["decisions"]; readonly path: Path },
): readonly Finding[] {
  const as = are === "filtered" ? "filtered-out" : are;
  const wrong = crowdIds(count).filter((id) => decisions.get(id)?.as !== as);
  const [first] = wrong;
  if (first === undefined) return [];
  const found = outcome(plan, decisions.get(first));
  return [{ path: [...path, "are"], about: `${wrong.length} of the crowd of ${count}`, expected: are, found }];
}

function judgeItem(plan: Plan, { id, as, path, more }: Mention, decision: Decision | undefined): readonly Finding[] {
  const about = `item ${id}`;
  const expected = { selected: "selected", already: "already", "filtered-out": "filtered out", refused: "refused" }[as];
  if (decision?.as !== as) return [{ path, about, expected, found: outcome(plan, decision) }];
  if (decision.as === "selected" && typeof more === "object") return judgeFields(plan, { id, path, more }, decision);
  if (typeof more !== "string") return [];
  const text =
    decision.as === "filtered-out" ? clauseOf(plan, decision) : decision.as === "refused" ? decision.why : "";
  if (squeezed(text).includes(squeezed(more))) return [];
  return [{ path, about, expected: `${expected}: … ${more} …`, found: outcome(plan, decision) }];
}

function judgeFields(
  { enumerate }: Plan,
  { id, path, more }: { readonly id: string; readonly path: Path; readonly more: Fields },
  { before, after }: Extract<Decision, { readonly as: "selected" }>,
): readonly Finding[] {
  const names = [...new Set([...Object.keys(more), ...Object.keys(after)])];
  return names.flatMap((name): readonly Finding[] => {
    const about = `item ${id}, ${name}`;
    const isSet = Object.hasOwn(after, name);
    const becomes = after[name] ?? null;
    const change = `${shown(before[name] ?? null)} -> ${shown(becomes)}`;
    if (!Object.hasOwn(more, name)) return [{ path, about, expected: "not set", found: change }];
    const here = [...path, name];
    const wanted = more[name] ?? null;
    if (!isSet) return [{ path: here, about, expected: shown(wanted), found: "not set" }];
    const field = enumerate.fields.find((one) => one.name === name);
    const same = (written: Value, value: Value): boolean => {
      const typed = field && typedValue(field, written);
      return field !== undefined && typed !== undefined && "value" in typed && sameValue(field, typed.value, value);
    };
    const sides = typeof wanted === "string" ? wanted.split(" -> ") : [];
    const [old = "", wantedNew = ""] = sides;
    const holds =
      sides.length === 2
        ? same(asWritten(old), before[name] ?? null) && same(asWritten(wantedNew), becomes)
        : same(wanted, becomes);
    if (holds) return [];
    const found = `${shown(before[name] ?? null)} -> ${shownBeside(becomes, wanted)}`;
    return [{ path: here, about, expected: shownBeside(wanted, becomes), found }];
  });
}

/** One side of `old -> new`: a number, true, null … as YAML reads them, else the text. */
function asWritten(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

function outcome(plan: Plan, decision: Decision | undefined): string {
  switch (decision?.as) {
    case undefined:
      return "not in the list";
    case "selected": {
      const { before, after } = decision;
      const changes = Object.keys(after).map(
        (name) => `${name} ${shown(before[name] ?? null)} -> ${shown(after[name] ?? null)}`,
      );
      return ["selected", ...changes].join(", ").replace(", ", ": ");
    }
    case "already":
      return "already";
    case "refused":
      return `refused: ${decision.why}`;
    case "filtered-out":
      return `filtered out: ${squeezed(clauseOf(plan, decision))} (line ${plan.filter[decision.clause ?? -1]?.line ?? 0} of the plan)`;
  }
}

function clauseOf({ filter }: Plan, { clause = -1 }: { readonly clause?: number }): string {
  return filter[clause]?.text ?? "";
}

function judgeRequests({ requests, undo }: ExpectDocument, played: Played, path: Path): readonly Finding[] {
  return [
    ...counted("request", requests, { found: played.requests, path: [...path, "requests"] }),
    ...(undo === undefined ? [] : counted("undo", undo, { found: played.undoing(), path: [...path, "undo"] })),
  ];
}

/** How many there are, or each of them. */
function counted(
  what: string,
  expected: readonly CallDocument[] | number | undefined,
  { found, path }: { readonly found: readonly Request[]; readonly path: Path },
): readonly Finding[] {
  if (typeof expected !== "number") return judgeCalls(what, expected, { found, path });
  if (expected === found.length) return [];
  return [{ path, about: `${what}s`, expected: String(expected), found: String(found.length) }];
}

function judgeCalls(
  what: string,
  expected: readonly CallDocument[] | undefined,
  { found, path }: { readonly found: readonly Request[]; readonly path: Path },
): readonly Finding[] {
  if (expected === undefined) return [];
  const count = Math.max(expected.length, found.length);
  return Array.from({ length: count }, (_, place) => place).flatMap((place): readonly Finding[] => {
    const wanted = expected[place];
    const came = found[place];
    const about = `${what} ${place + 1}`;
    const here = [...path, place];
    if (came === undefined) return [{ path: here, about, expected: callText(wanted), found: "none" }];
    if (wanted === undefined) return [{ path, about, expected: "none", found: callText(came) }];
    if (wanted.method !== came.method)
      return [{ path: [...here, "method"], about, expected: callText(wanted), found: callText(came) }];
    const params = asTestsWrite(came.params);
    const wantedRoute = wanted.route === undefined ? undefined : String(wanted.route.device);
    const cameRoute = came.route?.device ?? "the service as a whole";
    const routes =
      wantedRoute === undefined || wantedRoute === cameRoute
        ? []
        : [{ path: [...here, "route"], about: `${about} route.device`, expected: wantedRoute, found: cameRoute }];
    const others = differences(wanted.params ?? {}, params).map((difference) => ({
      path: [...here, "params", ...difference.path],
      about: [about, ...difference.path].join(", ").replace(", ", " ").replaceAll(", ", "."),
      expected: difference.expected,
      found: difference.found,
    }));
    return [...routes, ...others];
  });
}

function callText(call: { readonly method: string; readonly params?: Value } | undefined): string {
  return call === undefined ? "none" : `${call.method} ${shown(asTestsWrite(call.params ?? {}))}`;
}

function judgeGuards(
  expected: ExpectDocument["guards"] = "ok",
  guards: Played["guards"],
  path: Path,
): readonly Finding[] {
  const refusing = guards.filter(({ ok }) => !ok);
  const wanted = typeof expected === "string" ? {} : expected;
  const missing = Object.entries(wanted).flatMap(([guard, part]): readonly Finding[] => {
    const about = `guard ${guard}`;
    const texts = refusing.filter((one) => one.guard === guard).map(({ message }) => message);
    if (texts.some((text) => squeezed(text).includes(squeezed(part)))) return [];
    const held = guards.some((one) => one.guard === guard) ? "it does not refuse" : "the plan has no such guard";
    return [
      {
        path: [...path, guard],
        about,
        expected: `it refuses: … ${part} …`,
        found: texts.length > 0 ? texts.join("; ") : held,
      },
    ];
  });
  const unexpected = refusing
    .filter(({ guard }) => !Object.hasOwn(wanted, guard))
    .map(({ guard, message }) => ({ path, about: `guard ${guard}`, expected: "it does not refuse", found: message }));
  return [...missing, ...unexpected];
}

function judgeBounds(
  allowed: Readonly<Record<string, string>>,
  guards: Played["guards"],
  path: Path,
): readonly Finding[] {
  return Object.entries(allowed).flatMap(([guard, expected]): readonly Finding[] => {
    const texts = guards.filter((one) => one.guard === guard).map((one) => one.allowed);
    if (texts.includes(expected)) return [];
    const found = texts.length > 0 ? texts.join("; ") : "the plan has no such guard";
    return [{ path: [...path, guard], about: `guard ${guard}`, expected, found }];
  });
}

function judgeStates(
  wanted: Readonly<Record<string, string>>,
  states: Played["states"],
  { path, but }: { readonly path: Path; readonly but: readonly string[] },
): readonly Finding[] {
  const others = new Set(but);
  const wrong = Object.entries(wanted)
    .filter(([id, state]) => states.get(id) !== state)
    .map(([id, expected]) => ({
      ...{ path: [...path, id], about: `item ${id} after`, expected },
      found: states.get(id) ?? "not selected",
    }));
  const untold = [...states]
    .filter(([id]) => !Object.hasOwn(wanted, id) && !others.has(id))
    .map(([id, found]) => ({
      ...{ path, about: `no state is expected of item ${id}`, expected: "its state, under after.expect" },
      found,
    }));
  return [...wrong, ...untold];
}
