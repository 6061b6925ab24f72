import type { Catalogue, Encoded, ListFacts, MethodFacts, Shape } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { Columns } from "./columns.ts";
import { methodsData, structsData, type MethodData } from "./data.ts";
import { encode } from "./encode.ts";
import { answeredFacts, answeredList } from "./structs.ts";
import { shapeOf } from "./types.ts";

/** The one list that comes in pages, and columns instead of members. */
export const deviceList = "EnumerateAccountStatistics";

/** What the calls about several devices return. */
const result = { succeeded: "SucceedAccounts", failed: "FailedAccounts" };
const several: ReadonlySet<string> = new Set(["AccountLabelModificationResult", "BatchModificationResult"]);

/** What is known of the Management Service without asking it. Methods of other endpoints are left out: a call there would not reach them. */
export class CoveCatalogue implements Catalogue {
  readonly hasReference = true;
  readonly #methods: ReadonlyMap<string, MethodFacts>;
  #secrets: ReadonlySet<string> | undefined;
  readonly #lists = new Map<string, ListFacts | undefined>();

  constructor() {
    const here = methodsData().methods.filter(({ endpoint }) => endpoint === undefined);
    this.#methods = new Map(here.map((method) => [method.name, callFacts(method)]));
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): MethodFacts | undefined {
    return this.#methods.get(name);
  }

  elsewhere(name: string): string | undefined {
    return methodsData().methods.find((method) => method.name === name)?.at;
  }

  shape(type: string): Shape {
    return shapeOf(type);
  }

  list(method: string): ListFacts | undefined {
    if (!this.#lists.has(method)) this.#lists.set(method, listFacts(method));
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
  const members = structsData().structs.flatMap((struct) => struct.members);
  return new Set(["Password", "Token", ...members.filter(({ type }) => type === "secret").map(({ name }) => name)]);
}

function callFacts({ name, kind, params, repeat, destructive = false, confidence, returns }: MethodData): MethodFacts {
  return {
    ...{ name, kind, params, repeat, destructive },
    ...(several.has(returns) ? { result } : {}),
    ...(confidence === "documented" ? {} : { confidence }),
  };
}

function listFacts(method: string): ListFacts | undefined {
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
    reference: "columns",
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
