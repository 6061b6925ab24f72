import { ApiError, errorData, notFoundError, securityError } from "./api-error.ts";
import { customColumnsFor, findCustomColumn, readCustomValues, writeCustomValues } from "./custom-columns.ts";
import type { Device } from "./device.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { listInstant, singleInstant, wholeList } from "./reads.ts";
import { assertInScope, deviceInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumerateCustomColumns: those that a partner may use, its own and inherited ones. */
export function enumerateCustomColumns(world: World, members: Members, bend: Bend): Done {
  const partnerId = new Params(members).integer("partnerId");
  assertInScope(world, partnerId);
  const columns = customColumnsFor(world.fleet.partners, partnerId);
  const rows = columns.map((column) => ({
    Id: column.id,
    PartnerId: column.partnerId,
    ValueType: "String",
    Name: column.name,
  }));
  return wholeList(rows, listInstant(world, bend), bend);
}

/** GetAccountCustomColumnValues: the columns that are filled in, as pairs. */
export function getAccountCustomColumnValues(world: World, members: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const device = deviceInScope(world, new Params(members).integer("accountId"), asOf);
  const pairs = [...readCustomValues(device.customColumns)];
  return { result: { result: pairs.length === 0 ? null : pairs }, asOf };
}

/** UpdateAccountCustomColumnValues: sets the columns that are sent; "" empties one. All of them or none. */
export function updateAccountCustomColumnValues(world: World, members: Members): Done {
  const params = new Params(members);
  const device = deviceInScope(world, params.integer("accountId"));
  const sent = params.numberedTexts("values");
  for (const [id] of sent) assertUsable(world, device, id);
  const values = new Map([...readCustomValues(device.customColumns), ...sent]);
  const effect = world.devices.change(device.id, { customColumns: writeCustomValues(values) });
  if (effect === undefined) throw notFoundError("Account", device.id);
  return { result: null, effect };
}

/**
 * What is left of a device's custom columns at another partner: those whose owner is above it there.
 * @throws ApiError when values would be lost and the request does not say that they may be.
 */
export function customColumnsAfterMove(
  world: World,
  device: Device,
  { partnerId, mayLose }: { partnerId: number; mayLose: boolean },
): string {
  const values = [...readCustomValues(device.customColumns)];
  const kept = values.filter(([id]) => isUsable(world, partnerId, id));
  if (kept.length < values.length && !mayLose) {
    throw new ApiError(errorData.customColumnValueLoss, `Account '${device.id}' would lose values of custom columns`);
  }
  return writeCustomValues(new Map(kept));
}

function assertUsable(world: World, { partnerId }: Device, id: number): void {
  if (findCustomColumn(world.fleet.partners, id) === undefined) throw notFoundError("Custom column", id);
  if (!isUsable(world, partnerId, id)) throw securityError();
}

function isUsable(world: World, partnerId: number, id: number): boolean {
  const column = findCustomColumn(world.fleet.partners, id);
  return column !== undefined && world.fleet.partners.isWithin(partnerId, column.partnerId);
}
