import { expect, it } from "vitest";
import { paintFor } from "../../../runner/reporters/paint.ts";
import { problemsJson } from "../../../runner/reporters/problems/json.ts";
import { problemsText } from "../../../runner/reporters/problems/text.ts";
import { widthOf } from "../../../runner/reporters/width.ts";

const source = "rollcall: 1\nname: x\nfilter:\n  - 日本 == item.os_typ\n";
const field = {
  file: "plans/x.yaml",
  line: 4,
  column: 11,
  severity: "error" as const,
  code: "unknown-field",
  message: "item.os_typ is not among the plan's fields",
  hint: "Did you mean os_type?",
};
const flag = {
  file: "--set",
  line: 1,
  column: 1,
  severity: "error" as const,
  code: "bad-type",
  message: 'partner: expected a whole number, found "x"',
};
const shown = {
  sourceOf: (file: string) => (file === "plans/x.yaml" ? source : undefined),
  width: 80,
  paint: paintFor(false),
};

it("shows every problem by file and place, with its line, a caret under the column, and what to do", () => {
  const place = { file: field.file, line: 2, column: 7 };
  const name = { ...place, severity: "error" as const, code: "bad-name", message: "x is too short" };
  expect(problemsText([field, flag, name], shown)).toBe(
    [
      '--set:1:1  bad-type  partner: expected a whole number, found "x"',
      "",
      "plans/x.yaml:2:7  bad-name  x is too short",
      "    2 | name: x",
      "      |       ^",
      "",
      "plans/x.yaml:4:11  unknown-field  item.os_typ is not among the plan's fields",
      "    4 |   - 日本 == item.os_typ",
      "      |             ^",
      "  help: Did you mean os_type?",
      "",
      "3 problems in 2 files",
    ].join("\n"),
  );
});

it("keeps the caret on the screen when the line is long", () => {
  const long = `filter: ${"x".repeat(500)}!${"y".repeat(500)}`;
  const problem = { ...flag, file: "p.yaml", column: 509 };
  const lines = problemsText([problem], { ...shown, sourceOf: () => long, width: 60 }).split("\n");
  expect(Math.max(...lines.slice(1, 3).map(widthOf))).toBeLessThanOrEqual(60);
  expect(lines[1]?.[(lines[2] ?? "").indexOf("^")]).toBe("!");
});

it("lets no file steer the terminal", () => {
  const problem = { ...flag, file: "p.yaml", message: "\u001b[2Jgone" };
  expect(problemsText([problem], { ...shown, sourceOf: () => "\u001b]0;x\u0007name" })).not.toContain("\u001b");
});

it("says the same as JSON on one line, in the same order", () => {
  expect(JSON.parse(problemsJson([field, flag]))).toEqual({ v: 1, problems: [flag, field], count: 2, warnings: [] });
});
