import type { MemberFacts, Shape } from "../../core/model/catalogue.ts";
import { structsByName, type MemberData, type MethodData } from "./data.ts";
import { shapeOf } from "./types.ts";

/** What a call is about, and the list that has its ids. */
export interface Subject {
  readonly list: string;
  readonly key: string;
  /** Of the list, as lines of YAML. */
  readonly params: readonly string[];
  readonly struct: string;
  /** Parameters and members that hold one of its ids, or several. */
  readonly ids: readonly string[];
  /** The call after which the list does not have the item any more. */
  readonly removedBy: string;
}

/** In the order in which a call that names several is about one of them. */
export const subjects = {
  devices: {
    list: "EnumerateAccountStatistics",
    key: "device_id",
    params: ["query:", "  PartnerId: ${{ inputs.partner }}"],
    struct: "AccountInfo",
    ids: ["accountId", "accountIds", "accountIdCollection", "accounts", "AccountId"],
    removedBy: "RemoveAccount",
  },
  users: {
    list: "EnumerateUsers",
    key: "Id",
    params: ['partnerIds: ["${{ inputs.partner }}"]'],
    struct: "UserInfo",
    ids: ["userId", "receiverUserId", "UserId"],
    removedBy: "RemoveUser",
  },
  profiles: {
    list: "EnumerateAccountProfiles",
    key: "Id",
    params: ["partnerId: ${{ inputs.partner }}"],
    struct: "AccountProfileInfo",
    ids: ["accountProfileId"],
    removedBy: "RemoveAccountProfile",
  },
  customers: {
    list: "EnumeratePartners",
    key: "Id",
    params: ["parentPartnerId: ${{ inputs.partner }}", "fetchRecursively: true"],
    struct: "PartnerInfo",
    ids: ["partnerId", "partnerIds", "partners", "parentPartnerId", "rootPartnerId", "PartnerId", "ParentId"],
    removedBy: "RemovePartner",
  },
} as const satisfies Readonly<Record<string, Subject>>;

/** Of the first thing that a call names. Undefined: it names nothing that a list has. */
export function subjectOf(method: MethodData): Subject | undefined {
  const all = Object.values<Subject>(subjects);
  const changed = isModify(method) ? needed(method).map(({ type }) => type) : [];
  const own = needed(method).flatMap((param) => {
    const struct = structsByName().get(param.type);
    return struct === undefined ? [param] : membersShown(struct, method);
  });
  const named = own.find(({ name }) => all.some(({ ids }) => ids.includes(name)));
  return all.find(({ ids, struct }) => changed.includes(struct) || (named !== undefined && ids.includes(named.name)));
}

export interface Params {
  /** As lines of YAML. */
  readonly lines: readonly string[];
  /** Types of the inputs they use. */
  readonly inputs: ReadonlyMap<string, string>;
}

/** What a call needs. */
export function paramsOf(method: MethodData, subject: Subject | undefined): Params {
  const inputs = new Map<string, string>();
  const lines = needed(method).flatMap((param) => memberLines(param, { method, subject, of: undefined, inputs }));
  return { lines, inputs };
}

/** Whether a value of this name lets somebody in. */
export function isSecretName(name: string): boolean {
  return /password|token|passphrase|encryptionKey/i.test(name);
}

/** What a call can not do without. A switch may be left out, and then says nothing. */
function needed({ params }: MethodData): readonly MemberFacts[] {
  return params.filter(({ name, required }) => required !== undefined || name === "enable");
}

function isModify({ name }: MethodData): boolean {
  return name.startsWith("Modify");
}

interface Place {
  readonly method: MethodData;
  readonly subject: Subject | undefined;
  /** The parameter that a member belongs to. */
  readonly of: string | undefined;
  /** Types of the inputs that are used, by name. */
  readonly inputs: Map<string, string>;
}

function memberLines(member: MemberFacts, place: Place): readonly string[] {
  const struct = structsByName().get(member.type);
  if (struct === undefined) return [`${member.name}: ${valueText(member, place)}`];
  const shown = membersShown(struct, place.method);
  const inside = shown.flatMap((one) => memberLines(one, { ...place, of: member.name }));
  const left = struct.members.length - shown.length;
  return [`${member.name}:`, ...inside.map((line) => `  ${line}`), ...(left > 0 ? [`  # … and ${left} more`] : [])];
}

const mostShown = 3;

type StructData = NonNullable<ReturnType<ReturnType<typeof structsByName>["get"]>>;

/** Whom a new thing belongs to. */
const owners = new Set(["AccountId", "UserId", "PartnerId", "ParentId"]);

