import type { ListFacts } from "../../core/model/catalogue.ts";
import type { Finding, Path } from "../../language/source.ts";
import type { CompiledList } from "../parts.ts";
import { reservedParams } from "./reserved.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** A list in parts asks for a different part each time, and what narrows it is not taken for the whole. */
export const lists: Rule = function* ({ document, catalogue, list, asked, isFaulty }) {
  const { narrow, total, call } = document.enumerate;
  const { call: verified } = document.verify ?? {};
  yield* pastFindings(["enumerate", "call"], call, list);
  if (verified !== undefined && verified !== call)
    yield* pastFindings(["verify", "call"], verified, catalogue.list(verified));
  yield* partFindings(asked, isFaulty);
  if (narrow === undefined) return;
  const path = ["enumerate", "narrow"];
  yield* reservedParams(path, narrow, list);
  if (total !== undefined) {
    yield {
      path: ["enumerate", "total"],
      at: "key",
      code: "narrow-with-total",
      message: "total counts the whole list, and narrow leaves a part of it out",
      hint: "Keep one of the two.",
    };
  }
  if (Array.isArray(document.enumerate.params)) {
    const message = "narrow is merged into params by name, and these are a list";
    yield { path, at: "key", code: "positional-params", message, hint: "Write the params by name." };
  }
};

function* pastFindings(path: Path, call: string, list: ListFacts | undefined): Generator<Finding> {
  if (list?.presentIs === undefined) return;
  yield {
    path,
    code: "past-list",
    message: `${call} shows what was: no change can be confirmed by it`,
    hint: `Use ${list.presentIs}, and look the past up: lookups: { past: { call: ${call}, … } }.`,
  };
}

function* partFindings(
  { params, route, forEach, ids }: CompiledList,
  isFaulty: RuleContext["isFaulty"],
): Generator<Finding> {
  const asked = [...params.uses, ...(ids?.uses ?? [])];
  const hasName = (uses: readonly string[], name: string): boolean =>
    uses.some((one) => one === name || one.startsWith(`${name}.`));
  if (forEach !== undefined && !hasName([...asked, ...(route?.uses ?? [])], "each")) {
    yield {
      path: ["enumerate", "for_each"],
      at: "key",
      code: "each-not-used",
      message: "neither enumerate.params nor route uses each, so every list would be the same",
      hint: "Write ${{ each }}, or a member of it, where the element goes.",
    };
  }
  if (ids !== undefined && !hasName(asked, "page") && !isFaulty(["enumerate", "page", "ids"])) {
    yield {
      path: ["enumerate", "page"],
      at: "key",
      code: "ids-not-used",
      message: "enumerate.params does not use page.ids, so the ids would not be asked for",
      hint: "Write ${{ page.ids }} where they go.",
    };
  }
}
