import type { Fact } from "../core/model/events.ts";
import type { GuardResult, PreviewRow, Refusal } from "../core/model/preview.ts";
import type { Frozen } from "../core/model/frozen.ts";
import type { Plan } from "../core/model/plan.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { titleOf } from "../core/select/decide.ts";
import { selectionWarnings } from "../core/select/lint.ts";
import { isOfPolicy, type Policy } from "../core/select/policy.ts";
import { goneForGood } from "../core/settle/undo.ts";
import { toldOf } from "../engine/select.ts";
import { openChangeSet, type FileChangeSet } from "../runs/change-set.ts";
import type { RunFolder } from "../runs/folder.ts";
import { readInventory } from "../runs/inventory.ts";
import { readLookups } from "../runs/lookups.ts";
import { unpackChangeSet } from "../runs/saved-changes.ts";
import type { LoadedChangeSet, LoadedPlan } from "../workspace.ts";
import { whyNotMadeBy } from "./made-by.ts";
import { refuseOtherRows } from "./made-of.ts";
import type { Brought } from "./new-run.ts";
import { judgeSaved } from "./policy.ts";
import { tampered } from "./saved-checks.ts";

const sampleSize = 50;

/** What was frozen when the list of a change set was read: its plan still goes by that. */
export function frozenOf({ start }: SavedHeader): Frozen {
  const { run, now, started = now, login } = start;
  return { now, login, run: { id: run, started } };
}

interface Around {
  readonly frozen: Frozen;
  readonly policy?: Policy | undefined;
  /** What it has to be made of. */
  readonly madeOf?: Plan | undefined;
}

/**
 * Put a saved change set into a folder, and let its plan say once more that these are its changes.
 * @throws {GuardError} `tampered`
 */
export async function unpacked(
  { path, digest: expected, header, loaded }: LoadedChangeSet,
  folder: RunFolder,
  { frozen: given, policy, madeOf }: Around,
): Promise<Brought> {
  await unpackChangeSet(path, expected, folder);
  const { enumerated, selected } = header;
  const { lookups, narrowed, gone } = enumerated;
  const lookup = lookups === undefined ? {} : await readLookups(folder.lookups, lookups.digest);
  if (madeOf) refuseOtherRows(madeOf, path, lookup);
  const frozen = { ...given, lookup };
  const changes = await openChangeSet(folder.changeSet, selected.changeSet);
  try {
    const wrong = await whyNotMadeBy(loaded.plan, frozen, { header, folder, changes });
    if (wrong !== undefined) throw tampered(path, wrong);
  } catch (error) {
    await changes.close();
    throw error;
  }
  const own = selected.guards.filter(({ guard }) => !isOfPolicy(guard));
  const guards = [...own, ...(await judgeSaved(policy, changes, enumerated))];
  const warnings = selectionWarnings(loaded.plan, enumerated);
  const preview = {
    type: "preview" as const,
    counts: enumerated,
    guards,
    sample: await sampleOf(changes),
    ...toldOf(loaded.plan, enumerated),
    refusals: await refusalsOf(folder, { plan: loaded.plan, enumerated }),
    ...(warnings.length > 0 && { warnings }),
    ...(gone && { missing: gone.count, gone: goneForGood(gone) }),
    ...(narrowed === undefined ? {} : { narrowed }),
    ...(lookups === undefined ? {} : { lookups: lookups.of }),
    ...(selected.waves.length > 1 && { waves: selected.waves }),
    ...(selected.groups && { groups: selected.groups.length }),
  };
  return { changes, lookup, facts: factsOf(header, guards), told: [preview] };
}

/** Only the members that are known: what else a file may hold has no place in a ledger. */
function factsOf({ enumerated, selected }: SavedHeader, guards: readonly GuardResult[]): readonly Fact[] {
  const { inventory, pages, began, ended, rows, already, refused, narrowed, lookups, gone } = enumerated;
  const counts = { rows, "filtered-out": enumerated["filtered-out"], already, refused, selected: enumerated.selected };
  const { changeSet, size, waves } = selected;
  const groups = selected.groups?.map((group) => ({ name: group.name, size: group.size }));
  const more = {
    ...(narrowed && { narrowed }),
    ...(lookups && { lookups: { digest: lookups.digest, of: lookups.of } }),
    ...(gone && { gone: { count: gone.count, items: gone.items.map(({ id, title }) => ({ id, title })) } }),
  };
  return [
    { type: "enumerated", inventory, pages, began, ended, ...more, ...counts },
    { type: "selected", changeSet, size, waves, ...(groups && { groups }), guards },
  ];
}

/** The first that could not be decided, as the list that was reviewed has them. */
async function refusalsOf(
  { inventory }: RunFolder,
  { plan, enumerated }: Pick<LoadedPlan, "plan"> & Pick<SavedHeader, "enumerated">,
): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  const most = Math.min(sampleSize, enumerated.refused);
  if (most === 0) return found;
  for await (const item of readInventory(inventory, enumerated.inventory)) {
    if (item.as !== "refused") continue;
    found.push({ id: item.id, title: titleOf(plan, item), why: item.why ?? "" });
    if (found.length === most) break;
  }
  return found;
}

async function sampleOf(changes: FileChangeSet): Promise<readonly PreviewRow[]> {
  const rows = await changes.at(Array.from({ length: Math.min(sampleSize, changes.size) }, (_, index) => index));
  return rows.map(({ id, title, before, after }) => ({ id, title, before, after }));
}
