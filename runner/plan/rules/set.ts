import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import { Told } from "../../language/told.ts";
import type { PlanDocument } from "../document.ts";
import { params } from "./params.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { isObject } from "../../core/model/object.ts";

/** What is set is a declared field that can change, and the request says so. */
export const set: Rule = function* (context) {
  const { document, list, fields, call, isUnsure } = context;
  if (list === undefined) return;
  const { uses } = call.params;
  const keySource = list.field(list.key)?.source;
  for (const name of Object.keys(document.change.set ?? {})) {
    const path = ["change", "set", name];
    const field = fields.find((one) => one.name === name);
    if (field === undefined && isUnsure(name)) continue;
    if (field === undefined) {
      const hint =
        list.field(name) === undefined
          ? didYouMean(
              name,
              fields.map((one) => one.name),
            )
          : "Add it to enumerate.fields: the list has to show it before and after.";
      yield {
        path,
        at: "key",
        code: "unknown-field",
        message: `${name} is set but not among the fields`,
        hint: hint ?? "Add it to the fields of the list or, where that does not have it, to those of a read.",
      };
    } else if (field.source === keySource) {
      yield { path, at: "key", code: "key-in-set", message: `${name} is the key of the list and can not be set` };
    } else if (!uses.has(`set.${name}`) && !uses.has("set") && document.undo === undefined && !isMeant(context)) {
      yield notSent(name, document.change);
    }
  }
};

/** Whether params were to send what is set, and another problem says why they do not. */
function isMeant(context: RuleContext): boolean {
  const path = ["change", "params"];
  const { params: sent } = context.document.change;
  const errors = [...params(context)].filter(({ severity = "error" }) => severity === "error");
  const isOfAll = (error: Finding): boolean => error.path.join(".") === path.join(".");
  if (isObject(sent) && Object.keys(sent).length === 0) return context.isFaulty(path) || errors.some(isOfAll);
  const wrong = new Told();
  for (const error of errors) if (!isOfAll(error)) wrong.add(error.path);
  const isWrong = (place: Path): boolean => context.isFaulty(place) || wrong.covers(place);
  return textsIn(sent, path).some(({ text, path: place }) => /\bset\b/.test(text) && isWrong(place));
}

interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

function textsIn(value: Value, path: Path): readonly PlacedText[] {
  if (typeof value === "string") return [{ text: value, path }];
  if (Array.isArray(value))
    return (value as readonly Value[]).flatMap((element, place) => textsIn(element, [...path, place]));
  return isObject(value) ? Object.entries(value).flatMap(([name, member]) => textsIn(member, [...path, name])) : [];
}

/** Often the value is there, but as the input itself: then what is sent and what is checked could differ. */
function notSent(name: string, { set, params }: PlanDocument["change"]): Finding {
  const code = "set-not-sent";
  const instead = placeOf(set?.[name] ?? null, params);
  if (instead !== undefined) {
    const path = ["change", "params", ...instead];
    const message = `change.params sends the value of ${name} past set.${name}, so what is checked could differ from what is sent`;
    return { path, code, message, hint: `Write \${{ set.${name} }} here.` };
  }
  return {
    path: ["change", "set", name],
    at: "key",
    code,
    message: `change.params does not use set.${name}, so nothing would change it`,
    hint: `Write \${{ set.${name} }} where the value goes. Where the service stores another spelling, send it through an expression; or compute a field of row that undoes what the service does (value: …), and set that. Where the call itself is the value, say under undo how it is taken back.`,
  };
}

/** Where the same text stands below `within`. */
function placeOf(text: Value, within: Value): Path | undefined {
  if (typeof text !== "string") return undefined;
  if (typeof within === "string") return plain(within) === plain(text) ? [] : undefined;
  if (typeof within !== "object" || within === null) return undefined;
  const parts = Array.isArray(within) ? [...(within as readonly Value[]).entries()] : Object.entries(within);
  for (const [step, part] of parts as readonly (readonly [string | number, Value])[]) {
    const below = placeOf(text, part);
    if (below !== undefined) return [step, ...below];
  }
  return undefined;
}

function plain(text: string): string {
  return text.replace(/\s/g, "");
}
