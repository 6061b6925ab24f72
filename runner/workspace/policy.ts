import { basename } from "node:path";
import { loadPolicy, timeIn, type PolicyFile, type PolicyNames, type PolicyRule } from "../config/policy.ts";
import type { Catalogue } from "../core/model/catalogue.ts";
import type { GuardResult } from "../core/model/preview.ts";
import { type Plan } from "../core/model/plan.ts";
import { ExpressionError } from "../core/model/frozen.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Service } from "../core/model/service.ts";
import { breach } from "../core/select/guards.ts";
import { LargestGroups } from "../core/select/largest.ts";
import { guardOf, type Changes, type Policy } from "../core/select/policy.ts";
import type { FileChangeSet } from "../runs/change-set.ts";
import { currentPerson } from "../runs/person.ts";
import { catalogueOf, factsOf, serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";

/**
 * The policy of this workspace over one plan. Undefined: the config names none. @throws {PlanError} `config`
 * @throws {GuardError} `guard`: of its calls one is forbidden, and the list, or a lookup, might be that.
 */
export async function policyFor(inside: Inside, plan: Plan, service: Service): Promise<Policy | undefined> {
  if (inside.policy === undefined) return undefined;
  const policy = await loadPolicy(inside.policy);
  const catalogue = await catalogueOf(service, inside.providers);
  const names = { ...staticNames(plan, service), ...momentOf(inside, policy) };
  // What hangs on the list is not known yet: a rule that denies whatever the list will be is broken all the same.
  const broken = policy.rules
    .filter((rule) => rule.isOfCalls && !(rule.isOfList && verdictOf(rule, names).is === "not evaluated"))
    .map((rule) => resultOf(rule, names, policy.file))
    .filter(({ ok }) => !ok);
  if (broken.length > 0) throw breach(broken);
  return new Judge(inside, policy, { plan, service, catalogue });
}

/**
 * What the policy forbids of a plan whatever it would change, at its place in the policy.
 * @param isLacking Some input has no value yet: what hangs on that is not said.
 */
export async function forbidden(inside: Inside, plan: Plan, isLacking: boolean): Promise<readonly Problem[]> {
  if (inside.policy === undefined) return [];
  const { file, rules } = await loadPolicy(inside.policy);
  const names = staticNames(plan, serviceNamed(inside.services, plan.service, plan.file));
  return rules
    .filter(({ isStatic }) => isStatic)
    .flatMap((rule) => {
      const { name, message, line, column } = rule;
      const verdict = verdictOf(rule, names);
      if (verdict.is === "holds" || (verdict.is === "not evaluated" && isLacking)) return [];
      const why = verdict.is === "denied" ? "" : unevaluated(verdict);
      const told = `${guardOf(name)} forbids ${plan.file}: ${message}${why}`;
      const hint = "No plan can change that: do what it asks, or ask those who keep the policy.";
      return [{ file, line, column, severity: "warning" as const, code: "policy", message: told, hint, private: true }];
    });
}

interface About {
  readonly plan: Plan;
  readonly service: Service;
  readonly catalogue: Catalogue;
}

class Judge implements Policy {
  readonly groupedBy: Policy["groupedBy"];
  readonly #inside: Inside;
  readonly #policy: PolicyFile;
  readonly #static: Pick<PolicyNames, "plan" | "inputs">;
  #last: Changes | undefined;

  constructor(inside: Inside, policy: PolicyFile, { plan, service, catalogue }: About) {
    this.#inside = inside;
    this.#policy = policy;
    this.#static = staticNames(plan, service);
    const asked = new Set(policy.rules.flatMap((rule) => rule.groupedBy));
    const known = [...asked].map((name) => [name, fieldOf(name, plan, catalogue)] as const);
    this.groupedBy = Object.fromEntries(known.filter((one): one is readonly [string, string] => one[1] !== undefined));
  }

  judge(changes: Changes): readonly GuardResult[] {
    this.#last = changes;
    return this.again();
  }

  /** By the clock of now: a saved change set has its own `now`, and it is not that time any more. */
  again(): readonly GuardResult[] {
    if (this.#last === undefined) return [];
    const { counts, largest } = this.#last;
    const { rows, already, selected } = counts;
    const names = {
      ...this.#static,
      changes: { rows, matched: already + selected, selected, percent: rows === 0 ? 0 : (selected * 100) / rows },
      largest,
      ...momentOf(this.#inside, this.#policy),
    };
    return this.#policy.rules.map((rule) => resultOf(rule, names, this.#policy.file));
  }
}

/** When, and by whom. */
function momentOf({ clock, env }: Inside, { zone }: PolicyFile): Pick<PolicyNames, "now" | "user" | "ci"> {
  const { name: user, ci } = currentPerson(env);
  return { now: timeIn(zone, clock.now()), user, ci: ci !== undefined };
}

/**
 * The field of a plan that a rule means: the service's own of that name, whatever the plan calls it, and never one that the
 * plan computes. Undefined: the plan does not have it.
 */
function fieldOf(name: string, { enumerate }: Plan, catalogue: Catalogue): string | undefined {
  const source = catalogue.list(enumerate.method)?.field(name)?.source ?? name;
  return enumerate.fields.find((field) => field.source === source && !field.secret)?.name;
}

function staticNames(plan: Plan, service: Service): Pick<PolicyNames, "plan" | "inputs"> {
  const { change, enumerate, inputs } = plan;
  return {
    inputs,
    plan: {
      name: plan.name,
      service: service.name,
      endpoint: service.url,
      list: enumerate.method,
      method: change.method,
      calls: callsIn(plan),
      declared: change.undeclared !== true,
      destructive: change.destructive,
      repeatable: change.repeat === "set",
      verified: change.expect.kind !== "accepted",
      sets: change.sets,
      concurrency: factsOf(plan, service).concurrency,
      chunk: change.chunk?.size ?? 1,
    },
  };
}

/** What is sent in the plan's name, whatever it is there for: a call that is said to read may do anything. */
function callsIn({ enumerate, lookups, reads = [], gate, change, undo, verify }: Plan): readonly string[] {
  const lookedUp = lookups.map(({ source }) => ("listing" in source ? source.listing.method : undefined));
  const read = reads.map(({ method }) => method);
  const others = [verify.list?.method, gate?.method, change.method, undo?.call?.method];
  const all = [enumerate.method, ...lookedUp, ...read, ...others];
  return [...new Set(all.filter((one) => one !== undefined))];
}

interface Unevaluated {
  readonly is: "not evaluated";
  readonly why: string;
}

type Verdict = { readonly is: "holds" } | { readonly is: "denied" } | Unevaluated;

function unevaluated({ why }: Unevaluated): string {
  return ` The rule can not be evaluated, so it denies: ${why}.`;
}

function verdictOf(rule: PolicyRule, names: PolicyNames): Verdict {
  try {
    return { is: rule.denies(names) ? "denied" : "holds" };
  } catch (error) {
    if (error instanceof ExpressionError) return { is: "not evaluated", why: error.message };
    throw error;
  }
}

/** A rule that can not be evaluated denies. */
function resultOf(rule: PolicyRule, names: PolicyNames, file: string): GuardResult {
  const verdict = verdictOf(rule, names);
  const why = verdict.is === "not evaluated" ? unevaluated(verdict) : "";
  return {
    guard: guardOf(rule.name),
    allowed: rule.message,
    found: verdict.is,
    ok: verdict.is === "holds",
    message: `${rule.message}${why} (${basename(file)}:${rule.line})`,
  };
}

/** The policy over changes that were decided before. */
export async function judgeSaved(
  policy: Policy | undefined,
  changes: FileChangeSet,
  counts: Changes["counts"],
): Promise<readonly GuardResult[]> {
  if (policy === undefined) return [];
  const largest = new LargestGroups(policy.groupedBy);
  for await (const { item } of changes) largest.count(item);
  return policy.judge({ counts, largest: largest.told() });
}
