import { ConnectError } from "../core/model/errors.ts";
import type { Service } from "../core/model/service.ts";
import type { LoginResult } from "./session.ts";

/** The service said no to a login. @param message Fit to be shown. */
export function loginRefused({ name }: Pick<Service, "name">, message: string): LoginResult {
  const error = new ConnectError("login", `${name} refused the login: ${message}`, {
    hint: "Check the credentials of the service in the config. The login is not tried again, since that could lock the user out.",
  });
  return { kind: "refused", error };
}

/** No clear answer to a login. @param trouble Fit to be shown. */
export function loginFailed(
  { name, url }: Pick<Service, "name" | "url">,
  { code, message }: { readonly code: string; readonly message: string },
  counts: boolean,
): LoginResult {
  const error = new ConnectError("connect", `Could not log in to ${name}: ${message}`, {
    hint: hintFor(code, new URL(url).host),
  });
  return { kind: "failed", error, counts };
}

/** What is answered tells more than that something was: only without an answer the way is in question. */
function hintFor(code: string, host: string): string {
  if (/^http-(5|429)/.test(code)) return `${host} answers, but does not do its work now: try again later.`;
  if (/^http-|^(bad-json|wrong-shape|wrong-id|bad-http|too-large)$/.test(code))
    return `${host} answers, but not as the JSON-RPC endpoint does: check the url of the service in the config.`;
  return `Check that ${host} can be reached from here.`;
}
