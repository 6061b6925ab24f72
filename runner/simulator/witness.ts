import { upNow } from "./clock.ts";
import type { DeviceView } from "./device.ts";
import { DeviceCounts } from "./device-counts.ts";
import type { Effect } from "./devices.ts";
import type { RpcId } from "./envelope.ts";
import type { Line } from "./line.ts";
import { changeNames } from "./method-names.ts";

/**
 * One request as the service saw it, or one act of another editor. Times are ms since boot. The entry of a request
 * under way is still growing: it says `answer: "none"` until there is one.
 */
export interface WitnessEntry {
  readonly seq: number;
  readonly by: "client" | "editor";
  /** The JSON-RPC id of the request, as sent. */
  readonly rpcId: RpcId;
  /** For another editor: `edit` or `remove`. */
  readonly method: string;
  /** The device it was about, if it was about one. */
  readonly item?: number;
  /** Did it pass authentication? For Login: was it let in? */
  readonly authenticated: boolean;
  readonly arrived: number;
  /** When the change took effect: possibly long after the client had gone. Absent: nothing was changed. */
  readonly effect?: number;
  readonly before?: object;
  readonly after?: object;
  /** When bytes of an answer were handed over, readable or not. */
  readonly answered?: number;
  /** `none`: no JSON-RPC answer that belongs to the request left here. */
  readonly answer: "result" | "error" | "none";
  /** The number in `error.data`. */
  readonly errorData?: number;
  /** The faults that fired, joined with `+`. */
  readonly fault?: string;
  /** Changes being waited for by their clients when this arrived, this one included. */
  readonly inFlight: number;
  /** For a read: the instant of the data served. */
  readonly asOf?: number;
  /** For a list: devices that belong into the page, and that a fault left out. */
  readonly hidden?: readonly number[];
}

/** What the simulator may still write into an entry. */
export type GrowingEntry = { -readonly [Key in keyof WitnessEntry]: WitnessEntry[Key] };

export type Arrival = Pick<WitnessEntry, "rpcId" | "method" | "authenticated"> & {
  readonly item: number | undefined;
};

/** What a witness keeps: an entry a request, or only the sums, for more requests than memory has room for. */
export type WitnessKeeps = "full" | "counts";

export interface WitnessOptions {
  readonly keeps: WitnessKeeps;
  /** Where a device stands in the fleet; undefined: no device was ever born with this id. */
  readonly placeOf: (id: number) => number | undefined;
}

/** What really happened at the service, to hold a ledger against. It costs nothing for a device until it is touched. */
export class Witness {
  readonly #entries: GrowingEntry[] = [];
  readonly #requests = new Map<string, number>();
  readonly #received: DeviceCounts;
  readonly #applied: DeviceCounts;
  readonly #deviceAt: (id: number, up: number) => DeviceView | undefined;
  readonly keeps: WitnessKeeps;
  #seq = 0;
  #inFlight = 0;
  #maxInFlight = 0;

  /** @param deviceAt Values of a device at an instant (ms since boot). */
  constructor(deviceAt: (id: number, up: number) => DeviceView | undefined, { keeps, placeOf }: WitnessOptions) {
    this.#deviceAt = deviceAt;
    this.keeps = keeps;
    this.#received = new DeviceCounts(placeOf);
    this.#applied = new DeviceCounts(placeOf);
  }

  /** Every request and every act of another editor, in the order of arrival; empty when it keeps only counts. */
  get entries(): readonly WitnessEntry[] {
    return this.#entries;
  }

  /** The most changes that were in flight at any time. */
  get maxInFlight(): number {
    return this.#maxInFlight;
  }

  /** How many requests arrived, of one method or of all. */
  requests(method?: string): number {
    if (method !== undefined) return this.#requests.get(method) ?? 0;
    return [...this.#requests.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How many authenticated change requests arrived for a device, whatever became of them. */
  received(id: number): number {
    return this.#received.of(id);
  }

  /** How often a client's change of a device took effect, changes to the same value included. */
  applied(id: number): number {
    return this.#applied.of(id);
  }

  /** Values of a device at an instant (ms since boot). Undefined: never there, or removed by then. */
  valueAt(id: number, up: number): DeviceView | undefined {
    return this.#deviceAt(id, up);
  }

  /** The sums, for a look from another process. */
  stats(): object {
    return {
      requests: Object.fromEntries(this.#requests),
      devicesChanged: this.#applied.distinct,
      applied: this.#applied.sum,
      received: this.#received.sum,
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
    };
  }

  /** A request has come in whole, from a client that still waits or from one that has gone already. */
  arrived({ item, ...request }: Arrival, line: Pick<Line, "open" | "onceLeft">): GrowingEntry {
    this.#requests.set(request.method, (this.#requests.get(request.method) ?? 0) + 1);
    const isChange = changeNames.has(request.method);
    if (isChange && line.open) this.#follow(line);
    if (isChange && request.authenticated && item !== undefined) this.#received.increment(item);
    return this.#add({ by: "client", ...request, ...(item === undefined ? {} : { item }) });
  }

  /** A client's change took effect. */
  took(entry: GrowingEntry, effect: Effect): void {
    this.#applied.increment(effect.item);
    noteEffect(entry, effect);
  }

  /** Another editor changed a device. */
  edited(method: "edit" | "remove", effect: Effect): void {
    const entry = this.#add({ by: "editor", rpcId: null, method, item: effect.item, authenticated: true });
    noteEffect(entry, effect);
  }

  #follow(line: Pick<Line, "onceLeft">): void {
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    line.onceLeft(() => {
      this.#inFlight -= 1;
    });
  }

  #add(known: Pick<WitnessEntry, "by" | "rpcId" | "method" | "item" | "authenticated">): GrowingEntry {
    const place = { seq: ++this.#seq, arrived: upNow() };
    const entry: GrowingEntry = { ...place, ...known, answer: "none", inFlight: this.#inFlight };
    if (this.keeps === "full") this.#entries.push(entry);
    return entry;
  }
}

function noteEffect(entry: GrowingEntry, effect: Effect): void {
  entry.effect = effect.at;
  entry.before = effect.before;
  entry.after = effect.after;
}
