import type { ListFacts } from "../../core/model/catalogue.ts";
import { parsePath } from "../../language/paths.ts";
import type { Finding, Path } from "../../language/source.ts";
import type { PageDocument } from "../document.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { rowsFault } from "./lookups.ts";

/** How a list comes in pages, and where its rows are, says the plan only where the service does not; and its params ask for each page. */
export const pages: Rule = function* (context) {
  const { document, list, isDescribed } = context;
  if (list === undefined) return;
  if (!isDescribed) yield* knownFindings(document.enumerate, list);
  else {
    yield* describedFindings(context);
    yield* usedPages(context);
  }
};

/** Where a plan says by what pages come. */
const how: Path = ["enumerate", "page", "by"];

/** Of a list that the service knows. */
function* knownFindings(
  { page, rows }: RuleContext["document"]["enumerate"],
  { method }: ListFacts,
): Generator<Finding> {
  const path = ["enumerate"];
  if (rows !== undefined) {
    const message = `where the rows of ${method} are belongs to the service, which knows it`;
    yield { path: [...path, "rows"], at: "key", code: "known-list", message, hint: "Take rows out." };
  }
  if (page !== undefined && page.by !== "ids") {
    const message = `how ${method} comes in pages belongs to the service, which knows it`;
    yield { path: [...path, "page"], at: "key", code: "known-list", message, hint: "Take page out." };
  }
}

function* describedFindings({ document, isFaulty }: RuleContext): Generator<Finding> {
  const { rows, page } = document.enumerate;
  const at = ["enumerate", "rows"];
  const fault = rowsFault(rows);
  if (fault !== undefined) yield { path: at, at: "key", code: "bad-rows", message: fault };
  const text = typeof rows === "object" ? rows.at : rows;
  if ((parsePath(text ?? ".")?.up ?? 0) > 0) {
    const message = `${text ?? ""} begins outside of the answer`;
    yield { path: typeof rows === "object" ? [...at, "at"] : at, code: "bad-path", message, hint: "Leave ^ out." };
  }
  if (page === undefined || isFaulty(how)) return;
  yield* keyFindings(page);
  if (page.next === undefined || parsePath(page.next)?.up === 0) return;
  const hint = "Write members of the answer: a.b, a[0].";
  yield { path: ["enumerate", "page", "next"], code: "bad-path", message: `${page.next} is not a path`, hint };
}

type PageKey = Exclude<keyof PageDocument, "by">;

const keysOf: Readonly<Record<PageDocument["by"], { readonly needs?: PageKey; readonly takes: readonly PageKey[] }>> = {
  none: { takes: [] },
  offset: { takes: ["size", "start"] },
  number: { takes: ["size", "start"] },
  cursor: { needs: "next", takes: ["size", "next"] },
  ids: { needs: "ids", takes: ["size", "ids"] },
};

function* keyFindings(page: PageDocument): Generator<Finding> {
  const path = ["enumerate", "page"];
  const { needs, takes } = keysOf[page.by];
  for (const name of ["size", "start", "next", "ids"] as const) {
    if (page[name] === undefined || takes.includes(name)) continue;
    const having = Object.entries(keysOf).filter(([, keys]) => keys.takes.includes(name));
    const message = `${name} is for pages by ${having.map(([by]) => by).join(", ")}, these are by ${page.by}`;
    yield { path: [...path, name], at: "key", code: "bad-key", message };
  }
  if (needs === undefined || page[needs] !== undefined) return;
  const hint =
    needs === "next"
      ? "Add next: the path in the answer to what the next page is asked for with."
      : "Add ids: an expression that gives a list.";
  yield { path, at: "key", code: "missing-key", message: `pages by ${page.by} need ${needs}`, hint };
}

/** A page that is not asked for never comes: the first one would, again and again. Of ids, another rule says it. */
function* usedPages({ document, asked, verifyUses, isFaulty }: RuleContext): Generator<Finding> {
  const { page } = document.enumerate;
  if (page === undefined || page.by === "none" || page.by === "ids" || isFaulty(how)) return;
  yield* unused(page, asked.params.uses, { path: ["enumerate", "page"], params: "enumerate.params" });
  const { call, params } = document.verify ?? {};
  const isAlone = (call !== undefined && call !== document.enumerate.call) || Array.isArray(params);
  const path = ["verify", params === undefined ? "call" : "params"];
  if (isAlone) yield* unused(page, verifyUses, { path, params: "verify.params" });
}

function* unused(
  { by, size }: PageDocument,
  uses: ReadonlySet<string>,
  { path, params }: { readonly path: Path; readonly params: string },
): Generator<Finding> {
  if (uses.has("page")) return;
  const missing = (name: string, why: string, hint: string): Finding => {
    return { path, at: "key", code: `${name}-not-used`, message: `${params} does not use page.${name}, ${why}`, hint };
  };
  if (!uses.has(`page.${by}`))
    yield missing(by, "so the same page would come again and again", `Write \${{ page.${by} }} where it goes.`);
  // A page that holds fewer than it should would pass for the last one.
  if (by !== "cursor" && size === undefined && !uses.has("page.size"))
    yield missing(
      "size",
      "and page.size does not say how many items a page has",
      "Write ${{ page.size }} where it goes, or, where the service has a size of its own, that size under page.",
    );
}
