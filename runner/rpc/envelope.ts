import { isObject } from "../core/model/object.ts";
/** A JSON object as it came from the service. */
export type Body = Readonly<Record<string, unknown>>;

/** The `error` member of an answer, as it came. */
export interface RpcError {
  readonly code: unknown;
  readonly message: string;
  readonly data: unknown;
}

/** What an HTTP body says as a JSON-RPC 2.0 answer to one request. */
export type Envelope =
  | { readonly kind: "result"; readonly result: unknown; readonly body: Body }
  | { readonly kind: "error"; readonly error: RpcError; readonly body: Body }
  /** Not an answer to this request: nothing follows from it. */
  | { readonly kind: "malformed"; readonly code: "bad-json" | "wrong-shape" | "wrong-id"; readonly message: string };

/**
 * The body of a request.
 * @param request `params` is JSON text; `members` are further top-level members as JSON text (`"name":value`), or empty.
 */
export function requestBody(request: {
  readonly id: string;
  readonly method: string;
  readonly params: string;
  readonly members: string;
}): string {
  const { id, method, params, members } = request;
  const more = members === "" ? "" : `,${members}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":${JSON.stringify(method)},"params":${params}${more}}`;
}

/** Read an answer. The id must be ours exactly, and there must be either an error or a result, not both. */
export function readEnvelope(text: string, id: string): Envelope {
  const body = parseObject(text);
  if (body === undefined) return malformed("bad-json", "the answer is not a JSON object");
  const { id: found, jsonrpc, error } = body;
  if (found !== id) return malformed("wrong-id", `the answer has the id ${shown(found)}, asked was ${shown(id)}`);
  if (jsonrpc !== undefined && jsonrpc !== "2.0") {
    return malformed("wrong-shape", `the answer is JSON-RPC ${shown(jsonrpc)}, not "2.0"`);
  }
  const hasResult = Object.hasOwn(body, "result");
  if (error !== undefined && error !== null) return readError(error, hasResult && body.result !== null, body);
  if (!hasResult) return malformed("wrong-shape", "the answer holds neither a result nor an error");
  return { kind: "result", result: body.result, body };
}

function readError(error: unknown, hasResult: boolean, body: Body): Envelope {
  if (hasResult) return malformed("wrong-shape", "the answer holds both a result and an error");
  if (!isObject(error)) return malformed("wrong-shape", "the error of the answer is not an object");
  const message = typeof error.message === "string" ? error.message : "";
  return { kind: "error", error: { code: error.code, data: error.data, message }, body };
}

/** No service nests its answers so deeply; what is done with them is recursive. */
const maxDepth = 200;
const code = { quote: 34, backslash: 92, openList: 91, closeList: 93, openObject: 123, closeObject: 125 } as const;

function parseObject(text: string): Body | undefined {
  if (nestsDeeper(text, maxDepth)) return undefined;
  try {
    // Some frameworks put a byte order mark in front of UTF-8.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : undefined;
  } catch {
    // Whatever the reason, it is not JSON; the caller says so.
    return undefined;
  }
}

/** Of JSON text; what stands in strings does not count. */
function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length && depth <= limit; at++) {
    const character = text.charCodeAt(at);
    if (character === code.quote) inString = !inString;
    else if (inString) at += character === code.backslash ? 1 : 0;
    else if (character === code.openList || character === code.openObject) depth += 1;
    else if (character === code.closeList || character === code.closeObject) depth -= 1;
  }
  return depth > limit;
}

function malformed(code: Extract<Envelope, { kind: "malformed" }>["code"], message: string): Envelope {
  return { kind: "malformed", code, message };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return "(none)";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
