import { didYouMean } from "../../language/suggest.ts";
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
      yield {
        path,
        at: "key",
        code: "set-not-sent",
        message: `change.params does not use set.${name}, so nothing would change it`,
        hint: `Write \${{ set.${name} }} where the value goes; or say under undo how it is taken back, if the call itself is the value.`,
      };
    }
  }
};
