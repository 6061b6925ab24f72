import { timeText } from "../core/model/values.ts";
import type { Io } from "./io.ts";
import { timeZone } from "./options.ts";
import { verbs } from "./verbs.ts";

/** What an operator calls us, and the zone that times are shown in. */
export interface Local {
  readonly program: string;
  readonly zone: string;
}

const command = new RegExp(`(?<![\\w./-])rollcall (?=(?:${verbs.map(({ name }) => name).join("|")})\\b)`, "g");
const time = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;

/** A message that was made where nobody knows who reads it: its times are in UTC, and its commands begin with `rollcall`. */
export function localised(text: string, { program, zone }: Local): string {
  return text
    .replaceAll(command, () => `${program} `)
    .replaceAll(time, (utc) => timeText(Date.parse(utc) / 1000, zone) ?? utc);
}

/** As the words of the command line say; UTC where they do not say it rightly, which is told elsewhere. */
export function localTo({ program }: Io, words: readonly string[]): Local {
  const place = words.findIndex((word) => word === "--zone" || word.startsWith("--zone="));
  const wanted = words[place]?.startsWith("--zone=") ? words[place].slice("--zone=".length) : words[place + 1];
  if (place === -1 || wanted === undefined) return { program, zone: "UTC" };
  try {
    return { program, zone: timeZone(wanted) };
  } catch {
    return { program, zone: "UTC" };
  }
}
