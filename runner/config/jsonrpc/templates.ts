import { isExactInt } from "../../core/model/exact.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import { ExpressionError } from "../../core/model/plan.ts";
import type { ConfigNames, ConfigTemplate } from "../../core/model/protocol.ts";
import { omit, type CelMap } from "../../language/cel.ts";
import type { Template } from "../../language/template.ts";

/** A template of the config that gives any value. @param place Where it stands, for messages: they repeat nothing of it. */
export function valueTemplate(template: Template, place: string): ConfigTemplate {
  return whenSaved(template, (names) => rendered(template, names, place));
}

/** One that gives a text. @param check Says what is wrong with a text; undefined: nothing. */
export function textTemplate(
  template: Template,
  place: string,
  check: (text: string) => string | undefined,
): ConfigTemplate {
  return whenSaved(template, ({ secrets, session }) => {
    const value = rendered(template, { secrets, session: withNumbers(session) }, place);
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
      throw new ExpressionError(`${place} comes to ${kindOf(value)}, and a text is needed`);
    const text = String(value);
    const wrong = check(text);
    if (wrong !== undefined) throw new ExpressionError(`${place} ${wrong}`, "Look at the secrets that it uses.");
    return text;
  });
}

/** What has no value yet, or was saved as null, is not there. */
function whenSaved(template: Template, render: (names: ConfigNames) => Value): ConfigTemplate {
  const needed = [...template.uses].flatMap((use) =>
    use.startsWith("session.") ? [use.slice("session.".length)] : [],
  );
  return (names) => (needed.every((name) => isSaved(names.session, name)) ? render(names) : undefined);
}

function isSaved(session: Fields, name: string): boolean {
  return Object.hasOwn(session, name) && session[name] !== null;
}

/** @throws {ExpressionError} without what the error said: it quotes values, and these are credentials. */
function rendered(template: Template, { secrets, session }: RenderNames, place: string): Value {
  try {
    const value = template.render({ secrets, session });
    return value === omit ? null : value;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(
      `${place} can not be rendered: a value is not what the expression takes it for`,
      "Look at what the session steps save; string(…) makes a text of a number.",
    );
  }
}

interface RenderNames {
  readonly secrets: CelMap;
  readonly session: CelMap;
}

/** Whole numbers beyond 2^53 as expressions know them. */
function withNumbers(session: Fields): CelMap {
  return Object.fromEntries(
    Object.entries(session).map(([name, value]) => [name, isExactInt(value) ? BigInt(value.$int) : value]),
  );
}

function kindOf(value: Value): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : "a map";
}
