import type { Value } from "../../core/model/item.ts";
import type { Finding, Path } from "../../language/source.ts";
import { didYouMean } from "../../language/suggest.ts";
import type { PlanDocument } from "../document.ts";
import type { Rule } from "./rule.ts";

/** What is set is a declared field that can change, and the request says so. */
export const set: Rule = function* ({ document, list, fields, call }) {
  if (list === undefined) return;
  const { uses } = call.params;
  const keySource = list.field(list.key)?.source;
  for (const name of Object.keys(document.change.set ?? {})) {
    const path = ["change", "set", name];
    const field = fields.find((one) => one.name === name);
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
    } else if (!uses.has(`set.${name}`) && !uses.has("set") && document.undo === undefined) {
      yield notSent(name, document.change);
    }
  }
};

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
    hint: `Write \${{ set.${name} }} where the value goes; or say under undo how it is taken back, if the call itself is the value.`,
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
