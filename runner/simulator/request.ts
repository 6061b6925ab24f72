import { ApiError, errorCode } from "./api-error.ts";
import type { RpcId } from "./envelope.ts";
import { isMembers } from "./params.ts";
import type { Members } from "./params.ts";

/** A JSON-RPC request, as far as it can be told without knowing the method. */
export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params: Members;
  /** From the top level of the body, else from the Authorization header; null when it is in neither, or misplaced. */
  readonly visa: string | null;
}

/**
 * Read the body of a POST. A visa inside `params` spoils the request, wherever else there is one.
 * @throws ApiError for what is no single JSON-RPC request; the service knows no batches.
 */
export function readRequest(body: string, authorization: string | undefined): RpcRequest {
  const request = parseJson(body);
  if (!isMembers(request)) throw invalid("not a single request object");
  const { id = null, method, params = {}, visa = bearer(authorization) } = request;
  if (typeof method !== "string") throw invalid("no method");
  if (!isMembers(params)) throw invalid("params isn't an object");
  if (id !== null && typeof id !== "string" && typeof id !== "number") throw invalid("id is neither text nor number");
  return { id, method, params, visa: typeof visa === "string" && !("visa" in params) ? visa : null };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(errorCode.parse, "Request isn't JSON", errorCode.parse);
  }
}

function invalid(problem: string): ApiError {
  return new ApiError(errorCode.invalidRequest, `Invalid request: ${problem}`, errorCode.invalidRequest);
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
}
