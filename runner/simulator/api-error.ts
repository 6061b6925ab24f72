/**
 * The numbers the service puts in `error.data`. The first three are seen in public code; for the rest nobody has
 * published a number, so these are the simulator's own.
 */
export const errorData = {
  visa: 1701,
  login: 2100,
  security: 13501,
  notFound: 20404,
  productUnavailable: 20405,
  profileUnavailable: 20406,
  customColumnValueLoss: 20407,
  partnerNameTaken: 20408,
  userEmailTaken: 20409,
  userNameTaken: 20410,
  currentUserRemoval: 20411,
  invalidArgument: 20400,
  filter: 20401,
  generic: 20500,
} as const;

/** JSON-RPC numbers in `error.code`; the service nearly always says `internal`, whatever the cause. */
export const errorCode = { internal: -32603, methodNotFound: -32601, invalidRequest: -32600, parse: -32700 } as const;

/** A refusal by the API itself: HTTP 200 with an `error` member. `message` is plain text; the envelope escapes it. */
export class ApiError extends Error {
  readonly code: number;
  readonly data: number;

  constructor(data: number, message: string, code: number = errorCode.internal) {
    super(message);
    this.name = "ApiError";
    this.data = data;
    this.code = code;
  }
}

/** 1701: the visa is missing, stale, damaged or in the wrong place; the service does not say which. */
export function visaError(): ApiError {
  return new ApiError(errorData.visa, "Visa is inconsistent/corrupted.");
}

/** How a node refuses a name or a token nobody has published: here as the service refuses a visa. */
export function tokenError(): ApiError {
  return new ApiError(errorData.visa, "Token is inconsistent/corrupted.");
}

/** 13501: the visa is fine, the action is refused: a partner out of scope or a column this tenant may not read. */
export function securityError(): ApiError {
  return new ApiError(errorData.security, "Operation failed because of security reasons");
}

/** A device, partner or user that does not exist. */
export function notFoundError(kind: string, key: string | number): ApiError {
  return new ApiError(errorData.notFound, `${kind} '${String(key)}' doesn't exist`);
}

/** A parameter that is missing or of the wrong kind. */
export function argumentError(message: string): ApiError {
  return new ApiError(errorData.invalidArgument, message);
}
