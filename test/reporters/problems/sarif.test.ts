import { describe, expect, it } from "vitest";
import type { Problem } from "../../../runner/core/model/problem.ts";
import { problemsSarif } from "../../../runner/reporters/problems/sarif.ts";

const problem = (more: Partial<Problem> = {}): Problem => ({
  ...{ file: "plans/a b.yaml", line: 3, column: 5, severity: "error", code: "bad-type", message: "it is wrong" },
  ...more,
});

interface Log {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly version: string;
        readonly rules: readonly { readonly id: string }[];
      };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly unknown[];
    }[];
  }[];
}
const read = (text: string): Log => JSON.parse(text) as Log;

describe("a SARIF log", () => {
  it("names the tool, each rule once, and each problem with its place", () => {
    const problems = [
      problem({ hint: "Write 5." }),
      problem({ line: 1, severity: "note", code: "a-note" }),
      problem({ line: 9 }),
    ];
    const [run] = read(problemsSarif(problems, "rollcall/1.2.3")).runs;
    expect(run?.tool.driver).toEqual({
      name: "rollcall",
      version: "1.2.3",
      rules: [{ id: "a-note" }, { id: "bad-type" }],
    });
    expect(run?.results.map(({ ruleId, level, ruleIndex }) => [ruleId, level, ruleIndex])).toEqual([
      ["a-note", "note", 0],
      ["bad-type", "error", 1],
      ["bad-type", "error", 1],
    ]);
    expect(run?.results[1]?.message.text).toBe("it is wrong\nWrite 5.");
    expect(run?.results[1]?.locations).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: "plans/a%20b.yaml" }, region: { startLine: 3, startColumn: 5 } },
      },
    ]);
  });

  it("is a whole log where nothing is wrong, and has URIs of absolute paths", () => {
    const log = read(problemsSarif([], "rollcall/1.2.3"));
    expect(log).toMatchObject({ version: "2.1.0", runs: [{ results: [], tool: { driver: { rules: [] } } }] });
    expect(problemsSarif([problem({ file: "/a/b c.yaml" })], "rollcall/1")).toContain('"uri":"file:///a/b%20c.yaml"');
  });
});
