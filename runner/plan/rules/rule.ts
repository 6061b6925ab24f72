import type { Catalogue, Confidence, FieldFacts, ListFacts } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import type { Template } from "../../language/template.ts";
import type { PlanDocument } from "../document.ts";
import type { CompiledCall } from "../calls.ts";
import type { Compiler } from "../compiler.ts";
import type { CompiledList } from "../parts.ts";

/** What rules look at. */
export interface RuleContext {
  readonly document: PlanDocument;
  readonly catalogue: Catalogue;
  /** What compiling has shown of the templates. */
  readonly compiler: Pick<Compiler, "typeAt" | "isBroken">;
  /** Undefined: the call is not a list that is known; that is reported by one rule alone. */
  readonly list: ListFacts | undefined;
  /** The plan itself says what the list is made of: the service knows nothing of it. */
  readonly isDescribed: boolean;
  /** What the list is asked for with, compiled. */
  readonly asked: CompiledList;
  /** The declared fields that are known. */
  readonly fields: readonly FieldFacts[];
  /** Whether a name that is not among them may be one all the same: it was told of, or hangs on an input without a value. */
  readonly isUnsure: (name: string) => boolean;
  /** Whether what stands at a path has been told of: its shape is wrong, or its expression. */
  readonly isFaulty: (path: Path) => boolean;
  /** `enumerate.params` with the inputs in place, where that could be rendered; else as written. */
  readonly listParams: Value;
  /** `verify.params`, likewise. Undefined: there are none. */
  readonly verifyParams: Value | undefined;
  /** The names that they use. */
  readonly verifyUses: ReadonlySet<string>;
  readonly call: CompiledCall;
  /** `change.set`, compiled. */
  readonly set: Readonly<Record<string, Template>>;
  /** The call that takes the change back, where the plan writes one. */
  readonly undoCall: CompiledCall | undefined;
}

/** How sure a fact below "documented" is, for people. */
export const sureness: Readonly<Record<Confidence, string>> = {
  documented: "the vendor says so",
  code: "it is known from public code alone",
  inferred: "it was concluded, and nobody is known to use it",
};

/** A hint that names the command which lists what there is. @param what `methods ModifyUser` */
export function listed({ hasReference = false }: Catalogue, what: string): string | undefined {
  return hasReference ? `\`rollcall catalog ${what}\` lists them.` : undefined;
}

/** One thing that can be wrong with a plan. Every rule runs, so that all problems are shown at once. */
export type Rule = (context: RuleContext) => Iterable<Finding>;

/** The member at a dotted path, and whether it is written at all. */
export function written(value: Value, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((node, name) => {
    if (typeof node !== "object" || node === null || Array.isArray(node)) return undefined;
    const members = node as Readonly<Record<string, Value>>;
    return Object.hasOwn(members, name) ? members[name] : undefined;
  }, value);
}
