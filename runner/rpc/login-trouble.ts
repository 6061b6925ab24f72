import { ConnectError } from "../core/model/errors.ts";
import type { Service } from "../core/model/service.ts";
import type { LoginResult } from "./session.ts";

/**
 * The service said no to a login. @param message Fit to be shown.
 * @param code Of an answer that is none of JSON-RPC; left out: it is about the credentials.
 */
export function loginRefused(
  { name, url }: Pick<Service, "name" | "url">,
  message: string,
  code?: string,
): LoginResult {
  const isOfAddress = code !== undefined && isElsewhere.test(code) && !/^http-40[13]$/.test(code);
  const error = new ConnectError("login", `${name} refused the login: ${message}`, {
    hint: isOfAddress
      ? `${elsewhere(new URL(url).host)} It is not tried again.`
      : "Check the credentials of the service in the config. The login is not tried again, since that could lock the user out.",
  });
  return { kind: "refused", error };
}

/** No clear answer to a login. @param trouble Fit to be shown; `isSent`: it was, whatever became of it. */
export function loginFailed(
  { name, url }: Pick<Service, "name" | "url">,
  { code, message, isSent }: { readonly code: string; readonly message: string; readonly isSent: boolean },
  counts: boolean,
): LoginResult {
  const error = new ConnectError("connect", `Could not log in to ${name}: ${message}`, {
    hint: hintFor(code, new URL(url).host, isSent),
  });
  return { kind: "failed", error, counts };
}

const isElsewhere = /^http-|^(bad-json|wrong-shape|wrong-id|bad-http|too-large)$/;

/** What is answered tells more than that something was: only without an answer the way is in question. */
function hintFor(code: string, host: string, isSent: boolean): string {
  if (/^http-(5|429)/.test(code)) return `${host} answers, but does not do its work now: try again later.`;
  if (isElsewhere.test(code)) return elsewhere(host);
  if (!isSent) return `Check that ${host} can be reached from here.`;
  if (code === "timeout") return `${host} takes requests, but did not answer this one in time: try again later.`;
  if (code === "reset" || code === "truncated")
    return `${host} ended the connection without an answer: try again later.`;
  return `${host} answers, but does not let anybody in now: try again later.`;
}

function elsewhere(host: string): string {
  return `${host} answers, but not as the JSON-RPC endpoint does: check the url of the service in the config.`;
}
