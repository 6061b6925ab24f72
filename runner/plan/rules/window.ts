import { isZone } from "../../core/schedule/wall-clock.ts";
import { nearest } from "../../language/suggest.ts";
import { windowOf } from "../resolve-pace.ts";
import type { Rule } from "./rule.ts";

/** A window is in a zone that is known, and closes at times. */
export const window: Rule = function* ({ document, isFaulty }) {
  const { window: written } = document;
  if (written === undefined) return;
  const { zone, days, from, to } = windowOf(written);
  if (!isFaulty(["window", "zone"]) && !isZone(zone)) {
    yield {
      path: ["window", "zone"],
      code: "unknown-zone",
      message: `there is no zone ${zone}`,
      hint: meantZone(zone) ?? "Write its IANA name, such as Europe/Berlin, or UTC.",
    };
  }
  const isTold = (["days", "from", "to"] as const).some((name) => isFaulty(["window", name]));
  if (from !== to || days.length < 7 || isTold) return;
  yield {
    path: ["window"],
    at: "key",
    severity: "note",
    code: "no-bound",
    message: "the window is open all day, every day",
    hint: "Write days, or from and to.",
  };
};

/** `Berlin`, `Europe/Berln`, `EUROPE/BERLIN `. */
function meantZone(zone: string): string | undefined {
  const zones = Intl.supportedValuesOf("timeZone");
  const city = zone.trim().toLowerCase().replaceAll(" ", "_");
  const found = zones.filter((one) => one.toLowerCase().endsWith(`/${city}`));
  const near = found.length === 1 ? found[0] : nearest(zone, [...zones, "UTC"]);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}
