import { comprehensions, functions, methods } from "../../language/functions.ts";
import type { Fault } from "../../language/bounds.ts";
import type { Finding } from "../../language/source.ts";
import type { ConfigScope } from "./names.ts";

/**
 * What is wrong with an expression of the config, without a word of it but names: what stands there may be a credential
 * in the wrong place.
 */
export function discreet(fault: Fault, text: string, known: ConfigScope): Pick<Finding, "code" | "message" | "hint"> {
  const { code, missing } = fault;
  if (missing?.owner === "session" || missing?.owner === "secrets") return unknownMember(missing, fault.hint, known);
  const telling = tellingWords(text, known.words);
  const isDiscreet = (said: string): boolean => !(said.match(words) ?? []).some((word) => telling.has(word));
  const isSayable = !quoting.has(code) && isDiscreet(fault.message);
  const message = isSayable ? fault.message.replace(/: '.'$/u, "") : (general[code] ?? anyFault);
  const hint = fault.hint !== undefined && isDiscreet(fault.hint) ? fault.hint : undefined;
  return { code, message, hint };
}

function unknownMember(
  { owner, name }: NonNullable<Fault["missing"]>,
  near: string | undefined,
  { later }: ConfigScope,
): Pick<Finding, "code" | "message" | "hint"> {
  if (owner === "secrets") {
    const message = `there is no secret ${name}`;
    return { code: "unknown-secret", message, hint: near ?? "Declare it under secrets of this service." };
  }
  const place = later.get(name);
  if (place !== undefined) {
    const message = `session.${name} is not saved before this: ${place} saves it`;
    return { code: "saved-later", message, hint: "Only earlier steps and session.refresh save values for this one." };
  }
  const hint = near ?? "A step of session.login, or session.refresh, has to save it.";
  return { code: "unknown-session", message: `nothing saves session.${name}`, hint };
}

/** Codes whose messages always quote. */
const quoting: ReadonlySet<string> = new Set(["unknown-name", "unknown-field", "unknown-function"]);

/** By code, in place of a message that quotes what is written. */
const general: Readonly<Record<string, string>> = {
  "unknown-name": "the expression uses a name that is not known here",
  "unknown-field": "the expression uses a member that is not there",
  "unknown-function": "the expression calls a function that there is not",
  "bad-type": "the expression uses a value as what it is not",
  "bad-value": "the expression holds a value that can not be used so",
  "may-be-empty": "a part of the expression may be null",
};

const anyFault = "the expression can not be read";

const words = /[\p{L}\p{N}_]{2,}/gu;

/** The words of a text that are none of the language's and none of ours. */
function tellingWords(text: string, known: ReadonlySet<string>): ReadonlySet<string> {
  return new Set((text.match(words) ?? []).filter((word) => !known.has(word) && !language.has(word)));
}

const language: ReadonlySet<string> = new Set([
  ...Object.keys(functions),
  ...Object.keys(methods),
  ...comprehensions,
  ..."has in true false null".split(" "),
]);
