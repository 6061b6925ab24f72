import type { Members } from "./params.ts";
import type { PartnerView } from "./partner-records.ts";
import { hash } from "./random.ts";

/** PartnerInfo, whole, as the answers by id have it. */
export function partnerInfo(partner: PartnerView): Members & { readonly Id: number } {
  return {
    Id: partner.id,
    ParentId: partner.parentId,
    Name: partner.name,
    Level: partner.level,
    ChildServiceTypes: setOf(partner.childServiceTypes),
    ServiceType: partner.serviceType,
    State: partner.state,
    DeviceCountry: partner.deviceCountry || null,
    LocationId: partner.locationId,
    Flags: setOf(partner.flags),
    UpdatePackagesMaxAllowedVersion: null,
    ExternalCode: partner.externalCode,
    Company: company(partner),
    TrialRegistrationTime: partner.trialRegistrationTime,
    TrialExpirationTime: partner.trialExpirationTime,
    MailFrom: partner.mailFrom,
    PrivateFlags: null,
    AdvancedPartnerProperties: null,
    ExternalPartnerProperties: {
      GreatPlainsId: null,
      AdvCode: null,
      LocCode: null,
      SearchTerm: null,
      Properties: null,
    },
    FeaturesRestrictions: null,
    MailingOption: partner.mailingOption,
    RegistrationOrigin: "Domestic",
    CreationTime: partner.creationTime,
    Uid: uid(partner.id),
    TakeoverGuid: null,
    Guid: null,
  };
}

/**
 * PartnerInfo as lists have it: `Id` and `ParentId` always, the rest when its number was asked for. What was not is
 * absent with some partners and null with others.
 */
export function partnerInfoWith(fields: ReadonlySet<number>, partner: PartnerView): Members & { readonly Id: number } {
  const whole = partnerInfo(partner);
  const names = new Set([...fields].flatMap((number) => fieldNames.get(number) ?? []));
  const spellsNull = hash(1, partner.id, 86) % 2 === 0;
  const shown = Object.entries(whole).flatMap(([name, value]): [string, unknown][] => {
    if (names.has(name)) return [[name, value]];
    return spellsNull ? [[name, null]] : [];
  });
  return { ...Object.fromEntries(shown), Id: partner.id, ParentId: partner.parentId };
}

/** Members of Company that the simulator keeps; the others are always empty. */
export function company({ legalCompanyName, phoneNumber }: PartnerView): Members {
  return {
    PostAddress: { Country: null, State: null, District: null, City: null, ZipCode: null, Address: null },
    PhoneNumber: phoneNumber,
    FaxNumber: null,
    WebsiteAddress: null,
    LegalCompanyName: legalCompanyName,
    ChamberOfCommerceNumber: null,
    VatNumber: null,
    BankAccountNumber: null,
    BillingContactPersonId: null,
  };
}

/** What the numbers in `fields` stand for. Others are taken, and stand for nothing that is known. */
const fieldNames: ReadonlyMap<number, readonly string[]> = new Map([
  [0, ["Name"]],
  [1, ["Level"]],
  [3, ["ChildServiceTypes"]],
  [4, ["ServiceType"]],
  [5, ["State"]],
  [8, ["LocationId"]],
  [9, ["Flags"]],
  [10, ["Company"]],
  [18, ["ExternalCode", "MailFrom"]],
  [20, ["CreationTime"]],
]);

/** A set with nothing in it is spelled null. */
function setOf(words: readonly string[]): readonly string[] | null {
  return words.length === 0 ? null : words;
}

function uid(id: number): string {
  const digits = [87, 88, 89].map((salt) => hash(2, id, salt).toString(16).padStart(8, "0")).join("");
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${String(id).padStart(12, "0")}`;
}
