import { notFoundError, securityError } from "./api-error.ts";
import type { Device } from "./device.ts";
import type { PartnerView } from "./partner-records.ts";
import type { UserView } from "./users.ts";
import type { World } from "./world.ts";

/** @throws ApiError 13501 unless the partner is that of the login or below it; one that does not exist is outside too. */
export function assertInScope(world: World, partnerId: number): void {
  if (!world.fleet.partners.isWithin(partnerId, world.rootPartner)) throw securityError();
}

/**
 * The device as it was at `asOf`.
 * @throws ApiError when it does not exist, or 13501 when it is out of scope.
 */
export function deviceInScope(world: World, id: number, asOf = Infinity): Device {
  const device = world.devices.get(id, asOf);
  if (device === undefined) throw notFoundError("Account", id);
  assertInScope(world, device.partnerId);
  return device;
}

/**
 * The partner as it was at `asOf`.
 * @throws ApiError 13501 when it is out of scope, or does not exist.
 */
export function partnerInScope(world: World, id: number, asOf = Infinity): PartnerView {
  assertInScope(world, id);
  const partner = world.partners.get(id, asOf);
  if (partner === undefined) throw notFoundError("Partner", id);
  return partner;
}

/**
 * The user as it was at `asOf`.
 * @throws ApiError when it does not exist, or 13501 when it is out of scope.
 */
export function userInScope(world: World, id: number, asOf = Infinity): UserView {
  const user = world.users.get(id, asOf);
  if (user === undefined) throw notFoundError("User", id);
  assertInScope(world, user.partnerId);
  return user;
}
