import { rootPartnerId } from "./partners.ts";
import type { PartnerTree } from "./partners.ts";

/** A retention product, or a backup profile: usable by its owner and by every partner below it. */
export interface Offer {
  readonly id: number;
  readonly name: string;
  readonly partnerId: number;
}

/** Products of the login's partner, usable by all its customers. Customer 5010 also owns product 15010, and so on. */
export const products = {
  allIn: 1,
  documents: 2,
  workstations90Days: 3,
  workstations1Year: 4,
  servers30Days: 5,
  servers1Year: 6,
  microsoft365: 7,
} as const;

/** Backup profiles of the login's partner. */
export const profiles = { workstations: 11, servers: 12, documents: 13, nightly: 14 } as const;

/** Backup profiles that customers have of their own: one of 5010, and one of 5020 with a LocalSpeedVault behind a password. */
export const ownProfiles = { frontOffice: 25_010, vault: 25_020 } as const;

/** The id of the product that one customer owns alone. */
export function ownProductOf(customerId: number): number {
  return 10_000 + customerId;
}

/** Undefined: no such product. */
export function findProduct(partners: PartnerTree, id: number): Offer | undefined {
  const name = productNames.get(id);
  if (name !== undefined) return { id, name, partnerId: rootPartnerId };
  const owner = partners.get(id - 10_000);
  if (owner?.level !== "EndCustomer" || owner.parentId !== rootPartnerId) return undefined;
  return { id, name: `Special for ${owner.name}`, partnerId: owner.id };
}

/** Undefined: no such profile. */
export function findProfile(id: number): Offer | undefined {
  return profileOffers.get(id);
}

/** Products that `partnerId` may use: its own and those of the partners above it, or only its own. */
export function productsFor(partners: PartnerTree, partnerId: number, { ownOnly }: { ownOnly: boolean }): Offer[] {
  return [...productNames.keys(), ...partners.homes.map(ownProductOf)]
    .map((id) => findProduct(partners, id))
    .filter((offer) => offer !== undefined)
    .filter((offer) => (ownOnly ? offer.partnerId === partnerId : partners.isWithin(partnerId, offer.partnerId)));
}

const productNames = new Map<number, string>([
  [products.allIn, "All-In"],
  [products.documents, "Documents"],
  [products.workstations90Days, "Workstations 90 days"],
  [products.workstations1Year, "Workstations 1 year"],
  [products.servers30Days, "Servers 30 days"],
  [products.servers1Year, "Servers 1 year"],
  [products.microsoft365, "Microsoft 365"],
]);

const profileOffers: ReadonlyMap<number, Offer> = new Map(
  [
    { id: profiles.workstations, name: "Workstations", partnerId: rootPartnerId },
    { id: profiles.servers, name: "Servers", partnerId: rootPartnerId },
    { id: profiles.documents, name: "Documents", partnerId: rootPartnerId },
    { id: profiles.nightly, name: "Nightly", partnerId: rootPartnerId },
    { id: ownProfiles.frontOffice, name: "Front office", partnerId: 5010 },
    { id: ownProfiles.vault, name: "With vault", partnerId: 5020 },
  ].map((offer) => [offer.id, offer]),
);
