import type { Change, Request } from "../../core/model/change.ts";
import type { Fields, Item } from "../../core/model/item.ts";
import { chunked } from "../../engine/chunked.ts";
import type { Job } from "../../engine/job.ts";

/**
 * Every request that would take changes back, as the plan says it or as the change itself with the old values; the items are
 * then as the changes left them. None for what can not be restored. @throws {ExpressionError}
 */
export function undoRequests(changes: readonly Change[], { plan, frozen }: Pick<Job, "plan" | "frozen">): Request[] {
  const { undo, change: forth } = plan;
  const isPossible = undo?.possible ?? true;
  if (!isPossible || (undo?.call === undefined && forth.sets.length === 0)) return [];
  const back = undo?.call ?? forth;
  const restored = changes
    .filter(({ item }) => undo?.unless?.(frozen, item) !== true)
    .map((change) => ({ ...change, before: change.after, after: change.before }));
  return chunked(restored, back.chunk?.size ?? 1, () => 1).map((together) => {
    const [first] = together;
    const items = together.map((change) => itemOf(change, { ...change.item, ...change.before }));
    const item = items[0] ?? itemOf(first);
    const route = back.route?.(frozen, item);
    const params = back.chunk?.params(frozen, items, first.after) ?? back.params(frozen, item, first.after);
    return { method: back.method, params, ...(route && { route }) };
  });
}

/** The item of a change, by default as it was when the list was read. */
export function itemOf({ id, each, item }: Change, fields: Fields = item): Item {
  return { id, fields, ...(each === undefined ? {} : { each }) };
}
