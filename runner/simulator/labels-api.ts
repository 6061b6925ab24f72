import { ApiError } from "./api-error.ts";
import type { Effect } from "./devices.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { listInstant } from "./reads.ts";
import { deviceInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/**
 * AddAccountLabel: several devices in one call. Those that are not there, or out of scope, are named as failed; the others
 * have the labels afterwards.
 */
export function addAccountLabel(world: World, members: Members, bend: Bend): Done {
  return relabel(world, members, { bend, change: (had, named) => [...new Set([...had, ...named])].sort() });
}

/** RemoveAccountLabel: the same, the other way round. */
export function removeAccountLabel(world: World, members: Members, bend: Bend): Done {
  return relabel(world, members, { bend, change: (had, named) => had.filter((label) => !named.includes(label)) });
}

/** EnumerateAccountIdsByLabel: ids, and nothing else. An empty list is spelled null; of a label that there is not, too. */
export function enumerateAccountIdsByLabel(world: World, members: Members, bend: Bend): Done {
  const label = new Params(members).text("label");
  const asOf = listInstant(world, bend);
  const devices = labelled(world, asOf).filter(({ labels }) => labels.includes(label));
  return { result: { result: devices.length === 0 ? null : devices.map(({ id }) => id) }, asOf };
}

/** EnumerateAllLabels: those that some device has, numbered in the order of the alphabet. */
export function enumerateAllLabels(world: World, _members: Members, bend: Bend): Done {
  const asOf = listInstant(world, bend);
  const all = [...new Set(labelled(world, asOf).flatMap(({ labels }) => labels))].sort();
  return { result: { result: all.map((label, place) => ({ Id: place + 1, Label: label })) }, asOf };
}

/** The labels of a device. */
function readLabels(text: string): readonly string[] {
  return text === "" ? [] : (JSON.parse(text) as readonly string[]);
}

interface Relabelling {
  readonly bend: Bend;
  readonly change: (had: readonly string[], named: readonly string[]) => readonly string[];
}

function relabel(world: World, members: Members, { bend, change }: Relabelling): Done {
  const params = new Params(members);
  const ids = [...new Set(params.someIntegers("accountIdCollection"))];
  const named = params.texts("labelCollection");
  const effects: Effect[] = [];
  const failed: number[] = [];
  for (const id of ids) {
    const device = found(world, id);
    const labels = device && change(readLabels(device.labels), named);
    const effect = labels && world.devices.change(id, { labels: labels.length === 0 ? "" : JSON.stringify(labels) });
    if (effect === undefined) failed.push(id);
    else effects.push(effect);
  }
  // A device that the fault leaves out is named in neither.
  const told = (id: number): boolean => id !== bend.drop?.device;
  const succeeded = effects.map(({ item }) => item).filter(told);
  const result = { SucceedAccounts: succeeded, FailedAccounts: failed.filter(told) };
  return { result: { result }, effects };
}

function found(world: World, id: number) {
  try {
    return deviceInScope(world, id);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function labelled(world: World, asOf: number): readonly { readonly id: number; readonly labels: readonly string[] }[] {
  const partners = world.fleet.partners.within(world.rootPartner);
  const devices = world.selections.all({ partners, filter: "", orderBy: "", asOf });
  return devices
    .map(({ id, labels }) => ({ id, labels: readLabels(labels) }))
    .filter(({ labels }) => labels.length > 0);
}