/**
 * Of a struct, those that say what it is about first. A new thing has no id, that is the service's to give; what is changed is
 * named by its id, and stays with whom it belongs to, a user with its name; where a parameter holds the id, the struct does not.
 */
function membersShown({ name: struct, members }: StructData, method: MethodData): readonly MemberData[] {
  const isAdd = method.name.startsWith("Add");
  const hasOwnId = method.params.some(({ name }) => name.endsWith("Id"));
  const useful = members.filter(({ name, type }) => {
    if (isSecretName(name) || structsByName().has(type)) return false;
    if (name === "Id") return isModify(method) && !hasOwnId;
    return !isModify(method) || !(owners.has(name) || (name === "Name" && struct === subjects.users.struct));
  });
  const rank = ({ name, optional = false }: MemberData): number => {
    if (name === "Id" || (isAdd && owners.has(name))) return 0;
    if (name === "Name") return 1;
    return optional ? 3 : 2;
  };
  const found = useful.toSorted((left, right) => rank(left) - rank(right)).slice(0, mostShown);
  return found.length > 0 ? found : members.slice(0, 1);
}

function valueText({ name, type }: MemberFacts, place: Place): string {
  // Numbers of fields are numbers in the vendor's own schema; these two are documented.
  if (name === "fields") return "[0, 1] # name and level";
  return shapeText(name, shapeOf(type), place);
}

function shapeText(name: string, shape: Shape, place: Place): string {
  switch (shape.kind) {
    case "boolean":
      return "true";
    case "enum":
      // Of roles the last has the fewest rights.
      return quoted((name === "RoleId" ? shape.values.at(-1) : shape.values.find(isMeant)) ?? "");
    case "time":
      return /^(?:to|end)/i.test(name) ? "${{ now }}" : '${{ ago("30d") }}';
    case "bytes":
      return '${{ to_bytes("500 GB") }}';
    case "list":
      return `[${inFlow(shapeText(singular(name), shape.of, place))}]`;
    case "object":
      return `{ ${shape.members.map((one) => `${one.name}: ${inFlow(valueText(one, place))}`).join(", ")} }`;
    case "pair":
      return `[${shape.of.map(literal).join(", ")}]`;
    case "pairs":
      return `[[${shape.of.map(literal).join(", ")}]]`;
    case "any":
      return "{} # its shape is not published";
    default:
      return `\${{ ${sourceOf(name, shape.kind, place)} }}`;
  }
}

/** Where the value comes from: the item, or whoever runs the plan. */
function sourceOf(name: string, kind: Shape["kind"], { method, subject, of, inputs }: Place): string {
  const isOwnId = name === "Id" && subject?.struct === typeOf(method, of);
  if (subject !== undefined && (isOwnId || subject.ids.some((id) => singular(id) === name)))
    return `item.${subject.key}`;
  const isBare = name === "Id" || name === "id";
  const own = isBare ? `${snake(thingOf(method))}_id` : snake(name);
  const input = singularPartners.has(name) ? "partner" : own;
  inputs.set(input, isSecretName(name) ? "secret" : (inputTypes[kind] ?? "string"));
  return `inputs.${input}`;
}

const inputTypes: Readonly<Partial<Record<Shape["kind"], string>>> = { integer: "integer", number: "number" };

const singularPartners: ReadonlySet<string> = new Set(subjects.customers.ids.map(singular));

function typeOf({ params }: MethodData, name: string | undefined): string | undefined {
  return params.find((param) => param.name === name)?.type;
}

/** What an id without a name of its own is the id of: of a notification rule for RemoveNotificationRule. */
function thingOf({ name }: MethodData): string {
  return name.replace(/^(?:Get|Enumerate|Add|Modify|Remove)/, "").replace(/sByIds$/, "");
}

function singular(name: string): string {
  const one = name.replace(/Collection$/, "");
  if (one !== name) return one;
  return name.endsWith("s") && !/(?:ss|us|ies)$/.test(name) ? name.slice(0, -1) : name;
}

/** `partnerUid` -> `partner_uid`. */
export function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

function isMeant(value: string): boolean {
  return value !== "Undefined" && value !== "None";
}

function quoted(text: string): string {
  return /^\w+$/.test(text) ? text : JSON.stringify(text);
}

/** Inside brackets YAML wants quotes around an expression. */
function inFlow(text: string): string {
  return text.startsWith("${{") ? `"${text.replaceAll('"', '\\"')}"` : text;
}

function literal({ kind }: Shape): string {
  return kind === "integer" ? "843" : '"text"';
}
