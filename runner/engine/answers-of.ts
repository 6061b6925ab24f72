import type { Answer, Failure, Outcome } from "../core/model/outcome.ts";
import type { ChunkResult, Plan } from "../core/model/plan.ts";
import type { Call, CallMember } from "../core/model/run-ports.ts";

/** An outcome before it is known how long it took. */
type Came = Omit<Outcome, "ms" | "gapMs" | "kind"> &
  (
    | { readonly kind: "accepted" }
    | { readonly kind: "rejected" | "lost"; readonly failure: Failure }
    | { readonly kind: "not-acted"; readonly failure: Failure; readonly retryAfterMs?: number }
  );

/** What the answer to a call means for each of its items. An item that a chunk's answer does not name may have been changed. */
export function answersOf(
  { members, attempt }: Call,
  answer: Exclude<Answer, { readonly kind: "withdrawn" }>,
  { change: { chunk } }: Plan,
): readonly Came[] {
  const about = ({ intent, change: { index, id } }: CallMember) => ({ intent, index, id, attempt });
  if (answer.kind !== "accepted") return members.map((member) => ({ ...about(member), ...answer }));
  if (chunk === undefined) return members.map((member) => ({ ...about(member), kind: "accepted" }));
  const resultOf = chunk.results(answer.value ?? null);
  return members.map((member) => ({ ...about(member), ...cameOf(resultOf(member.change.id)) }));
}

function cameOf(result: ChunkResult | undefined) {
  if (result?.done === true) return { kind: "accepted" } as const;
  if (result?.done === false) {
    return { kind: "rejected", failure: { class: "reject", code: "failed", message: result.message } } as const;
  }
  const message = "the answer does not say what became of this item";
  return { kind: "lost", failure: { class: "uncertain", code: "not-told", message } } as const;
}
