import { cleanText } from "../../clean.ts";

/** Markup that is safe to stand in a page: made only here, from literals and from text that is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | undefined | readonly (Markup | string)[];

/** Text between the literals is escaped, whoever it comes from; markup, and lists of it, stand as they are. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    literals.reduce((text, literal, place) => `${text}${place === 0 ? "" : rendered(parts[place - 1])}${literal}`, ""),
  );
}

function rendered(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "object") return part.map(rendered).join("");
  return escaped(String(part));
}

/** One clean line as text or the value of an attribute between double quotes. */
export function escaped(text: string): string {
  return cleanText(text).replace(/[&<>"']/g, (found) => entities[found] ?? "");
}

/** The same for text of several lines. */
export function escapedLines(text: string): Markup {
  return new Markup(text.split(/\r?\n/).map(escaped).join("\n"));
}

/** JSON in a `script` element: nothing in it can end that. */
export function embedded(json: string): string {
  return json.replaceAll("<", "\\u003c");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
