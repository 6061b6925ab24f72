import { ConnectError, IncompleteError, type RunnerError } from "./errors.ts";
import type { Failure } from "./outcome.ts";

/** Codes that Rollcall gives to what came to pass; all others are the service's own. */
const ours: ReadonlySet<string> = new Set([
  ...["aborted", "bad-http", "bad-json", "connect", "content-encoding", "error", "login", "params", "pause", "reset"],
  ...["result", "timeout", "too-large", "truncated", "unknown", "wrong-id", "wrong-shape"],
]);

/**
 * Why something that had to be read could not be: nothing may be decided.
 * @param about `what`: as a message begins, `from`: how it ends; `next`: what to do where the service itself has said nothing.
 */
export function unreadable(
  { class: failureClass, code, message }: Failure,
  { what, from = "", next }: { readonly what: string; readonly from?: string; readonly next: string },
): RunnerError {
  if (code === "login") return new ConnectError("login", message);
  if (isOfTheWay(failureClass, code))
    return new ConnectError("connect", `${what} could not be asked for${from}: ${message}`, {
      hint: "Check the url of the service in the config, and that it can be reached from here.",
    });
  const isOurs = ours.has(code) || /^http-\d+$/.test(code);
  const why = isOurs ? next : `The service's code is ${code}, taken as ${failureClass}.`;
  return new IncompleteError(`${what} could not be read${from}: ${message}`, { hint: `Nothing was decided. ${why}` });
}

/** Nobody logs in to some services: that they can not be reached shows here. */
function isOfTheWay(failureClass: Failure["class"], code: string): boolean {
  return code === "reset" || (failureClass === "not_acted" && (code === "connect" || code === "timeout"));
}
