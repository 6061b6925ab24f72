import type { Catalogue, Encoded, ListFacts, MethodFacts } from "../../core/model/catalogue.ts";
import type { Repeat } from "../../core/model/change.ts";
import type { Value } from "../../core/model/item.ts";
import { Columns } from "./columns.ts";
import { listsData, methodsData } from "./data.ts";
import { encode } from "./encode.ts";
import { answeredFacts, answeredList } from "./structs.ts";

/** The one list that comes in pages, and columns instead of members. */
export const deviceList = "EnumerateAccountStatistics";

/**
 * Changes whose second application changes nothing by itself. The service does not say which those are, so each is argued:
 * the Modify and Update calls set members to given values, the removals remove by id and ids are not used again, and a
 * device has a label or has it not. All others are never sent twice.
 */
const absolute: ReadonlySet<string> = new Set([
  "ModifyAccount",
  "UpdateAccountCustomColumnValues",
  "RemoveAccount",
  "ModifyPartner",
  "ModifyUser",
  "RemoveUser",
  "AddAccountLabel",
  "RemoveAccountLabel",
]);

/** What the calls about several devices return. */
const result = { succeeded: "SucceedAccounts", failed: "FailedAccounts" };
const several: ReadonlySet<string> = new Set(["AddAccountLabel", "RemoveAccountLabel", "ModifyAccountsBatch"]);

/** What is known of the Management Service without asking it. Methods of other endpoints are left out: a call there would not reach them. */
export class CoveCatalogue implements Catalogue {
  readonly #methods: ReadonlyMap<string, MethodFacts>;
  #secrets: ReadonlySet<string> | undefined;
  readonly #lists = new Map<string, ListFacts | undefined>();

  constructor() {
    const here = methodsData().methods.filter(({ endpoint }) => endpoint === undefined);
    this.#methods = new Map(
      here.map(({ name, kind, params, destructive = false }) => {
        const facts = { name, kind, params, destructive, repeat: repeatOf(name, kind) };
        return [name, several.has(name) ? { ...facts, result } : facts];
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
    return facts === undefined ? { params, faults: [] } : encode(params, facts.params);
  }

  isSecret(member: string): boolean {
    return (this.#secrets ??= secretNames()).has(member);
  }
}

/** Names of secret members, of whatever they are: what an answer holds is not always known. */
function secretNames(): ReadonlySet<string> {
  const structs = Object.values(listsData().structs);
  return new Set([
    "Password",
    "Token",
    ...structs.flatMap((members) => members.filter(({ secret }) => secret === true).map(({ name }) => name)),
  ]);
}

function repeatOf(name: string, kind: MethodFacts["kind"]): Repeat {
  if (kind === "enumerate" || kind === "read") return "read";
  return absolute.has(name) ? "set" : "once";
}

function factsOf(method: string): ListFacts | undefined {
  if (method === deviceList) return deviceFacts(new Columns());
  const list = answeredList(method);
  return list && answeredFacts(list);
}

function deviceFacts(columns: Columns): ListFacts {
  return {
    method: deviceList,
    key: "device_id",
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
