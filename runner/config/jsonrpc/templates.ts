import { isExactInt } from "../../core/model/exact.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import { ExpressionError } from "../../core/model/frozen.ts";
import type { ConfigNames, ConfigTemplate } from "../../core/model/protocol.ts";
import { omit } from "../../language/cel.ts";
import type { Template } from "../../language/template.ts";

// Nothing of what an error of an expression says is handed on: it quotes values, and these are credentials.

/** A template of the config that gives any value. */
export function valueTemplate(template: Template): ConfigTemplate {
  const needed = [...template.uses].flatMap((use) =>
    use.startsWith("session.") ? [use.slice("session.".length)] : [],
  );
  return (names) => {
    if (!needed.every((name) => isSaved(names.session, name))) return undefined;
    return rendered(template, names);
  };
}

/** One that gives a text. @param faultOf What is wrong with a text, said of `it`; undefined: nothing. */
export function textTemplate(template: Template, faultOf: (text: string) => string | undefined): ConfigTemplate {
  const render = valueTemplate(template);
  return (names) => {
    const value = render(names);
    if (value === undefined) return undefined;
    const text = textOf(value);
    const fault = faultOf(text);
    if (fault !== undefined) throw new ExpressionError(`it ${fault}`, "Look at the secrets that it uses.");
    return text;
  };
}

/** What was saved as null is not there. */
function isSaved(session: Fields, name: string): boolean {
  return Object.hasOwn(session, name) && session[name] !== null;
}

function rendered(template: Template, { secrets, session }: ConfigNames): Value {
  try {
    const value = template.render({ secrets, session });
    return value === omit ? null : value;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(
      "it can not be rendered: a value is not what the expression takes it for",
      "Look at what the session steps save; string(…) makes a text of a number.",
    );
  }
}

function textOf(value: Value): string {
  if (isExactInt(value)) return value.$int;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  const kind = value === null ? "null" : Array.isArray(value) ? "a list" : "a map";
  throw new ExpressionError(`it comes to ${kind}, and a text is needed`);
}
