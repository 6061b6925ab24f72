import { isExactInt } from "../../core/model/exact.ts";
import type { Value } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import type { ErrorRule, Protocol, Told, ToldCondition } from "../../core/model/protocol.ts";
import type { Declared, Dialect } from "../../rpc/classify.ts";

/** What answers of a configured service mean: by the first rule that matches, else as JSON-RPC has it. */
export function dialectOf({ envelope, errors, session }: Protocol): Dialect {
  const renewals = session.refresh.flatMap(({ on }) => (on === "every" ? [] : [on]));
  return {
    envelope,
    isExact: true,
    errors: {
      codeOf,
      explain: () => undefined,
      isClear: (kind, status) => (kind === "result" ? status >= 200 && status < 300 : !isOfGateways(status)),
      declared: (told, isAnswer) => {
        const rule = errors.find(({ when }) => matches(when, told, isAnswer));
        return rule === undefined ? refusedBy(told, isAnswer) : declaredBy(rule, told.body);
      },
      doubtsResults: errors.length > 0,
      doubts: (told) => {
        const holds = errors.findIndex(({ when }) => when(told));
        return errors.slice(0, holds < 0 ? errors.length : holds).flatMap(({ whyNot }, place) => {
          const why = whyNot?.(told);
          return why === undefined ? [] : [`errors[${place}].when could not be evaluated: ${why}`];
        });
      },
      isRenewal: (told, isAnswer) => renewals.some((on) => matches(on, told, isAnswer)),
    },
  };
}

/** Where there is no answer to our request, null says nothing of it: the rule has to be one about the HTTP status. */
function matches(when: ToldCondition, told: Told, isAnswer: boolean): boolean {
  return when(told) && (isAnswer || !when({ ...told, http: { status: 200 } }));
}

/**
 * What asks for credentials has done nothing, whether it is the service or stands in front of it. An error of the service
 * itself on HTTP 403 is about this call: others may be allowed.
 */
function refusedBy({ http, error }: Told, isAnswer: boolean): Declared | undefined {
  const isAboutCall = http.status === 403 && isAnswer && error !== null;
  return http.status === 401 || (http.status === 403 && !isAboutCall) ? { class: "auth" } : undefined;
}

function declaredBy(rule: ErrorRule, body: Value): Declared {
  const message = textOf(rule.message?.(body) ?? null);
  return { class: rule.class, ...(message !== undefined && { message }) };
}

/** What stands between us and the service may send these after it has passed a call on. */
function isOfGateways(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** The number or the name of an error; an error that is only a text has none. */
function codeOf(error: Value): string {
  if (!isObject(error)) return typeof error === "number" ? String(error) : "error";
  return textOf(error.code ?? null) ?? textOf(error.name ?? null) ?? "unknown";
}

function textOf(value: Value): string | undefined {
  if (isExactInt(value)) return value.$int;
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
