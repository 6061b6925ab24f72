import type { Notice } from "../../core/model/notice.ts";
import { countOf } from "../amount.ts";

const several = {
  start: "starts",
  hold: "holds",
  stop: "stops",
  done: "ends",
  test: "tests",
} as const satisfies Record<Notice["event"], string>;

/** Events by kind, in the order in which each first came: `start, 38 holds and done`. As long for thousands as for five. */
export function eventsText(events: readonly Notice["event"][]): string {
  const counts = new Map<Notice["event"], number>();
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
  const kinds = [...counts].map(([event, times]) => (times === 1 ? event : countOf(times, event, several[event])));
  return kinds.length < 2 ? kinds.join("") : `${kinds.slice(0, -1).join(", ")} and ${kinds.at(-1) ?? ""}`;
}
