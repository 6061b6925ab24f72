import { pick } from "./random.ts";

/** One customer in the tree, in the service's own words for level and state. */
export interface Partner {
  readonly id: number;
  readonly parentId: number;
  readonly name: string;
  readonly level: "Distributor" | "Reseller" | "EndCustomer" | "Site";
}

/** The partner of the login: a reseller, and the root of all that it may see. */
export const rootPartnerId = 4001;
/** The distributor above the login, out of its sight. */
const distributorId = 4000;
/** Another reseller's customer, out of sight as well: for tests of 13501. It has no devices. */
export const foreignPartnerId = 9011;

/**
 * The tree: distributor 4000 > reseller 4001 (the login) > end customers 5010, 5020, … > up to three sites each
 * (5011, 5012, 5013); beside it reseller 9001 with customer 9011, which the login may not see.
 */
export class PartnerTree {
  readonly #byId = new Map<number, Partner>();
  /** The shape of the tree never changes, and every page of a list asks. */
  readonly #within = new Map<number, ReadonlySet<number>>();
  #renames = 0;
  /** Customers and sites below the login: where devices live. */
  readonly homes: readonly number[];

  constructor(rootName: string, { seed, customers }: { seed: number; customers: number }) {
    const below = Array.from({ length: customers }, (_, index) => customerWithSites(seed, index)).flat();
    const around: Partner[] = [
      { id: distributorId, parentId: 0, name: "Demo Distribution", level: "Distributor" },
      { id: rootPartnerId, parentId: distributorId, name: rootName, level: "Reseller" },
      { id: 9001, parentId: distributorId, name: "Elsewhere Computing", level: "Reseller" },
      { id: foreignPartnerId, parentId: 9001, name: "Somebody Else", level: "EndCustomer" },
    ];
    for (const partner of [...around, ...below]) this.#byId.set(partner.id, partner);
    this.homes = below.map((partner) => partner.id);
  }

  /** Undefined: no such partner anywhere. */
  get(id: number): Partner | undefined {
    return this.#byId.get(id);
  }

  /** Is `id` the partner `ancestor` itself, or somewhere below it? */
  isWithin(id: number, ancestor: number): boolean {
    for (let partner = this.#byId.get(id); partner !== undefined; partner = this.#byId.get(partner.parentId)) {
      if (partner.id === ancestor) return true;
    }
    return false;
  }

  /** `ancestor` and all below it. */
  within(ancestor: number): ReadonlySet<number> {
    const known = this.#within.get(ancestor);
    if (known !== undefined) return known;
    const partners = new Set([...this.#byId.keys()].filter((id) => this.isWithin(id, ancestor)));
    this.#within.set(ancestor, partners);
    return partners;
  }

  /** Every partner there is, in sight of the login or not. */
  all(): Partner[] {
    return [...this.#byId.values()];
  }

  /** Counts up with every new name: lists show names. */
  get renames(): number {
    return this.#renames;
  }

  /** A new name for a partner that exists. */
  rename(partner: Partner, name: string): void {
    this.#byId.set(partner.id, { ...partner, name });
    this.#renames += 1;
  }

  /** Children of `parent`, or its whole subtree; never `parent` itself. By id. */
  below(parent: number, { recursively }: { recursively: boolean }): Partner[] {
    return [...this.#byId.values()]
      .filter((partner) => partner.parentId === parent || (recursively && partner.id !== parent))
      .filter((partner) => this.isWithin(partner.id, parent))
      .sort((a, b) => a.id - b.id);
  }
}

const firstWords = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Juniper", "Larch", "Maple"];
const lastWords = ["Dental", "Legal", "Logistics", "Bakery", "Architects", "Clinic", "Motors", "Press", "Studios"];
const sites = ["Head Office", "Warehouse", "Branch"];

function customerWithSites(seed: number, index: number): Partner[] {
  const id = 5010 + 10 * (index < 399 ? index : index + 2); // 9000 to 9019 belong to others
  const first = firstWords[pick(seed, index, { salt: 1, count: firstWords.length })] ?? "";
  const last = lastWords[pick(seed, index, { salt: 2, count: lastWords.length })] ?? "";
  const name = `${first} ${last} ${id}`;
  const customer: Partner = { id, parentId: rootPartnerId, name, level: "EndCustomer" };
  const own = sites.slice(0, pick(seed, index, { salt: 3, count: sites.length + 1 }));
  return [
    customer,
    ...own.map((site, place): Partner => ({
      id: id + place + 1,
      parentId: id,
      name: `${name}, ${site}`,
      level: "Site",
    })),
  ];
}
