import type { FailureClass } from "../../core/model/outcome.ts";
import type { ErrorFacts } from "../../rpc/classify.ts";
import { errorsData, lazily } from "./data.ts";

/** `error.data` says what happened; `error.code` is nearly always -32603. */
export const coveErrors: ErrorFacts = {
  codeOf: ({ data, code }) => {
    const number = typeof data === "number" || typeof data === "string" ? data : code;
    return typeof number === "number" || typeof number === "string" ? String(number) : "unknown";
  },
  get classes() {
    return classes();
  },
  // 429 is declared to come before anything is done; 503 is not, because a gateway sends it after it has passed a call on.
  statuses: { 429: "throttle" },
  explain: (code) => errorsData().errors.find((error) => error.code === code)?.remedy,
};

const classes = lazily(
  () =>
    new Map<string, FailureClass>(
      errorsData().errors.flatMap(({ code, class: is }) => (is === undefined ? [] : [[code, is] as const])),
    ),
);

/** Of a storage node. A session it has none: what it refuses is the name and the token of the device, before it does anything. */
export const nodeErrors: ErrorFacts = {
  codeOf: (error) => coveErrors.codeOf(error),
  statuses: coveErrors.statuses,
  classes: new Map([
    ["1701", "auth"],
    ["2100", "auth"],
    ["13501", "reject"],
  ]),
  explain: (code) => (code === "1701" || code === "2100" ? "the node refused the token of the device" : undefined),
};
