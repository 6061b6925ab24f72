import { lazily } from "../../core/model/lazily.ts";
import { isObject } from "../../core/model/object.ts";
import type { Value } from "../../core/model/item.ts";
import type { FailureClass } from "../../core/model/outcome.ts";
import type { Dialect, ErrorFacts } from "../../rpc/classify.ts";
import { jsonRpc2 } from "../../rpc/envelope.ts";
import { errorsData } from "./data.ts";

/** By code; an error that is not listed is `reject`. */
export const errorClasses = lazily(
  () =>
    new Map<string, FailureClass>(
      errorsData().errors.flatMap(({ code, class: is }) => (is === undefined ? [] : [[code, is] as const])),
    ),
);

/** The Management Service. */
export const coveDialect: Dialect = {
  envelope: jsonRpc2,
  errors: errorFacts(errorClasses, (code) => errorsData().errors.find((error) => error.code === code)?.remedy),
};

const nodeClasses: ReadonlyMap<string, FailureClass> = new Map([
  ["1701", "auth"],
  ["2100", "auth"],
  ["13501", "reject"],
]);

/** A storage node. A session it has none: what it refuses is the name and the token of the device, before it does anything. */
export const nodeDialect: Dialect = {
  envelope: jsonRpc2,
  errors: errorFacts(
    () => nodeClasses,
    (code) => (code === "1701" || code === "2100" ? "the node refused the token of the device" : undefined),
  ),
};

function errorFacts(
  classes: () => ReadonlyMap<string, FailureClass>,
  explain: (code: string) => string | undefined,
): ErrorFacts {
  return {
    codeOf,
    explain,
    isClear,
    declared: ({ http: { status }, error }) => {
      // 429 is declared to come before anything is done; 503 is not, because a gateway sends it after it has passed a call on.
      if (status === 429) return { class: "throttle" };
      const found = error !== null && isClear("error", status) ? classes().get(codeOf(error)) : undefined;
      return found === undefined ? undefined : { class: found };
    },
  };
}

/** Only the service itself knows our id, and 4xx is its refusal: as clear as the same error on 200. */
function isClear(kind: "result" | "error", status: number): boolean {
  return status === 200 || (kind === "error" && status >= 400 && status < 500);
}

/** `error.data` says what happened; `error.code` is nearly always -32603. */
function codeOf(error: Value): string {
  const { data, code } = isObject(error) ? error : {};
  const number = typeof data === "number" || typeof data === "string" ? data : code;
  return typeof number === "number" || typeof number === "string" ? String(number) : "unknown";
}
