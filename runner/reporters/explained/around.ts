import { basename } from "node:path";
import type { ClausePlace, ExplainedRun, NamedItem } from "../../core/model/explained.ts";
import type { Fields, Value } from "../../core/model/item.ts";
import { timeText } from "../../core/model/values.ts";
import { cleanText } from "../clean.ts";
import type { Paint } from "../paint.ts";
import { statusText } from "../run-status.ts";
import { heldText } from "../value.ts";

/** Where the reader is. */
export interface Around {
  /** Zone of the times that are shown. */
  readonly zone: string;
  readonly width: number;
  readonly paint: Paint;
  /** Makes a complete command line. */
  readonly command: (...words: readonly string[]) => string;
}

/** Sections of lines, with an empty line between two. */
export function sectionsText(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Which run, and what it read. */
export function runLines(of: ExplainedRun, zone: string): readonly string[] {
  const { run, plan, planFile, service, endpoint, list, now, narrowed } = of;
  const what = narrowed === true ? `${list}, narrowed by the service` : list;
  return [
    `run   ${run}, ${cleanText(statusText(of))}`,
    `plan  ${cleanText(plan)} on ${cleanText(service)} (${cleanText(endpoint)}), as it was: ${cleanText(planFile)}`,
    `list  ${cleanText(what)}, read ${secondsText(now, zone)}`,
  ];
}

export function secondsText(seconds: number, zone: string): string {
  return timeText(seconds, zone) ?? String(seconds);
}

/** `plan.yaml:18`; of a clause that no file has, its number. */
export function placeText({ line, place }: ClausePlace, { planFile }: Pick<ExplainedRun, "planFile">): string {
  return line === undefined ? `clause ${place + 1}` : `${basename(planFile)}:${line}`;
}

/** `DESK-1 (1001)`. */
export function nameText({ id, title }: NamedItem): string {
  return id === title ? cleanText(id) : `${cleanText(title)} (${cleanText(id)})`;
}

/** `os_type is server, product_id is 3`; empty without fields. */
export function holdsText(
  fields: Fields,
  { types, zone }: Pick<ExplainedRun, "types"> & { readonly zone: string },
): string {
  const texts = Object.entries(fields).map(
    ([name, value]: readonly [string, Value]) => `${cleanText(name)} is ${heldText(name, value, { types, zone })}`,
  );
  return texts.join(", ");
}
