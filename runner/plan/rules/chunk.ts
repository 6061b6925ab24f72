import type { Catalogue } from "../../core/model/catalogue.ts";
import type { Finding } from "../../language/source.ts";
import type { CompiledCall } from "../calls.ts";
import { parsePath } from "../../language/paths.ts";
import type { Rule } from "./rule.ts";

/** A call about several items is about all of them, and its answer says what became of each. */
export const chunk: Rule = function* ({ catalogue, call, undoCall }) {
  yield* findings(call, catalogue);
  if (undoCall !== undefined) yield* findings(undoCall, catalogue);
};

function* findings({ path, document }: CompiledCall, catalogue: Catalogue): Generator<Finding> {
  const { call, chunk: size, result } = document;
  yield* resultPaths(document.result, [...path.map(String), "result"]);
  if (size === undefined) {
    if (result === undefined) return;
    yield {
      path: [...path, "result"],
      at: "key",
      code: "result-without-chunk",
      message: "result says what became of each item of a chunk, and there is none",
      hint: "Add chunk: how many items go into one call.",
    };
    return;
  }
  if (catalogue.method(call)?.isRouted) {
    yield {
      path: [...path, "chunk"],
      at: "key",
      code: "chunk-with-route",
      message: `${call} goes to where one device lives, so it can not be about several items`,
      hint: "Take chunk out.",
    };
  }
  const { chunkMax } = catalogue.method(call) ?? {};
  if (chunkMax !== undefined && size > chunkMax) {
    const message = `${call} takes at most ${chunkMax} ${chunkMax === 1 ? "item" : "items"} in one call`;
    yield { path: [...path, "chunk"], code: "chunk-too-large", message, hint: `Write chunk: ${chunkMax}, or less.` };
  }
  if (result === undefined && catalogue.method(call)?.result === undefined) {
    yield {
      path: [...path, "chunk"],
      at: "key",
      code: "missing-result",
      message: `it is not known how ${call} says what became of each item`,
      hint: "Add result: { succeeded: path, failed: path }, or { rows, id, ok }; { all: true } where the answer names no item.",
    };
  }
}

function* resultPaths(result: CompiledCall["document"]["result"], at: readonly string[]): Generator<Finding> {
  if (result === undefined) return;
  const names = Object.keys(result);
  if ("all" in result && names.length > 1)
    yield {
      path: [...at, "all"],
      at: "key",
      code: "bad-result",
      message: `result.all is the whole of what the answer says, and ${names.filter((name) => name !== "all").join(", ")} is there too`,
      hint: "Keep one of the two.",
    };
  for (const [name, text] of Object.entries(result)) {
    if (typeof text !== "string") continue;
    const path = name === "ok" ? { up: 0 } : parsePath(text);
    if (path !== undefined && path.up === 0) continue;
    yield {
      path: [...at, name],
      code: "bad-path",
      message: `${text} is not a path`,
      hint: "Write . or a.b, a[], a[].b.",
    };
  }
}
