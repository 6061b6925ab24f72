import { notFoundError, securityError } from "./api-error.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import type { ProfileView } from "./profiles.ts";
import { listInstant, singleInstant, wholeList } from "./reads.ts";
import { assertInScope } from "./scope.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumerateAccountProfiles: those that a partner may use, its own and those of the partners above it. */
export function enumerateAccountProfiles(world: World, members: Members, bend: Bend): Done {
  const partnerId = new Params(members).integer("partnerId");
  assertInScope(world, partnerId);
  const asOf = listInstant(world, bend);
  const usable = world.profiles.all(asOf).filter((one) => world.fleet.partners.isWithin(partnerId, one.partnerId));
  return wholeList(usable.map(profileInfo), asOf, bend);
}

/** GetAccountProfileInfo: one profile, whole. */
export function getAccountProfileInfo(world: World, members: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const profile = profileInScope(world, new Params(members).integer("accountProfileId"), asOf);
  return { result: { result: profileInfo(profile) }, asOf };
}

/**
 * ModifyAccountProfile: takes the whole profile and counts its version up. Whether the service looks at the version
 * that is sent nobody has published: here it does not, so the last writer wins.
 */
export function modifyAccountProfile(world: World, members: Members): Done {
  const info = new Params(members).members("accountProfileInfo");
  const profile = profileInScope(world, info.integer("Id"));
  const current = profileInfo(profile);
  if (world.strictParams) info.refuseUnknown(Object.keys(current));
  info.refuseChanged(["PartnerId", "Name"], current);
  const effect = world.profiles.change(profile.id, info.raw("ProfileData"));
  if (effect === undefined) throw notFoundError("Account profile", profile.id);
  return { result: null, effect };
}

function profileInScope(world: World, id: number, asOf = Infinity): ProfileView {
  const profile = world.profiles.get(id, asOf);
  if (profile === undefined) throw notFoundError("Account profile", id);
  const { partners } = world.fleet;
  const inherited = partners.isWithin(world.rootPartner, profile.partnerId);
  if (!inherited && !partners.isWithin(profile.partnerId, world.rootPartner)) throw securityError();
  return profile;
}

function profileInfo(profile: ProfileView): Members & { readonly Id: number } {
  return {
    Id: profile.id,
    PartnerId: profile.partnerId,
    Name: profile.name,
    ProfileData: profile.profileData,
    Version: profile.version,
  };
}
