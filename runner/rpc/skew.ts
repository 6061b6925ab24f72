import { headerOf, type HttpAnswer } from "./transport.ts";

/**
 * Our clock minus the service's, in ms, by the header `Date`; undefined: it has none. The header counts whole seconds, cut
 * off: half a second is added. Our moment is the middle of the request.
 */
export function skewOf(http: Pick<HttpAnswer, "headers">, sentAt: number, answeredAt: number): number | undefined {
  const theirs = Date.parse(headerOf(http, "date") ?? "");
  return Number.isNaN(theirs) ? undefined : Math.round((sentAt + answeredAt) / 2 - (theirs + 500));
}
