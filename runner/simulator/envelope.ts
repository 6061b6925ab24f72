import type { ApiError } from "./api-error.ts";

/** What a method returns: null for void methods, else the value under `result` and the output parameters beside it. */
export type MethodResult = null | ({ readonly result: unknown } & Readonly<Record<string, unknown>>);

/** JSON-RPC ids are echoed as they came; null when the request was not readable. */
export type RpcId = string | number | null;

/** The body of a successful answer: the whole result under the outer `result`, the fresh visa beside it. */
export function resultBody(id: RpcId, result: MethodResult, visa: string | undefined): string {
  return JSON.stringify({ id, jsonrpc: "2.0", result, visa });
}

/** The body of a refusal. Messages are HTML-escaped, as the service does; the visa rotates here too, if there is one. */
export function errorBody(id: RpcId, error: ApiError, visa: string | undefined): string {
  const { code, data } = error;
  return JSON.stringify({ id, jsonrpc: "2.0", error: { code, data, message: escapeHtml(error.message) }, visa });
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
