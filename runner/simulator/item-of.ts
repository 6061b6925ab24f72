import { accountNamed } from "./accounts.ts";
import { isMembers } from "./params.ts";
import type { Members } from "./params.ts";
import type { World } from "./world.ts";

/**
 * The device, partner, user or profile a request is about, as far as its parameters say; no two of them have the same
 * id; of a call about several devices, all of them. A list can be about one device, when its filter says so. Undefined for anything else.
 */
export function itemOf(world: World, method: string, params: Members): number | readonly number[] | undefined {
  const { accountIdCollection: several } = params;
  if (Array.isArray(several)) return several.filter((id): id is number => typeof id === "number");
  const info = infoMembers.map((name) => params[name]).find(isMembers);
  const named = partnerMethods.has(method) ? params.partnerId : undefined;
  for (const id of [params.accountId, params.userId, params.accountProfileId, named, info?.Id]) {
    if (typeof id === "number") return id;
  }
  if (typeof params.account === "string") return accountNamed(world, params.account);
  if (method === "GetPartnerInfo" && typeof params.name === "string") return world.partners.idNamed(params.name);
  if (method === "ModifyAccount" && typeof info?.Name === "string") return accountNamed(world, info.Name);
  return isMembers(params.query) ? deviceListed(params.query.Filter) : undefined;
}

const infoMembers = ["accountInfo", "partnerInfo", "userInfo", "accountProfileInfo"];

/** Where `partnerId` names what the request is about; elsewhere it is the scope of a list. */
const partnerMethods: ReadonlySet<string> = new Set(["GetPartnerInfoById", "ChangePartnerState"]);

function deviceListed(filter: unknown): number | undefined {
  const single = typeof filter === "string" ? /^\s*(?:AU|I0)\s*==\s*(\d+)\s*$/.exec(filter) : null;
  return single === null ? undefined : Number(single[1]);
}
