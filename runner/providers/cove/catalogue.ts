import type { Catalogue, Encoded, ListFacts, MethodFacts } from "../../core/model/catalogue.ts";
import type { Repeat } from "../../core/model/change.ts";
import type { Value } from "../../core/model/item.ts";
import { Columns } from "./columns.ts";
import { methodsData } from "./data.ts";
import { withLines } from "./command-lines.ts";
import { encode } from "./encode.ts";
import { filledIn } from "./homes.ts";
import { answeredFacts, answeredList } from "./structs.ts";

/** The one list that comes in pages, and columns instead of members. */
export const deviceList = "EnumerateAccountStatistics";
/** The same as of a second of the past. */
export const pastDeviceList = "EnumerateAccountHistoryStatistics";

/**
 * Changes whose second application changes nothing by itself. The service does not say which those are, so each is argued:
 * the Modify and Update calls set members to given values, the removals remove by id and ids are not used again. All
 * others are never sent twice.
 */
const absolute: ReadonlySet<string> = new Set([
  "ModifyAccount",
  "UpdateAccountCustomColumnValues",
  "RemoveAccount",
  "ModifyPartner",
  "ModifyUser",
  "RemoveUser",
]);

/** What is known of the Management and the Reporting Service without asking them. Methods of other endpoints are left out: no call would reach them. */
export class CoveCatalogue implements Catalogue {
  readonly #methods: ReadonlyMap<string, MethodFacts>;
  readonly #lists = new Map<string, ListFacts | undefined>();

  constructor() {
    const here = methodsData().methods.filter(({ endpoint = "reporting" }) => endpoint === "reporting");
    this.#methods = new Map(
      here.map(({ name, kind, params, endpoint, destructive = false }) => {
        const facts = { name, kind, params, destructive, repeat: repeatOf(name, kind) };
        return [name, endpoint === "reporting" ? { ...facts, ...routed(params) } : facts];
      }),
    );
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): MethodFacts | undefined {
    return this.#methods.get(name);
  }

  list(method: string): ListFacts | undefined {
    if (!this.#lists.has(method)) this.#lists.set(method, factsOf(method));
    return this.#lists.get(method);
  }

  encode(method: string, params: Value): Encoded {
    const facts = this.#methods.get(method);
    if (facts === undefined) return { params, faults: [] };
    const lines = withLines(method, params);
    return lines.faults.length > 0 ? lines : encode(lines.params, facts.params);
  }
}

/** What a node is told comes from the device itself: another device's name or token would be refused, or worse, not be. */
function routed(params: readonly string[]): Pick<MethodFacts, "isRouted" | "reserved"> {
  const reserved = filledIn.filter((name) => params.includes(name));
  return { isRouted: true, reserved: reserved.map((path) => ({ path, use: "`route: { device: … }`" })) };
}

function repeatOf(name: string, kind: MethodFacts["kind"]): Repeat {
  if (kind === "enumerate" || kind === "read") return "read";
  return absolute.has(name) ? "set" : "once";
}

function factsOf(method: string): ListFacts | undefined {
  if (method === deviceList) return deviceFacts(deviceList);
  if (method === pastDeviceList) return { ...deviceFacts(pastDeviceList), presentIs: deviceList };
  const list = answeredList(method);
  return list && answeredFacts(list);
}

function deviceFacts(method: string): ListFacts {
  const columns = new Columns();
  return {
    method,
    key: "device_id",
    isOfDevices: true,
    fieldNames: columns.names,
    field: (nameOrCode) => columns.find(nameOrCode),
    reserved: [
      { path: "query.Columns", use: "`fields`" },
      { path: "query.StartRecordNumber", use: "nothing: the whole list is always read" },
      { path: "query.RecordsCount", use: "nothing: the whole list is always read" },
      { path: "query.OrderBy", use: "nothing: the list is read in the order of its key" },
      { path: "query.SelectionMode", use: "nothing: the list has one row a device" },
    ],
    filterPath: "query.Filter",
    scope: [{ path: "query.PartnerId", field: "partner_id" }],
  };
}
