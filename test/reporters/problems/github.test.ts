import { describe, expect, it } from "vitest";
import type { Problem } from "../../../runner/core/model/problem.ts";
import { problemsGithub } from "../../../runner/reporters/problems/github.ts";

const problem = (more: Partial<Problem> = {}): Problem => ({
  ...{ file: "plans/a.yaml", line: 3, column: 5, severity: "error", code: "bad-type", message: "it is wrong" },
  ...more,
});

describe("annotations of GitHub Actions", () => {
  it("say where and what, and what to do on a second line", () => {
    expect(problemsGithub([problem({ hint: "Write 5." })])).toBe(
      "::error file=plans/a.yaml,line=3,col=5,title=bad-type::it is wrong%0AWrite 5.",
    );
    expect(problemsGithub([problem({ severity: "note" })])).toMatch(/^::notice file=/);
  });

  it("let no text of a plan begin a command, end a property or steer a terminal", () => {
    const line = problemsGithub([
      problem({ file: "a,b:c%.yaml", message: "100% of\n::error::planted \u001b[31mred", hint: "a\r\nb" }),
    ]);
    expect(line.split("\n")).toHaveLength(1);
    expect(line).toMatch(
      /^::error file=a%2Cb%3Ac%25\.yaml,line=3,col=5,title=bad-type::100%25 of%0A::error::planted red%0A/,
    );
  });

  it("tell errors first, and at the tenth of a kind how many more there are", () => {
    const many = [
      ...Array.from({ length: 12 }, (_, place) => problem({ severity: "note", line: place + 1 })),
      ...Array.from({ length: 10 }, (_, place) => problem({ line: place + 1 })),
    ];
    const lines = problemsGithub(many).split("\n");
    expect(lines.map((line) => line.slice(0, 8))).toEqual([
      ...Array<string>(10).fill("::error "),
      ...Array<string>(10).fill("::notice"),
    ]);
    expect(lines[9]).toContain("line=10,");
    expect(lines[19]).toMatch(/line=10,col=5,title=more::3 more of this kind, from here on/);
  });
});
