import type { Effect } from "./devices.ts";
import { foreignPartnerId, rootPartnerId } from "./partners.ts";
import type { Partner, PartnerTree } from "./partners.ts";
import { fraction, pick } from "./random.ts";
import { Records } from "./records.ts";

/** What can be changed about a partner. Times in Unix seconds, 0 meaning not set; "" and [] mean not set as well. */
export interface PartnerValues {
  readonly name: string;
  readonly state: string;
  readonly serviceType: string;
  readonly childServiceTypes: readonly string[];
  readonly locationId: number;
  readonly flags: readonly string[];
  readonly externalCode: string;
  readonly mailFrom: string;
  readonly mailingOption: string;
  readonly deviceCountry: string;
  readonly legalCompanyName: string;
  readonly phoneNumber: string;
  readonly trialRegistrationTime: number;
  readonly trialExpirationTime: number;
}

/** One partner at one instant. */
export interface PartnerView extends PartnerValues {
  readonly id: number;
  readonly parentId: number;
  readonly level: Partner["level"];
  readonly creationTime: number;
}

/** Every key of `PartnerValues`, with the type of its value. */
export const partnerValueTypes = {
  name: "string",
  state: "string",
  serviceType: "string",
  childServiceTypes: "texts",
  locationId: "number",
  flags: "texts",
  externalCode: "string",
  mailFrom: "string",
  mailingOption: "string",
  deviceCountry: "string",
  legalCompanyName: "string",
  phoneNumber: "string",
  trialRegistrationTime: "number",
  trialExpirationTime: "number",
} as const satisfies Record<keyof PartnerValues, "number" | "string" | "texts">;

/**
 * The partners and all that was ever changed about them. The shape of the tree stays as it is. Of the end customers,
 * about one in five is in trial (half of those have a trial that ended), one in twenty has expired, the rest is in
 * production; two in three have an external code.
 */
export class PartnerRecords {
  readonly #tree: PartnerTree;
  readonly #records: Records<PartnerValues>;
  readonly #creationTime: (partner: Partner) => number;

  constructor(tree: PartnerTree, { seed, epoch }: { readonly seed: number; readonly epoch: number }) {
    this.#tree = tree;
    this.#records = new Records(tree.all().map((partner) => [partner.id, valuesAtBirth(partner, { seed, epoch })]));
    this.#creationTime = ({ id }) => epoch - (400 + pick(seed, id, { salt: 80, count: 1500 })) * day;
  }

  /** The partner as it was at `asOf` (ms since boot; now when left out). Undefined: no such partner. */
  get(id: number, asOf = Infinity): PartnerView | undefined {
    const [partner, values] = [this.#tree.get(id), this.#records.get(id, asOf)];
    if (partner === undefined || values === undefined) return undefined;
    const { parentId, level } = partner;
    return { id, parentId, level, creationTime: this.#creationTime(partner), ...values };
  }

  /** Undefined: nobody has this name, exact in case, now. */
  idNamed(name: string): number | undefined {
    return this.#records.all().find(([, values]) => values.name === name)?.[0];
  }

  /** Set some values; the others stay. Device lists show a new name at once. Undefined: no such partner. */
  change(id: number, values: Partial<PartnerValues>): Effect | undefined {
    const partner = this.#tree.get(id);
    if (partner !== undefined && values.name !== undefined) this.#tree.rename(partner, values.name);
    return this.#records.change(id, values);
  }
}

const day = 86_400;

function valuesAtBirth(partner: Partner, { seed, epoch }: { seed: number; epoch: number }): PartnerValues {
  const { id, name } = partner;
  const isCustomer = partner.level === "EndCustomer" && id !== foreignPartnerId;
  const share = isCustomer ? fraction(seed, id, 81) : 1;
  const state = share < 0.2 ? "InTrial" : share < 0.25 ? "Expired" : "InProduction";
  const trialEnd = epoch + (pick(seed, id, { salt: 82, count: 60 }) - 30) * day;
  const hasTrial = state !== "InProduction";
  return {
    name,
    state,
    serviceType: "AllInclusive",
    childServiceTypes: id === rootPartnerId ? ["AllInclusive", "SoftwareOnly"] : [],
    locationId: 1 + pick(seed, id, { salt: 83, count: 4 }),
    flags: isCustomer && fraction(seed, id, 84) < 0.1 ? ["UnsubscribedFromTrialNotifications"] : [],
    externalCode: isCustomer && fraction(seed, id, 85) < 2 / 3 ? `PSA-${id}` : "",
    mailFrom: "",
    mailingOption: "IncludeAll",
    deviceCountry: "",
    legalCompanyName: isCustomer ? `${name} Ltd` : "",
    phoneNumber: "",
    trialRegistrationTime: hasTrial ? trialEnd - 30 * day : 0,
    trialExpirationTime: hasTrial ? trialEnd : 0,
  };
}
