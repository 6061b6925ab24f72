import type { Catalogue, FieldFacts, ListFacts, MethodFacts, Shape } from "../../runner/core/model/catalogue.ts";
import type { FieldType } from "../../runner/core/model/values.ts";

/** A small catalogue, modelled on the device list of Cove. */
export const catalogue: Catalogue = {
  method: (name) => methods.find((method) => method.name === name),
  methodNames: [
    "EnumerateAccountStatistics",
    "EnumeratePartners",
    "GetAccountInfoById",
    "ModifyAccount",
    "RemoveAccount",
    "SendRemoteCommands",
    "UpdateAccountCustomColumnValues",
  ],
  elsewhere: (name) => (name === "QuerySessions" ? "another endpoint" : undefined),
  shape: (type) => shapes[type] ?? { kind: "any" },
  list: (method) => (method === deviceList.method ? deviceList : undefined),
  encode: (_method, params) => ({ params, faults: [] }),
};

const methods: readonly MethodFacts[] = [
  {
    name: "EnumerateAccountStatistics",
    kind: "enumerate",
    repeat: "read",
    destructive: false,
    params: [{ name: "query", type: "Query", required: "documented" }],
  },
  {
    name: "EnumeratePartners",
    kind: "enumerate",
    repeat: "read",
    destructive: false,
    params: [{ name: "parentPartnerId", type: "int", required: "documented" }],
  },
  {
    name: "GetAccountInfoById",
    kind: "read",
    repeat: "read",
    destructive: false,
    params: [{ name: "accountId", type: "int", required: "documented" }],
  },
  {
    name: "ModifyAccount",
    kind: "change",
    repeat: "set",
    destructive: false,
    params: [
      { name: "accountInfo", type: "AccountInfo", required: "documented" },
      { name: "forceApply", type: "bool" },
    ],
  },
  {
    name: "RemoveAccount",
    kind: "change",
    repeat: "set",
    destructive: true,
    params: [{ name: "accountId", type: "int", required: "documented" }],
  },
  {
    name: "SendRemoteCommands",
    kind: "change",
    repeat: "once",
    destructive: false,
    params: [
      { name: "accountId", type: "int" },
      { name: "command", type: "string" },
    ],
  },
  {
    name: "UpdateAccountCustomColumnValues",
    kind: "change",
    repeat: "set",
    destructive: false,
    params: [
      { name: "accountId", type: "int", required: "documented" },
      { name: "values", type: "map<int,string>", required: "documented" },
    ],
  },
];

const member = (name: string, type: string) => ({ name, type });
const shapes: Readonly<Record<string, Shape>> = {
  int: { kind: "integer" },
  string: { kind: "text" },
  bool: { kind: "boolean" },
  time: { kind: "time" },
  bytes: { kind: "bytes" },
  AccountType: { kind: "enum", name: "AccountType", values: ["BackupManager", "Office365"] },
  "list<string>": { kind: "list", of: { kind: "text" } },
  "map<int,string>": { kind: "pairs", of: [{ kind: "integer" }, { kind: "text" }] },
  Query: {
    kind: "object",
    name: "Query",
    members: [
      member("PartnerId", "int"),
      member("Filter", "string"),
      member("OrderBy", "string"),
      member("Columns", "list<string>"),
      member("Labels", "list<string>"),
    ],
  },
  Quota: { kind: "object", name: "Quota", members: [member("Size", "bytes")] },
  AccountInfo: {
    kind: "object",
    name: "AccountInfo",
    members: [
      member("Id", "int"),
      member("Name", "string"),
      member("NameAlias", "string"),
      member("ProductId", "int"),
      member("PartnerId", "int"),
      member("Password", "string"),
      member("Type", "AccountType"),
      member("ExpirationTime", "time"),
      member("Quota", "Quota"),
    ],
  },
};

const fields: readonly FieldFacts[] = [
  field("device_id", "integer", ["I0", "AU", "AccountId"]),
  field("device_name", "string", ["I1", "AN"]),
  field("customer_name", "string", ["I8", "AR"]),
  field("partner_id", "integer", ["PartnerId"]),
  field("product_id", "integer", ["I9", "PD"]),
  { ...field("os_type", "enum", ["I32", "OT"]), tokens: { "0": "undefined", "1": "workstation", "2": "server" } },
  { ...field("last_timestamp", "unix_time", ["I6", "TS"]), volatile: true },
  { ...field("used_storage", "bytes", ["I14", "US"]), volatile: true },
  field("labels", "set", ["I77", "LB"]),
  { ...field("password", "secret", ["I3", "QW"]), secret: true },
];

const deviceList: ListFacts = {
  method: "EnumerateAccountStatistics",
  key: "device_id",
  fieldNames: fields.map(({ name }) => name),
  field: (nameOrCode) => {
    const found = fields.find(({ name, spellings }) => name === nameOrCode || spellings.includes(nameOrCode));
    if (found) return found.name === nameOrCode ? found : { ...found, name: nameOrCode };
    return /^AA\d+$/.test(nameOrCode) ? field(nameOrCode, "string", [nameOrCode]) : undefined;
  },
  reserved: [
    { path: "query.Columns", use: "`fields`" },
    { path: "query.OrderBy", use: "nothing: the list is read in the order of its key" },
  ],
  filterPath: "query.Filter",
  scope: [{ path: "query.PartnerId", field: "partner_id" }],
};

function field(name: string, type: FieldType, spellings: readonly string[]): FieldFacts {
  return { name, source: spellings[0] ?? name, spellings, type, emptyIsUnset: true, volatile: false, secret: false };
}
