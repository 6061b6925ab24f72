import type { Value } from "../core/model/item.ts";
import { isObject } from "../core/model/object.ts";
import type { EnvelopeRules } from "../core/model/protocol.ts";
import { parseJson } from "./json.ts";

/** A JSON object as it came from the service. */
export type Body = Readonly<Record<string, unknown>>;

/** JSON-RPC 2.0 over HTTP, as its specification has it. */
export const jsonRpc2: EnvelopeRules = {
  version: "2.0",
  method: "method",
  params: "params",
  id: "id",
  hasNumericIds: false,
  emptyParams: "object",
  result: (body) => (isObject(body) && Object.hasOwn(body, "result") ? body.result : undefined),
  error: (body) => (isObject(body) ? (body.error ?? null) : null),
  success: undefined,
  contentType: "application/json",
  nullId: "refuse",
};

/** What an HTTP body says as an answer to one request. */
export type Envelope =
  | { readonly kind: "result"; readonly result: Value; readonly body: Body }
  /** `error`: as it came; null where the service only says that it failed. */
  | { readonly kind: "error"; readonly error: Value; readonly result: Value; readonly body: Body }
  /** Not an answer to this request: nothing follows from it. `body`: what it is as JSON, unless it answers somebody else. */
  | {
      readonly kind: "malformed";
      readonly code: "bad-json" | "wrong-shape" | "wrong-id";
      readonly message: string;
      readonly body: Value;
    };

/** What a request is made of. `params`, `members`: JSON text; without params there is no such member. */
export interface RequestParts {
  readonly id: string;
  readonly method: string;
  readonly params: string | undefined;
  /** Further members (`"name":value`), or empty. */
  readonly members: string;
}

/** Writes the bodies of requests, with the member names of a service. */
export function requestWriter(rules: EnvelopeRules): (parts: RequestParts) => string {
  const version = rules.version === undefined ? "" : `"jsonrpc":${JSON.stringify(rules.version)},`;
  const [idName, methodName, paramsName] = [rules.id, rules.method, rules.params].map((name) => JSON.stringify(name));
  const [head, middle, tail] = [`{${version}${idName}:`, `,${methodName}:`, `,${paramsName}:`];
  return ({ id, method, params, members }) => {
    const asked = params === undefined ? "" : `${tail}${params}`;
    const more = members === "" ? "" : `,${members}`;
    return `${head}${JSON.stringify(wireId(id, rules))}${middle}${JSON.stringify(method)}${asked}${more}}`;
  };
}

/** Reads count from here where ids are numbers, so that none has the id of a change. It fits 32 bits. */
const firstRead = 1_000_000_000;

/** An id of ours as it is sent. As a number: of `<run>-<intent>-<attempt>` the intent, of `<connection>-r<read>` the read. */
function wireId(id: string, { hasNumericIds }: Pick<EnvelopeRules, "hasNumericIds">): string | number {
  if (!hasNumericIds) return id;
  const [, read, intent = "0"] = /(?:-r(\d{1,9})|-(\d{1,15})-\d+)$/.exec(id) ?? [];
  return read === undefined ? Number(intent) : firstRead + Number(read);
}

/** Read an answer. The id must be ours exactly, and there must be either an error or a result, not both. */
export function readEnvelope(text: string, id: string, rules: EnvelopeRules, isExact = false): Envelope {
  const body = parseJson(text, isExact);
  if (body === undefined || !isObject(body))
    return malformed("bad-json", "the answer is not a JSON object", body ?? null);
  const found = body[rules.id];
  const sent = wireId(id, rules);
  if (found !== sent && !(rules.nullId === "accept" && isNone(found))) {
    const message = `the answer has the id ${shown(found)}, asked was ${shown(sent)}`;
    return malformed("wrong-id", message, isNone(found) ? body : null);
  }
  const { jsonrpc } = body;
  if (rules.version === "2.0" && jsonrpc !== undefined && jsonrpc !== "2.0")
    return malformed("wrong-shape", `the answer is JSON-RPC ${shown(jsonrpc)}, not "2.0"`, body);
  return rules.success === undefined ? readMembers(body, rules) : readStatus(body, rules, rules.success);
}

function readMembers(body: Readonly<Record<string, Value>>, rules: EnvelopeRules): Envelope {
  const error = rules.error(body);
  const result = rules.result(body);
  if (error === null) {
    if (result === undefined) return malformed("wrong-shape", "the answer holds neither a result nor an error", body);
    return { kind: "result", result, body };
  }
  if (result !== undefined && result !== null)
    return malformed("wrong-shape", "the answer holds both a result and an error", body);
  if (saysNothing(error)) return malformed("wrong-shape", `the error of the answer is ${shown(error)}`, body);
  return { kind: "error", error, result: null, body };
}

/** Where the service says in so many words whether it succeeded, nothing else counts. */
function readStatus(
  body: Readonly<Record<string, Value>>,
  rules: EnvelopeRules,
  isSuccess: (body: Value) => boolean,
): Envelope {
  const result = rules.result(body) ?? null;
  return isSuccess(body) ? { kind: "result", result, body } : { kind: "error", error: rules.error(body), result, body };
}

/** An error that may as well mean that there is none. */
function saysNothing(error: Value): boolean {
  return error === false || error === 0 || error === "" || (Array.isArray(error) && error.length === 0);
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}

function malformed(code: Extract<Envelope, { kind: "malformed" }>["code"], message: string, body: Value): Envelope {
  return { kind: "malformed", code, message, body };
}

/** A value in a message, cut. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return "(none)";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
