import { accountNamed } from "./accounts.ts";
import { notFoundError } from "./api-error.ts";
import type { Device } from "./device.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import type { World } from "./world.ts";

/** Does a request show the name and the token of one device, and its id where it says one? */
export function isLetIn(world: World, { account, accountId, token }: Members): boolean {
  const device = typeof account === "string" ? deviceNamed(world, account) : undefined;
  if (device === undefined || world.tokens.of(device) !== token) return false;
  return accountId === undefined || accountId === device.id;
}

/** The device that a request was let in for. @throws ApiError when it has gone meanwhile. */
export function ownDevice(world: World, params: Members): Device {
  const name = new Params(params).text("account");
  const device = deviceNamed(world, name);
  if (device === undefined) throw notFoundError("Account", name);
  return device;
}

function deviceNamed(world: World, name: string): Device | undefined {
  const id = accountNamed(world, name);
  return id === undefined ? undefined : world.devices.get(id);
}
