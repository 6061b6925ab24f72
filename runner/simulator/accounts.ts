import { argumentError, ApiError, errorData, notFoundError } from "./api-error.ts";
import { devicePassword } from "./columns.ts";
import { upNow } from "./clock.ts";
import { customColumnsAfterMove } from "./custom-columns-api.ts";
import type { Device } from "./device.ts";
import type { DeviceValues } from "./fleet.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { findProduct, findProfile } from "./products.ts";
import type { Offer } from "./products.ts";
import { listInstant, singleInstant, wholeList } from "./reads.ts";
import { assertInScope, deviceInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/**
 * EnumerateAccounts: every device of a partner, in one piece. Whether the service looks below that partner nobody has
 * published: here it does, as its other list of devices does.
 */
export function enumerateAccounts(world: World, params: Members, bend: Bend): Done {
  const partnerId = new Params(params).integer("partnerId");
  assertInScope(world, partnerId);
  const asOf = listInstant(world, bend);
  const partners = world.fleet.partners.within(partnerId);
  const devices = world.selections.all({ partners, filter: "", orderBy: "", asOf });
  return wholeList(
    devices.map((device) => accountInfo(world, device)),
    asOf,
    bend,
  );
}

/** GetAccountInfoById: one device as it was `byIdLagMs` ago, and the storage node it lives on. */
export function getAccountInfoById(world: World, params: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const device = deviceInScope(world, new Params(params).integer("accountId"), asOf);
  const host = bend.nodeHost ?? world.nodeHost;
  return { result: { result: accountInfo(world, device), homeNodeInfo: homeNodeInfo(device, host) }, asOf };
}

/** GetAccountInfoByIdWithRemoved: the same for a device that was removed, which then has a time of removal. */
export function getAccountInfoByIdWithRemoved(world: World, params: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const id = new Params(params).integer("accountId");
  const last = world.devices.lastOf(id, asOf);
  if (last === undefined) throw notFoundError("Account", id);
  assertInScope(world, last.device.partnerId);
  // Removals are told in Unix seconds, and 0 is none.
  const removed = last.removedUp === undefined ? 0 : Math.floor((Date.now() - upNow() + last.removedUp) / 1000);
  return { result: { result: { ...accountInfo(world, last.device), RemovalTime: removed } }, asOf };
}

/** ModifyAccount: sets what is sent and leaves the rest. Answers null, and says nothing of what it did. */
export function modifyAccount(world: World, params: Members): Done {
  const sent = new Params(params);
  const info = sent.members("accountInfo");
  if (world.strictParams) info.refuseUnknown(accountMembers);
  const device = findAccount(world, info);
  const values = readChange(info);
  assertAllowed(world, device, values);
  const mayLose = sent.optionalFlag("forceRemoveCustomColumnValuesInOldScope") ?? false;
  const effect = world.devices.change(device.id, { ...values, ...lossOf(world, device, { ...values, mayLose }) });
  if (effect === undefined) throw notFoundError("Account", device.id);
  return { result: null, effect };
}

/** RemoveAccount: the device and its data are gone for good. */
export function removeAccount(world: World, params: Members): Done {
  const device = deviceInScope(world, new Params(params).integer("accountId"));
  const effect = world.devices.remove(device.id);
  if (effect === undefined) throw notFoundError("Account", device.id);
  return { result: null, effect };
}

function accountInfo(world: World, device: Device): Members & { readonly Id: number } {
  return {
    Id: device.id,
    Name: device.name,
    NameAlias: device.nameAlias || null,
    Password: devicePassword(device),
    Token: world.tokens.of(device),
    Type: ["Undefined", "BackupManager", "Office365"][device.accountType] ?? "Undefined",
    PartnerId: device.partnerId,
    ProductId: device.productId,
    LocationId: device.locationId,
    CreationTime: device.creationTime,
    ExpirationTime: device.expirationTime,
    Flags: null,
    Features: null,
    StorageLocationId: device.storageLocationId,
    RemovalTime: 0,
    AccountGroupId: null,
    OwnUserId: null,
    StorageId: 500 + device.locationId,
    ProfileId: device.profileId || null,
    OverrideVirtual: "Default",
    ContinuityEnabled: "Disabled",
  };
}

/** All devices live on the one node there is, whatever their location. */
function homeNodeInfo(device: Device, host: string): object {
  const name = `us-xx-0000-${String(device.locationId).padStart(2, "0")}`;
  return { Id: 700 + device.locationId, LocationId: device.locationId, CommonInfo: { Name: name, Host: host } };
}

const accountMembers = [
  "Id",
  "Name",
  "NameAlias",
  "Password",
  "Token",
  "Type",
  "PartnerId",
  "ProductId",
  "LocationId",
  "CreationTime",
  "ExpirationTime",
  "Flags",
  "Features",
  "StorageLocationId",
  "RemovalTime",
  "AccountGroupId",
  "OwnUserId",
  "StorageId",
  "ProfileId",
  "OverrideVirtual",
  "ContinuityEnabled",
];

function findAccount(world: World, info: Params): Device {
  const name = info.optionalText("Name");
  const id = info.optionalInteger("Id") ?? (name === undefined ? undefined : accountNamed(world, name));
  if (id === undefined && name !== undefined) throw notFoundError("Account", name);
  if (id === undefined) throw argumentError("accountInfo.Id or accountInfo.Name is missing");
  const device = deviceInScope(world, id);
  if (name !== undefined && name !== device.name) throw argumentError("accountInfo.Name can't be changed");
  return device;
}

/** The device that was born with this name, still there or not. */
export function accountNamed(world: World, name: string): number | undefined {
  const place = world.fleet.placeNamed(name);
  return place === undefined ? undefined : world.fleet.idAt(place);
}

function readChange(info: Params): Partial<DeviceValues> {
  if (info.optionalText("Password") !== undefined) throw argumentError("accountInfo.Password can't be changed");
  const nameAlias = info.optionalText("NameAlias");
  if (nameAlias === "") throw argumentError("accountInfo.NameAlias can't be empty");
  const values = {
    partnerId: info.optionalInteger("PartnerId"),
    productId: info.optionalInteger("ProductId"),
    profileId: info.optionalInteger("ProfileId"),
    nameAlias,
    expirationTime: info.optionalInteger("ExpirationTime"),
    locationId: info.optionalInteger("LocationId"),
    storageLocationId: info.optionalInteger("StorageLocationId"),
  };
  const sent = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(sent);
}

/** A move may take custom columns with it; without a move, or when all of them stay, nothing is lost. */
function lossOf(
  world: World,
  device: Device,
  { partnerId, mayLose }: { partnerId?: number; mayLose: boolean },
): Partial<DeviceValues> {
  if (partnerId === undefined) return {};
  const customColumns = customColumnsAfterMove(world, device, { partnerId, mayLose });
  return customColumns === device.customColumns ? {} : { customColumns };
}

/** A device may only go to a partner in scope, and only have a product and a profile which that partner may use. */
function assertAllowed(world: World, device: Device, values: Partial<DeviceValues>): void {
  const { partners } = world.fleet;
  const partnerId = values.partnerId ?? device.partnerId;
  const moves = values.partnerId !== undefined;
  if (moves) assertInScope(world, partnerId);
  const usable = (offer: Offer | undefined) => offer !== undefined && partners.isWithin(partnerId, offer.partnerId);
  const productId = values.productId ?? device.productId;
  if ((moves || values.productId !== undefined) && !usable(findProduct(partners, productId))) {
    throw new ApiError(errorData.productUnavailable, `Product '${productId}' isn't available for '${partnerId}'`);
  }
  if (values.profileId !== undefined && !usable(findProfile(values.profileId))) {
    throw new ApiError(
      errorData.profileUnavailable,
      `Profile '${values.profileId}' isn't available for '${partnerId}'`,
    );
  }
}
