import { ApiError, argumentError, errorData, notFoundError } from "./api-error.ts";
import { Params } from "./params.ts";
import type { Members } from "./params.ts";
import { company, partnerInfo, partnerInfoWith } from "./partner-info.ts";
import type { PartnerValues, PartnerView } from "./partner-records.ts";
import { listInstant, singleInstant, wholeList } from "./reads.ts";
import { assertInScope, partnerInScope } from "./scope.ts";
import { partnerActions, partnerFlags, partnerMailingOptions, partnerServiceTypes, partnerStates } from "./words.ts";
import type { Bend, Done, World } from "./world.ts";

/** EnumeratePartners: the partners below one, in one piece; never that one itself. */
export function enumeratePartners(world: World, members: Members, bend: Bend): Done {
  const params = new Params(members);
  const parent = params.integer("parentPartnerId");
  assertInScope(world, parent);
  const recursively = params.optionalFlag("fetchRecursively") ?? false;
  const fields = new Set(params.integers("fields"));
  const asOf = listInstant(world, bend);
  const partners = world.fleet.partners.below(parent, { recursively });
  const views = partners.flatMap(({ id }) => world.partners.get(id, asOf) ?? []);
  return wholeList(
    views.map((view) => partnerInfoWith(fields, view)),
    asOf,
    bend,
  );
}

/** EnumerateAncestorPartners: from the parent upwards, as far as the login can see. */
export function enumerateAncestorPartners(world: World, members: Members, bend: Bend): Done {
  const { partners } = world.fleet;
  const asOf = listInstant(world, bend);
  const ancestors: PartnerView[] = [];
  let above = partnerInScope(world, new Params(members).integer("partnerId"), asOf).parentId;
  while (partners.isWithin(above, world.rootPartner)) {
    const view = partnerInScope(world, above, asOf);
    ancestors.push(view);
    above = view.parentId;
  }
  return wholeList(ancestors.map(partnerInfo), asOf, bend);
}

/** GetPartnerInfoById: one partner, whole. */
export function getPartnerInfoById(world: World, members: Members, bend: Bend): Done {
  const asOf = singleInstant(world, bend);
  const partner = partnerInScope(world, new Params(members).integer("partnerId"), asOf);
  return { result: { result: partnerInfo(partner) }, asOf };
}

/** GetPartnerInfo: the same by name, exact in case. */
export function getPartnerInfo(world: World, members: Members, bend: Bend): Done {
  const name = new Params(members).text("name");
  const id = world.partners.idNamed(name);
  if (id === undefined) throw notFoundError("Partner", name);
  return getPartnerInfoById(world, { partnerId: id }, bend);
}

/** ModifyPartner: sets what is sent and leaves the rest. Answers null, and says nothing of what it did. */
export function modifyPartner(world: World, members: Members): Done {
  const info = new Params(members).members("partnerInfo");
  const partner = partnerInScope(world, info.integer("Id"));
  const current = partnerInfo(partner);
  if (world.strictParams) info.refuseUnknown(Object.keys(current));
  info.refuseChanged(fixedMembers(current), current);
  const values = readChange(info, partner);
  if (values.name !== undefined) assertNameIsFree(world, partner, values.name);
  return changed(world, partner, { values, result: null });
}

/** ChangePartnerState: answers with the new state. Which action fits which state nobody has published: here, all do. */
export function changePartnerState(world: World, members: Members): Done {
  const params = new Params(members);
  const partner = partnerInScope(world, params.integer("partnerId"));
  const state = partnerActions.get(params.text("action"));
  if (state === undefined) throw argumentError(`action isn't one of ${[...partnerActions.keys()].join(", ")}`);
  params.text("reason");
  const result = { result: state };
  if (state !== "InTrial") return changed(world, partner, { values: { state }, result });
  const now = Math.floor((Date.now() + world.clockOffsetMs) / 1000);
  const trial = { trialRegistrationTime: now, trialExpirationTime: now + trialSeconds };
  return changed(world, partner, { values: { state, ...trial }, result });
}

const trialSeconds = 30 * 86_400;

const settable: ReadonlySet<string> = new Set([
  "Name",
  "State",
  "ServiceType",
  "ChildServiceTypes",
  "LocationId",
  "Flags",
  "ExternalCode",
  "MailFrom",
  "MailingOption",
  "DeviceCountry",
  "Company",
]);

/** All that may only be sent as it is: a customer keeps its place in the tree, too. */
function fixedMembers(current: Members): string[] {
  return Object.keys(current).filter((name) => !settable.has(name));
}

function readChange(info: Params, partner: PartnerView): Partial<PartnerValues> {
  const name = info.optionalText("Name");
  if (name === "") throw argumentError("partnerInfo.Name can't be empty");
  const ofCompany = info.optionalMembers("Company");
  const current = company(partner);
  const kept = ["LegalCompanyName", "PhoneNumber"];
  ofCompany?.refuseChanged(
    Object.keys(current).filter((member) => !kept.includes(member)),
    current,
  );
  const values = {
    name,
    state: info.optionalWord("State", partnerStates),
    serviceType: info.optionalWord("ServiceType", partnerServiceTypes),
    childServiceTypes: info.optionalWords("ChildServiceTypes", partnerServiceTypes),
    locationId: info.optionalInteger("LocationId"),
    flags: info.optionalWords("Flags", partnerFlags),
    externalCode: info.optionalText("ExternalCode"),
    mailFrom: info.optionalText("MailFrom"),
    mailingOption: info.optionalWord("MailingOption", partnerMailingOptions),
    deviceCountry: info.optionalText("DeviceCountry"),
    legalCompanyName: ofCompany?.optionalText("LegalCompanyName"),
    phoneNumber: ofCompany?.optionalText("PhoneNumber"),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function assertNameIsFree(world: World, { id }: PartnerView, name: string): void {
  const owner = world.partners.idNamed(name);
  if (owner === undefined || owner === id) return;
  throw new ApiError(errorData.partnerNameTaken, `Partner with name '${name}' already exists`);
}

function changed(
  world: World,
  { id }: PartnerView,
  { values, result }: { values: Partial<PartnerValues>; result: Done["result"] },
): Done {
  const effect = world.partners.change(id, values);
  if (effect === undefined) throw notFoundError("Partner", id);
  return { result, effect };
}
