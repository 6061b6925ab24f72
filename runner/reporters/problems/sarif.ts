import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Problem } from "../../core/model/problem.ts";
import { cleanJson, cleanText } from "../clean.ts";
import { inOrder } from "./order.ts";

/**
 * A log of the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code scanners of many platforms take.
 * @param tool Name and version of this program: `rollcall/0.1.0`.
 */
export function problemsSarif(problems: readonly Problem[], tool: string): string {
  const all = inOrder(problems);
  const [name = "", version = ""] = tool.split("/");
  const rules = [...new Set(all.map(({ code }) => code))].sort();
  return cleanJson({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name, version, rules: rules.map((id) => ({ id })) } },
        columnKind: "utf16CodeUnits",
        results: all.map((problem) => resultOf(problem, rules)),
      },
    ],
  });
}

function resultOf({ file, line, column, severity, code, message, hint }: Problem, rules: readonly string[]) {
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: [message, ...(hint === undefined ? [] : [hint])].map(cleanText).join("\n") },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}

/** Relative where the path was written so. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(/[\\/]/).map(encodeURIComponent).join("/");
}
