import type { Person } from "../core/model/events.ts";
import { cleanText } from "./clean.ts";

/** With its first letter and its end. Empty: there is none. */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return text === "" || /[.!?…]$/.test(text) ? begun : `${begun}.`;
}

/** Clean, and cut where it is longer than so many characters. */
export function brief(text: string, longest: number): string {
  // Cut before it is clean: that it is long must not cost anything, and half a pair at the end becomes one character.
  const clean = cleanText(text.slice(0, longest + 1));
  return text.length <= longest ? clean : `${clean.slice(0, longest).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `by NAME on HOST`. @param longest Characters of each. */
export function byText({ name, host }: Pick<Person, "name" | "host">, longest = Infinity): string {
  return `by ${brief(name, longest)} on ${brief(host, longest)}`;
}
