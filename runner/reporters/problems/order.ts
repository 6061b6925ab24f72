import type { Problem } from "../../core/model/problem.ts";

/** By file, then by place; equal ones stay as they came. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (left, right) =>
      (left.file < right.file ? -1 : Number(left.file > right.file)) ||
      left.line - right.line ||
      left.column - right.column,
  );
}
