import type { AnswerFacts, Catalogue, Encoded, ListFacts, MethodFacts, Shape } from "../../core/model/catalogue.ts";
import type { Value } from "../../core/model/item.ts";
import { lazily } from "../../core/model/lazily.ts";
import { customColumn, deviceColumns } from "./columns.ts";
import { takesLines, withLines } from "./command-lines.ts";
import { columnsData, methodsData, structsData, type MethodData } from "./data.ts";
import { encode } from "./encode.ts";
import { filterFaults } from "./filter-check.ts";
import { filledIn } from "./homes.ts";
import { answerOf } from "./returns.ts";
import { answeredFacts, answeredList } from "./structs.ts";
import { shapeOf } from "./types.ts";

/** The one list that comes in pages, and columns instead of members. */
export const deviceList = "EnumerateAccountStatistics";
/** The same as of a second of the past. */
export const pastDeviceList = "EnumerateAccountHistoryStatistics";

/** What the calls about several devices return. */
const result = { succeeded: "SucceedAccounts", failed: "FailedAccounts" };
const several: ReadonlySet<string> = new Set(["AccountLabelModificationResult", "BatchModificationResult"]);

/** What is known of the Management and the Reporting Service without asking them. Methods of other endpoints are left out: no call would reach them. */
export class CoveCatalogue implements Catalogue {
  /** It never changes: one is enough for everybody. */
  static readonly shared = lazily(() => new CoveCatalogue());
  readonly hasReference = true;
  readonly #methods: ReadonlyMap<string, MethodFacts>;
  readonly #lists = new Map<string, ListFacts | undefined>();

  private constructor() {
    const here = methodsData().methods.filter(({ endpoint = "reporting" }) => endpoint === "reporting");
    this.#methods = new Map(here.map((method) => [method.name, callFacts(method)]));
  }

  get methodNames(): readonly string[] {
    return [...this.#methods.keys()];
  }

  method(name: string): MethodFacts | undefined {
    return this.#methods.get(name);
  }

  elsewhere(name: string): string | undefined {
    return this.#methods.has(name) ? undefined : methodsData().methods.find((method) => method.name === name)?.at;
  }

  shape(type: string): Shape {
    return shapeOf(type);
  }

  answer(method: string): AnswerFacts | undefined {
    return this.#methods.has(method) ? answerOf(method) : undefined;
  }

  list(method: string): ListFacts | undefined {
    if (!this.#lists.has(method)) this.#lists.set(method, listFacts(method));
    return this.#lists.get(method);
  }

  encode(method: string, params: Value): Encoded {
    const facts = this.#methods.get(method);
    if (facts === undefined) return { params, faults: [] };
    const lines = withLines(method, params);
    return lines.faults.length > 0 ? lines : encode(lines.params, facts.params);
  }

  isSecret(member: string): boolean {
    return secretNames().has(member.toLowerCase());
  }
}

/** Names of secret members in lower case, of whatever they are: what an answer holds, and how it spells it, is not always known. */
const secretNames = lazily((): ReadonlySet<string> => {
  const members = structsData().structs.flatMap((struct) => struct.members);
  const secrets = members.filter(({ type }) => type === "secret").map(({ name }) => name);
  return new Set(["Password", "Token", "Visa", ...secrets].map((name) => name.toLowerCase()));
});

function callFacts({
  name,
  kind,
  params,
  repeat,
  destructive = false,
  confidence,
  returns,
  endpoint,
}: MethodData): MethodFacts {
  return {
    ...{ name, kind, repeat, destructive },
    params: params.map((param) => (takesLines(name, param.name) ? { ...param, type: "any" } : param)),
    ...(several.has(returns) ? { result } : {}),
    ...(endpoint === "reporting" ? routed(params) : {}),
    ...(confidence === "documented" ? {} : { confidence }),
  };
}

/** What a node is told comes from the device itself: another device's name or token would be refused, or worse, not be. */
function routed(params: MethodData["params"]): Pick<MethodFacts, "isRouted" | "reserved"> {
  const reserved = filledIn.filter((name) => params.some((param) => param.name === name));
  return { isRouted: true, reserved: reserved.map((path) => ({ path, use: "`route: { device: … }`" })) };
}

function listFacts(method: string): ListFacts | undefined {
  if (method === deviceList) return deviceFacts(deviceList);
  if (method === pastDeviceList) return { ...deviceFacts(pastDeviceList), presentIs: deviceList };
  const list = answeredList(method);
  return list && answeredFacts(list);
}

function deviceFacts(method: string): ListFacts {
  const columns = deviceColumns();
  return {
    method,
    key: "device_id",
    isOfDevices: true,
    fieldNames: columns.names,
    field: (nameOrCode) => columns.find(nameOrCode),
    custom: (numberOrCode) => customColumn(/^\d/.test(numberOrCode) ? `AA${numberOrCode}` : numberOrCode),
    whyNot: notOffered,
    reference: "columns",
    reserved: [
      { path: "query.Columns", use: "`fields`" },
      { path: "query.StartRecordNumber", use: "nothing: the whole list is always read" },
      { path: "query.RecordsCount", use: "nothing: the whole list is always read" },
      { path: "query.OrderBy", use: "nothing: the list is read in the order of its key" },
      { path: "query.SelectionMode", use: "nothing: the list has one row a device" },
    ],
    filterPath: "query.Filter",
    filterFaults,
    scope: [{ path: "query.PartnerId", field: "partner_id" }],
  };
}

function notOffered(code: string): string | undefined {
  const { notOffered: others, filters } = columnsData();
  const other = others.find((one) => one.code === code);
  if (other !== undefined) return `${other.why}. Use ${other.use}.`;
  const isFilter = filters.some((one) => one.code === code);
  return isFilter ? `${code} stands for any text column, in params.query.Filter only.` : undefined;
}
