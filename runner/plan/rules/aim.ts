import type { Finding } from "../../language/source.ts";
import type { Template } from "../../language/template.ts";
import type { CompiledCall } from "../calls.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** A call says which item it is about: else it would be the same for all of them, and change one thing over and over. One item may have it. */
export const aim: Rule = function* (context) {
  yield* findings(context.call, context);
  if (context.undoCall !== undefined) yield* findings(context.undoCall, context);
};

function* findings(written: CompiledCall, context: RuleContext): Generator<Finding> {
  const { path, document, params, route } = written;
  const { call, chunk } = document;
  const method = context.catalogue.method(call);
  // A call that goes to where the item lives is about it.
  if (method?.isRouted === true && (route === undefined || isAimed(route, context))) return;
  if (isAimed(params, context) || isTold(written, context) || context.document.guards?.max === 1) return;
  const name = chunk === undefined ? "item" : "items";
  yield {
    path: [...path, "params"],
    at: "key",
    code: `${name}-not-used`,
    message: `the params of ${call} do not use ${name}, so every call would be about the same`,
    hint:
      chunk === undefined
        ? `Write \${{ item.${keyOf(context)} }} where the item goes; a call that is made once has guards.max: 1.`
        : "Write ${{ items.map(i, i.…) }} where the items go.",
  };
}

/** Where a part of it can not be read, or a parameter is missing, that may well be what says which item. */
function isTold(
  { path, document: { call, params } }: CompiledCall,
  { catalogue, compiler, isFaulty }: RuleContext,
): boolean {
  if (isFaulty([...path, "call"]) || /\bitems?\./.test(JSON.stringify(params))) return true;
  const isGiven = (name: string, place: number): boolean => {
    if (Array.isArray(params)) return place < params.length;
    return typeof params === "object" && params !== null && Object.hasOwn(params, name);
  };
  const known = catalogue.method(call)?.params ?? [];
  if (known.some(({ name, required }, place) => required === "documented" && !isGiven(name, place))) return true;
  return compiler.isBroken([...path, "params"]) || compiler.isBroken(["change", "set"]);
}

function keyOf({ list, fields }: RuleContext): string {
  const source = list?.field(list.key)?.source;
  return fields.find((field) => field.source !== "" && field.source === source)?.name ?? list?.key ?? "id";
}

/** Whether it differs from item to item: by itself, or by what is set. */
function isAimed({ uses }: Template, { set }: RuleContext): boolean {
  const own = /^(item|items|each)(\.|$)/;
  return [...uses].some((name) => {
    if (own.test(name)) return true;
    const [root, member] = name.split(".");
    if (root !== "set") return false;
    return Object.entries(set).some(
      ([field, template]) =>
        (member === undefined || member === field) && [...template.uses].some((one) => own.test(one)),
    );
  });
}
