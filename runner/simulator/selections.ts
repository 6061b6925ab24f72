import { argumentError } from "./api-error.ts";
import { columnOf } from "./columns.ts";
import type { Device } from "./device.ts";
import type { Devices } from "./devices.ts";
import { idBounds } from "./filter/bounds.ts";
import { compileFilter } from "./filter/compile.ts";
import { parseFilter } from "./filter/parse.ts";
import { PlaceList } from "./place-list.ts";

/** Which devices a list shows, in which order, as of when. */
export interface Selection {
  /** Partners whose devices are shown. */
  readonly partners: ReadonlySet<number>;
  /** Empty: all. */
  readonly filter: string;
  /** `<code> ASC` or `<code> DESC`; empty: by id, rising. */
  readonly orderBy: string;
  /** Milliseconds since boot. */
  readonly asOf: number;
  /** Unix seconds that `ago()` in the filter counts back from; left out when the filter does not ask. */
  readonly now?: number;
}

export interface Range {
  readonly start: number;
  readonly count: number;
}

interface Known {
  readonly revision: number;
  readonly places: PlaceList;
}

/**
 * The devices of a list, page by page. A list is worked out once; a deeper page of it costs a page, and what changed
 * meanwhile is put right in place. So a million devices can be enumerated while they are being changed.
 */
export class Selections {
  readonly #devices: Devices;
  readonly #known = new Map<string, Known>();

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  /**
   * The devices at the places `start` … `start + count - 1` of the list; fewer at its end.
   * @throws ApiError for a filter or an order that can not be read.
   */
  page(selection: Selection, { start, count }: Range): Device[] {
    const list = new List(this.#devices, selection);
    if (list.bounded && list.byId) return list.scan({ start, count });
    return this.#places(list, selection)
      .slice(start, start + count)
      .flatMap((place) => list.matching(place) ?? []);
  }

  /** Every device of the list. */
  all(selection: Selection): Device[] {
    return this.page(selection, { start: 0, count: this.#devices.fleet.size });
  }

  #places(list: List, { partners, filter, orderBy, asOf, now }: Selection): PlaceList {
    const { renames } = this.#devices.fleet.partners;
    const key = JSON.stringify([[...partners], filter, orderBy, now, renames]);
    const revision = this.#devices.revision(asOf);
    const places = this.#upToDate(list, this.#known.get(key), revision) ?? list.places();
    this.#known.delete(key);
    this.#known.set(key, { revision, places });
    for (const oldest of this.#known.keys()) if (this.#known.size > maxKnown) this.#known.delete(oldest);
    return places;
  }

  /** Undefined: to be worked out anew, because the order or too much has changed, or the view went back in time. */
  #upToDate(list: List, known: Known | undefined, revision: number): PlaceList | undefined {
    if (known === undefined || known.revision > revision) return undefined;
    if (known.revision === revision) return known.places;
    if (!list.byId || revision - known.revision > mostPutRight) return undefined;
    for (const place of this.#devices.changedBetween(known.revision, revision)) {
      known.places.put(place, list.matching(place) !== undefined);
    }
    return known.places;
  }
}

/** Lists kept; each is a number for each of its devices. */
const maxKnown = 4;
/** Changes put right in place: each may move the rest of the list, so that many take longer than working it out anew. */
const mostPutRight = 10_000;

/** One list at one instant. */
class List {
  /** Rising ids: the order the devices are kept in. */
  readonly byId: boolean;
  /** The filter itself narrows the ids, so there is no need to look at every device. */
  readonly bounded: boolean;
  readonly #devices: Devices;
  readonly #selection: Selection;
  readonly #accepts: (device: Device) => boolean;
  readonly #order: (left: Device, right: Device) => number;
  readonly #from: number;
  readonly #end: number;

  constructor(devices: Devices, selection: Selection) {
    const filter = parseFilter(selection.filter);
    const bounds = filter && idBounds(filter);
    this.#devices = devices;
    this.#selection = selection;
    this.#accepts = filter ? compileFilter(filter, selection.now) : () => true;
    this.byId = ["", "AU ASC", "I0 ASC"].includes(selection.orderBy);
    this.#order = readOrder(selection.orderBy || "AU ASC");
    this.bounded = bounds !== undefined;
    this.#from = devices.fleet.placeFrom(bounds?.from ?? -Infinity);
    this.#end = devices.fleet.placeFrom((bounds?.to ?? Infinity) + 1);
  }

  /** The device at this place of the fleet, if it belongs to the list. */
  matching(place: number): Device | undefined {
    const device = this.#devices.at(place, this.#selection.asOf);
    if (device === undefined || !this.#selection.partners.has(device.partnerId)) return undefined;
    return this.#accepts(device) ? device : undefined;
  }

  /** Looks no further than it has to. */
  scan({ start, count }: Range): Device[] {
    const page: Device[] = [];
    let skip = start;
    for (let place = this.#from; place < this.#end && page.length < count; place += 1) {
      const device = this.matching(place);
      if (device !== undefined && skip-- <= 0) page.push(device);
    }
    return page;
  }

  /** Places in the fleet of the whole list, in its order. */
  places(): PlaceList {
    const places = new PlaceList(this.#devices.fleet.size);
    if (this.byId) {
      for (let place = this.#from; place < this.#end; place += 1) if (this.matching(place)) places.push(place);
      return places;
    }
    const devices = this.scan({ start: 0, count: Infinity });
    for (const device of devices.sort(this.#order)) places.push(device.place);
    return places;
  }
}

/** Orders devices by one column, empty values first; equal ones by id. */
function readOrder(orderBy: string): (left: Device, right: Device) => number {
  const [code = "", direction, ...rest] = orderBy.split(" ");
  if ((direction !== "ASC" && direction !== "DESC") || rest.length > 0) {
    throw argumentError(`OrderBy '${orderBy}' isn't '<code> ASC' or '<code> DESC'`);
  }
  const column = columnOf(code);
  const sign = direction === "ASC" ? 1 : -1;
  return (left, right) => {
    const [first, second] = [column(left), column(right)];
    if (first === second) return left.place - right.place;
    if (first === undefined || second === undefined) return first === undefined ? -sign : sign;
    return first < second ? -sign : sign;
  };
}
