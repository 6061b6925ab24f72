import type { Change } from "../../core/model/change.ts";
import type { LedgerRecord } from "../../core/model/events.ts";
import type { Fields, RunId } from "../../core/model/item.ts";
import { customerOf, customerText } from "../customer.ts";
import type { Trail } from "../trail.ts";

/** What the files of a run say of one selected item. Times are ISO 8601 in UTC, so that nothing hangs on where it is exported. */
export interface ItemFacts {
  readonly run: RunId;
  readonly plan: string;
  readonly service: string;
  readonly endpoint: string;
  readonly by: string;
  readonly method: string;
  /** Its place in the change set. */
  readonly index: number;
  readonly id: string;
  readonly title: string;
  readonly customer: string;
  readonly before: Fields;
  readonly after: Fields;
  readonly state: string;
  /** Who did what is confirmed; left out: it is not. */
  readonly credit?: "ours" | "unsure" | "despite";
  readonly attempts: number;
  /** Left out: nothing was sent. */
  readonly sentAt?: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** The last thing that went wrong with each item: only those are kept. */
export class Failures {
  readonly #of = new Map<number, { readonly code: string; readonly message: string }>();

  take(found: LedgerRecord): void {
    if (found.type !== "outcome") return;
    if ("failure" in found) {
      const { code, message } = found.failure;
      this.#of.set(found.index, { code, message });
    } else if (found.kind === "drifted") this.#of.set(found.index, { code: "drifted", message: found.why });
    else this.#of.delete(found.index);
  }

  of(index: number): { readonly code: string; readonly message: string } | undefined {
    return this.#of.get(index);
  }
}

export function itemFacts(change: Change, run: RunId, trail: Trail, failures: Failures): ItemFacts {
  const { index, id, title, item, before, after } = change;
  const { start, items } = trail.state;
  const state = items.stateOf(index);
  const at = trail.sentAt(index);
  const failure = failures.of(index);
  return {
    run,
    plan: start?.plan.name ?? "",
    service: start?.service.name ?? "",
    endpoint: start?.service.endpoint ?? "",
    by: trail.sentBy(index).name,
    method: start?.change.method ?? "",
    ...{ index, id, title, customer: customerText(customerOf(item)), before, after, state },
    ...(state === "confirmed" && { credit: items.creditOf(index) }),
    attempts: items.attemptOf(index),
    ...(at === undefined ? {} : { sentAt: new Date(at).toISOString() }),
    ...(failure && { failure }),
  };
}
