import { enumerateAccountStatistics } from "./statistics.ts";
import { getAccountInfoById, modifyAccount, removeAccount } from "./accounts.ts";
import { ApiError, errorData } from "./api-error.ts";
import type { MethodName } from "./method-names.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import type { Partner } from "./partners.ts";
import { productsFor } from "./products.ts";
import { assertInScope } from "./scope.ts";
import type { Done, Method, World } from "./world.ts";

/**
 * Run one method.
 * @throws ApiError when the service refuses.
 */
export function runMethod(name: MethodName, ...[world, params, bend]: Parameters<Method>): Done {
  const { run, params: known } = methods[name];
  if (world.strictParams) new Params(params).refuseUnknown(known);
  return run(world, params, bend);
}

/** Every method with the parameters it knows. */
const methods: Readonly<Record<MethodName, { readonly run: Method; readonly params: readonly string[] }>> = {
  Login: { run: login, params: ["partner", "username", "password"] },
  EnumerateAccountStatistics: { run: enumerateAccountStatistics, params: ["query"] },
  GetAccountInfoById: { run: getAccountInfoById, params: ["accountId"] },
  ModifyAccount: { run: modifyAccount, params: ["accountInfo", "forceRemoveCustomColumnValuesInOldScope"] },
  RemoveAccount: { run: removeAccount, params: ["accountId"] },
  EnumerateProducts: { run: enumerateProducts, params: ["partnerId", "currentPartnerOnly"] },
  EnumeratePartners: { run: enumeratePartners, params: ["parentPartnerId", "fetchRecursively", "fields"] },
};

/** The exact display name of the partner counts: a name in other case is refused like a wrong password. */
function login(world: World, params: Members): Done {
  const { partner, username, password } = world.login;
  if (params.partner !== partner || params.username !== username || params.password !== password) {
    throw new ApiError(errorData.login, "Unknown partner/username or bad password");
  }
  return { result: { result: userInfo(world) } };
}

function userInfo(world: World): object {
  return {
    Id: world.userId,
    PartnerId: world.rootPartner,
    RoleId: 1,
    Name: world.login.username,
    EmailAddress: "demo@example.com",
    FirstName: "Rollcall",
    FullName: "Demo",
    Flags: ["NonInteractive", "AllowApiAuthentication"],
    Title: null,
    PhoneNumber: null,
    FirstLoginTime: world.fleet.epoch,
    LastLoginTime: world.fleet.epoch,
    Password: null,
    TwoFactorAuthenticationStatus: "Disabled",
  };
}

function enumerateProducts(world: World, members: Members): Done {
  const params = new Params(members);
  const partnerId = params.integer("partnerId");
  assertInScope(world, partnerId);
  const ownOnly = params.optionalFlag("currentPartnerOnly") ?? false;
  const offers = productsFor(world.fleet.partners, partnerId, { ownOnly });
  return { result: { result: offers.map(({ id, name, partnerId: owner }) => productInfo(id, name, owner)) } };
}

function productInfo(id: number, name: string, partnerId: number): object {
  return { Id: id, Name: name, PartnerId: partnerId, Features: null };
}

function enumeratePartners(world: World, members: Members): Done {
  const params = new Params(members);
  const parent = params.integer("parentPartnerId");
  assertInScope(world, parent);
  const recursively = params.optionalFlag("fetchRecursively") ?? false;
  const fields = new Set(params.integers("fields"));
  const partners = world.fleet.partners.below(parent, { recursively });
  return { result: { result: partners.map((partner) => partnerInfo(partner, fields)) } };
}

/** `Id` and `ParentId` always; the rest only when its number was asked for. */
function partnerInfo(partner: Partner, fields: ReadonlySet<number>): object {
  return {
    Id: partner.id,
    ParentId: partner.parentId,
    ...(fields.has(0) ? { Name: partner.name } : {}),
    ...(fields.has(1) ? { Level: partner.level } : {}),
    ...(fields.has(3) ? { ChildServiceTypes: null } : {}),
    ...(fields.has(4) ? { ServiceType: "AllInclusive" } : {}),
    ...(fields.has(5) ? { State: "InProduction" } : {}),
  };
}
