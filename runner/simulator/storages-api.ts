import { rootPartnerId } from "./partners.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { listInstant, wholeList } from "./reads.ts";
import { assertInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

const locations: readonly (readonly [id: number, name: string])[] = [
  [1, "Amsterdam"],
  [2, "Boston"],
  [3, "Sydney"],
  [4, "Frankfurt"],
];

/** EnumerateLocations: it takes no params, and may come without any. */
export function enumerateLocations(world: World, _members: Members, bend: Bend): Done {
  const rows = locations.map(([id, name]) => ({ Id: id, Name: name, Flags: null }));
  return wholeList(rows, listInstant(world, bend), bend);
}

/** EnumerateStorages: one storage of the login's partner at each location, usable by all below it. */
export function enumerateStorages(world: World, members: Members, bend: Bend): Done {
  assertInScope(world, new Params(members).integer("partnerId"));
  const rows = locations.map(([id, name]) => ({
    Id: 500 + id,
    Name: `${name} storage`,
    PartnerId: rootPartnerId,
    LocationId: id,
    NodeFullTrigger: "",
    NodeEmptierTrigger: "",
  }));
  return wholeList(rows, listInstant(world, bend), bend);
}
