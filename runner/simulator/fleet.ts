import { PartnerTree } from "./partners.ts";
import { ownProductOf, products, profiles } from "./products.ts";
import { fraction, hash, pick } from "./random.ts";

/**
 * What can be changed about a device, by the API or by another editor. Sizes in bytes, times in Unix seconds;
 * 0 and "" mean not set.
 */
export interface DeviceValues {
  readonly partnerId: number;
  readonly productId: number;
  readonly profileId: number;
  readonly nameAlias: string;
  readonly expirationTime: number;
  readonly locationId: number;
  readonly storageLocationId: number;
  /** 1 backup manager, 2 Microsoft 365. */
  readonly accountType: number;
  /** 0 undefined (Microsoft 365), 1 workstation, 2 server. */
  readonly osType: number;
  readonly lastTimestamp: number;
  readonly usedStorage: number;
  /** Values of custom columns as text: pairs such as `[[843,"checked"]]`; "" when there are none. */
  readonly customColumns: string;
  /** Labels as text: a list such as `["blue","old"]`; "" when there are none. */
  readonly labels: string;
  /** Where the dashboard is mailed to; "" when nowhere. */
  readonly mailAddress: string;
  /** Days of the week it is mailed on, as bits; 127 daily, 0 never. */
  readonly mailDays: number;
}

/** Every key of `DeviceValues`, with the type of its value. */
export const valueTypes = {
  partnerId: "number",
  productId: "number",
  profileId: "number",
  nameAlias: "string",
  expirationTime: "number",
  locationId: "number",
  storageLocationId: "number",
  accountType: "number",
  osType: "number",
  lastTimestamp: "number",
  usedStorage: "number",
  customColumns: "string",
  labels: "string",
  mailAddress: "string",
  mailDays: "number",
} as const satisfies Record<keyof DeviceValues, "number" | "string">;

export interface FleetOptions {
  readonly devices: number;
  readonly seed: number;
  readonly rootName: string;
  /** Unix seconds: the "today" that times of devices are counted back from. */
  readonly epoch: number;
}

/**
 * The devices as they are before anybody changed anything: a function of (seed, place), so a million of them cost
 * nothing until asked for. Places are 0 … size-1, ids rise with them and have natural holes.
 *
 * Which inputs select what, in every fleet (shares are approximate, devices = 1000 and seed = 7 in brackets):
 * - account type: 90 % backup manager, 10 % Microsoft 365;
 * - os type, of the backup managers: 60 % workstations, 40 % servers;
 * - product, of the workstations: 50 % 3 "Workstations 90 days", 10 % 4 "Workstations 1 year", 15 % 2 "Documents",
 *   15 % 1 "All-In", 10 % a product of their own customer (15010, …); of the servers: 5, 6 or 1;
 * - so the demo, partner = 4001, from = 3, to = 4, on workstations that are backup managers, matches about a third
 *   of the fleet [314: 250 to change, 64 as desired already];
 * - profile: 11 to 14, none on one device in five; alias: on one device in three; expiry: on one in twenty.
 */
export class Fleet {
  readonly size: number;
  readonly seed: number;
  readonly epoch: number;
  readonly partners: PartnerTree;

  constructor({ devices, seed, rootName, epoch }: FleetOptions) {
    this.size = devices;
    this.seed = seed;
    this.epoch = epoch;
    this.partners = new PartnerTree(rootName, { seed, customers: Math.min(500, Math.max(5, Math.ceil(devices / 40))) });
  }

  /** Ids rise by 1 to 5, with a larger hole after every 97 devices, as in a tenant where devices come and go. */
  idAt(place: number): number {
    const jitter = pick(this.seed, place, { salt: 10, count: idStep });
    return firstId + Math.floor(place / blockDevices) * blockIds + (place % blockDevices) * idStep + jitter;
  }

  /** Undefined: no device was ever born with this id. Constant time. */
  placeOf(id: number): number | undefined {
    const place = this.placeFrom(id);
    return place < this.size && this.idAt(place) === id ? place : undefined;
  }

  /** The first place whose id is `id` or more; `size` when there is none. */
  placeFrom(id: number): number {
    const offset = id - firstId;
    if (offset <= 0) return 0;
    if (offset >= blockIds * (this.size / blockDevices + 1)) return this.size;
    const block = Math.floor(offset / blockIds);
    const within = Math.min(Math.floor((offset % blockIds) / idStep), blockDevices - 1);
    let place = block * blockDevices + within;
    while (place < this.size && this.idAt(place) < id) place += 1;
    return Math.min(place, this.size);
  }

