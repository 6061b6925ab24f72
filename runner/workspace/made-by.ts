import type { Change } from "../core/model/change.ts";
import type { GroupSize } from "../core/model/events.ts";
import type { Gone, GuardResult, LookupCount, SelectionCounts } from "../core/model/preview.ts";
import { itemId, type Item, type Value } from "../core/model/item.ts";
import type { Plan } from "../core/model/plan.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { canonical } from "../core/model/values.ts";
import { waveSizes } from "../core/schedule/waves.ts";
import { titleOf, type Decision } from "../core/select/decide.ts";
import { Decider } from "../core/select/decider.ts";
import { evaluateGuards } from "../core/select/guards.ts";
import { isUnread } from "../core/select/judge.ts";
import { isOfPolicy } from "../core/select/policy.ts";
import { lookupGuards } from "../core/select/wanted.ts";
import type { FileChangeSet } from "../runs/change-set.ts";
import type { RunFolder } from "../runs/folder.ts";
import { readInventory, readInventoryHeader } from "../runs/inventory.ts";

interface Reviewed {
  readonly header: SavedHeader;
  readonly folder: RunFolder;
  readonly changes: FileChangeSet;
}

/**
 * Let the plan decide on the reviewed list once more: what was saved must be what it makes of it, request by request, so that
 * nothing can stand in a change set that its plan does not say. @returns What differs; undefined: nothing.
 */
export async function whyNotMadeBy(plan: Plan, frozen: Frozen, reviewed: Reviewed): Promise<string | undefined> {
  const { header, folder, changes } = reviewed;
  const { enumerated } = header;
  const { title = plan.enumerate.title } = await readInventoryHeader(folder.inventory);
  if (title !== plan.enumerate.title) return "its plan knows the items of the list by another name";
  const decider = new Decider(plan, frozen);
  const absences = plan.absences?.();
  for await (const { id, fields, each, as } of readInventory(folder.inventory, enumerated.inventory)) {
    const item = { id: itemId(id), fields, ...(each === undefined ? {} : { each }) };
    absences?.see(item.id);
    // An item that could not be read by itself was refused for that, and is not changed.
    const wasNotRead = as === "refused" && isUnread(plan, item);
    const decision = decider.decide(item, wasNotRead ? { as: "refused", why: "" } : undefined);
    if (decision.as !== as) return `its plan calls item ${id} ${decision.as}, the file ${as}`;
    if (decision.as !== "selected") continue;
    const { selected } = decider.counts;
    const [change] = changes.size < selected ? [] : await changes.at([selected - 1]);
    if (change?.id !== item.id || !isMadeBy(plan, decision, { item, change })) {
      return `the change of item ${id} is not the one that its plan makes`;
    }
  }
  if (canonical(asValue(await absences?.gone())) !== canonical(asValue(enumerated.gone)))
    return "what it says is gone is not what its list lacks";
  const { counts } = decider;
  const groups = decider.groups();
  return whyNotCounted(plan, frozen, { header, counts, groups, size: changes.size, of: decider.lookups() });
}

function asValue(gone: Gone | undefined): Value {
  return (gone ?? null) as unknown as Value;
}

function isMadeBy(
  plan: Plan,
  { before, after, params, route, group }: Extract<Decision, { as: "selected" }>,
  { item, change }: { readonly item: Item; readonly change: Change },
): boolean {
  const { fields, each = null } = item;
  const request = { method: plan.change.method, params, ...(route && { route }) };
  const made = { fields, each, title: titleOf(plan, item), before, after, request, group: group ?? null };
  const kept = {
    ...{ fields: change.item, each: change.each ?? null, title: change.title },
    ...{ before: change.before, after: change.after, request: change.request, group: change.group ?? null },
  };
  return canonical(made as unknown as Value) === canonical(kept as unknown as Value);
}

function whyNotCounted(
  plan: Plan,
  frozen: Frozen,
  {
    header,
    counts,
    groups,
    size,
    of,
  }: {
    readonly header: SavedHeader;
    readonly counts: SelectionCounts;
    readonly groups: readonly GroupSize[] | undefined;
    readonly size: number;
    readonly of: readonly LookupCount[];
  },
): string | undefined {
  const { enumerated, selected, start } = header;
  const names = Object.keys(counts) as (keyof SelectionCounts)[];
  const agrees = names.every((name) => enumerated[name] === counts[name]);
  if (!agrees || size !== counts.selected || selected.size !== counts.selected)
    return "its counts are not those of its items";
  if (canonical(waveSizes(plan.pace.waves, counts.selected)) !== canonical(selected.waves))
    return "its waves are not those of its plan";
  if (canonical((groups ?? []) as unknown as Value) !== canonical((selected.groups ?? []) as unknown as Value))
    return "its groups are not those of its items";
  const { method, repeat, destructive } = plan.change;
  if (start.change.method !== method || start.change.repeat !== repeat || start.change.destructive !== destructive) {
    return "its change is not the one of its plan";
  }
  const narrowed: true | undefined = plan.enumerate.narrowed === undefined ? undefined : true;
  if (enumerated.narrowed !== narrowed) return "its list is not narrowed as its plan says";
  if (canonical((enumerated.lookups?.of ?? []) as unknown as Value) !== canonical(of as unknown as Value))
    return "its lookups are not those of its plan";
  const guards = [...evaluateGuards(plan.guards, counts, frozen, narrowed), ...lookupGuards(plan, of)];
  const isSame =
    JSON.stringify(guards) === JSON.stringify(selected.guards.filter((one) => !isOuter(one))) &&
    selected.guards.some(isOfLast) === (plan.guards.changeFromLast !== undefined);
  return isSame ? undefined : "its guards are not those of its plan";
}

/** What the last run said can not be found out again; what the policy says is asked anew by who applies it. */
function isOuter(result: GuardResult): boolean {
  return isOfLast(result) || isOfPolicy(result.guard);
}

function isOfLast({ guard, ok }: GuardResult): boolean {
  return guard === "change_from_last" && ok;
}
