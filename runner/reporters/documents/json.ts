import { formatVersion } from "../../core/model/events.ts";
import { cleanJson } from "../clean.ts";
import type { RunDocument } from "./model.ts";

/** All that is known of a run as one JSON object; its items, a line each, come last. Numbers are kept: Unix ms, bytes. */
export async function* jsonOf(document: RunDocument): AsyncGenerator<string, void> {
  const { summary, start, selection, selected, end, waves, happenings, causes, collateral, gapMs, showing } = document;
  const head = {
    v: formatVersion,
    type: "report",
    summary,
    ...(start && {
      tool: start.tool,
      method: start.change.method,
      planDigest: start.plan.digest,
      inputs: start.inputs,
    }),
    list: selection ?? null,
    guards: selected?.guards ?? [],
    waves,
    end: end ?? null,
    causes,
    ...(collateral && { collateral }),
    ...(gapMs === undefined ? {} : { gapMs }),
    happenings,
    types: showing.types,
  };
  yield `${cleanJson(head).slice(0, -1)},"items":[`;
  let isFirst = true;
  for await (const item of document.items()) {
    yield `${isFirst ? "" : ","}\n${cleanJson(item)}`;
    isFirst = false;
  }
  yield "\n]}\n";
}