  /** Undefined: no device was born with this name. Constant time: the place is part of the name. */
  placeNamed(name: string): number | undefined {
    const place = Number(/-(\d+)$/.exec(name)?.[1]);
    return Number.isInteger(place) && place < this.size && this.nameAt(place) === name ? place : undefined;
  }

  nameAt(place: number): string {
    const kinds = ["m365", "desktop", "srv"];
    return `${kinds[this.osTypeAt(place)] ?? ""}-${String(place).padStart(6, "0")}`;
  }

  creationTimeAt(place: number): number {
    return this.epoch - (30 + pick(this.seed, place, { salt: 11, count: 1500 })) * day;
  }

  partnerIdAt(place: number): number {
    const homes = this.partners.homes;
    return homes[pick(this.seed, place, { salt: 12, count: homes.length })] ?? 0;
  }

  accountTypeAt(place: number): number {
    return fraction(this.seed, place, 13) < 0.9 ? 1 : 2;
  }

  osTypeAt(place: number): number {
    if (this.accountTypeAt(place) === 2) return 0;
    return fraction(this.seed, place, 14) < 0.6 ? 1 : 2;
  }

  productIdAt(place: number): number {
    const share = fraction(this.seed, place, 15);
    const osType = this.osTypeAt(place);
    if (osType === 0) return products.microsoft365;
    if (osType === 2)
      return share < 0.5 ? products.servers30Days : share < 0.8 ? products.servers1Year : products.allIn;
    if (share < 0.5) return products.workstations90Days;
    if (share < 0.6) return products.workstations1Year;
    if (share < 0.75) return products.documents;
    return share < 0.9 ? products.allIn : ownProductOf(this.customerIdAt(place));
  }

  profileIdAt(place: number): number {
    const osType = this.osTypeAt(place);
    if (osType === 0 || fraction(this.seed, place, 16) < 0.2) return 0;
    if (this.productIdAt(place) === products.documents) return profiles.documents;
    return osType === 1 ? profiles.workstations : profiles.servers;
  }

  nameAliasAt(place: number): string {
    return fraction(this.seed, place, 17) < 1 / 3
      ? `${words[hash(this.seed, place, 18) % words.length] ?? ""}'s desk`
      : "";
  }

  expirationTimeAt(place: number): number {
    return fraction(this.seed, place, 19) < 0.05
      ? this.epoch + pick(this.seed, place, { salt: 20, count: 365 }) * day
      : 0;
  }

  locationIdAt(place: number): number {
    return 1 + pick(this.seed, place, { salt: 21, count: 4 });
  }

  storageLocationIdAt(place: number): number {
    return 101 + pick(this.seed, place, { salt: 22, count: 4 });
  }

  /** Most devices were seen within two days, one in twelve not for a month or more. */
  lastTimestampAt(place: number): number {
    const silent = fraction(this.seed, place, 23) < 1 / 12;
    const age = silent ? (30 + pick(this.seed, place, { salt: 24, count: 200 })) * day : 0;
    return this.epoch - age - pick(this.seed, place, { salt: 25, count: 2 * day });
  }

  usedStorageAt(place: number): number {
    return Math.floor(fraction(this.seed, place, 26) ** 3 * 900 * gigabyte) + (hash(this.seed, place, 27) % gigabyte);
  }

  mailAddressAt(place: number): string {
    return fraction(this.seed, place, 28) < 0.4 ? `it@customer-${this.customerIdAt(place)}.example.com` : "";
  }

  mailDaysAt(place: number): number {
    return this.mailAddressAt(place) === "" ? 0 : ([127, 36, 32][pick(this.seed, place, { salt: 29, count: 3 })] ?? 0);
  }

  /** The end customer of a device: its own partner, or the one above its site. */
  customerIdAt(place: number): number {
    const id = this.partnerIdAt(place);
    return id - (id % 10);
  }
}

const firstId = 1_200_003;
const idStep = 3;
const blockDevices = 97;
const blockIds = blockDevices * idStep + 41;
const day = 86_400;
const gigabyte = 2 ** 30;
const words = ["Ada", "Blaise", "Carl", "Dorothy", "Emmy", "Florence", "Grace", "Hedy", "Ivan", "Joan", "Kurt"];
