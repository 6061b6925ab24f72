import type { ErrorFacts } from "../../rpc/classify.ts";

/** `error.data` says what happened; `error.code` is nearly always -32603. */
export const coveErrors: ErrorFacts = {
  codeOf: ({ data, code }) => {
    const number = typeof data === "number" || typeof data === "string" ? data : code;
    return typeof number === "number" || typeof number === "string" ? String(number) : "unknown";
  },
  classes: new Map([
    ["1701", "auth"],
    ["2100", "fatal"],
    ["13501", "reject"],
  ]),
  // 429 is declared to come before anything is done; 503 is not, because a gateway sends it after it has passed a call on.
  statuses: { 429: "throttle" },
  explain: (code) => remedies.get(code),
};

/** Of a storage node. A session it has none: what it refuses is the name and the token of the device, before it does anything. */
export const nodeErrors: ErrorFacts = {
  ...coveErrors,
  classes: new Map([
    ["1701", "auth"],
    ["2100", "auth"],
    ["13501", "reject"],
  ]),
  explain: (code) => (code === "1701" || code === "2100" ? "the node refused the token of the device" : undefined),
};

const remedies: ReadonlyMap<string, string> = new Map([
  ["1701", "the session was refused, also after a new login"],
  [
    "2100",
    "user, token or customer name; the customer's name must be exact, case and the part in parentheses included",
  ],
  ["13501", "the role of this user, a customer outside its scope, or a column this tenant may not read: one is enough"],
]);
