import { argumentError, ApiError, errorData, notFoundError } from "./api-error.ts";
import { upNow } from "./clock.ts";
import { devicePassword } from "./columns.ts";
import type { Device } from "./device.ts";
import type { DeviceValues } from "./fleet.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { findProduct, findProfile } from "./products.ts";
import type { Offer } from "./products.ts";
import { hash } from "./random.ts";
import { assertInScope, deviceInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/** GetAccountInfoById: one device as it was `byIdLagMs` ago, and the storage node it lives on. */
export function getAccountInfoById(world: World, params: Members, bend: Bend): Done {
  const asOf = upNow() - world.byIdLagMs - (bend.staleMs ?? 0);
  const device = deviceInScope(world, new Params(params).integer("accountId"), asOf);
  return { result: { result: accountInfo(device), homeNodeInfo: homeNodeInfo(device) }, asOf };
}

/** ModifyAccount: sets what is sent and leaves the rest. Answers null, and says nothing of what it did. */
export function modifyAccount(world: World, params: Members): Done {
  const info = new Params(params).members("accountInfo");
  if (world.strictParams) info.refuseUnknown(accountMembers);
  const device = findAccount(world, info);
  const values = readChange(info);
  assertAllowed(world, device, values);
  const effect = world.devices.change(device.id, values);
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

/**
 * The device a request is about, as far as its parameters say: `accountId`, `accountInfo.Id` or `.Name`, or a list
 * narrowed to one id. Undefined for anything else.
 */
export function itemOf(world: World, params: Members): number | undefined {
  const { accountId, accountInfo: info, query } = params as Record<string, Members | undefined>;
  if (typeof accountId === "number") return accountId;
  if (typeof info?.Id === "number") return info.Id;
  if (typeof info?.Name === "string") return idNamed(world, info.Name);
  const single = typeof query?.Filter === "string" ? /^\s*(?:AU|I0)\s*==\s*(\d+)\s*$/.exec(query.Filter) : null;
  return single === null ? undefined : Number(single[1]);
}

function accountInfo(device: Device): object {
  return {
    Id: device.id,
    Name: device.name,
    NameAlias: device.nameAlias || null,
    Password: devicePassword(device),
    Token: `tk-${hash(device.fleet.seed, device.place, 31).toString(16)}${hash(device.fleet.seed, device.place, 32).toString(16)}`,
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

function homeNodeInfo(device: Device): object {
  const host = `us-xx-0000-${String(device.locationId).padStart(2, "0")}.cloudbackup.invalid`;
  return {
    Id: 700 + device.locationId,
    LocationId: device.locationId,
    CommonInfo: { Name: host, Host: `${host}:443` },
  };
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
  const id = info.optionalInteger("Id") ?? (name === undefined ? undefined : idNamed(world, name));
  if (id === undefined && name !== undefined) throw notFoundError("Account", name);
  if (id === undefined) throw argumentError("accountInfo.Id or accountInfo.Name is missing");
  const device = deviceInScope(world, id);
  if (name !== undefined && name !== device.name) throw argumentError("accountInfo.Name can't be changed");
  return device;
}

function idNamed(world: World, name: string): number | undefined {
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
