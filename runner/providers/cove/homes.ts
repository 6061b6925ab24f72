import type { Failure } from "../../core/model/outcome.ts";
import type { Client } from "../../rpc/client.ts";
import type { Body } from "../../rpc/envelope.ts";
import { nodeUrl } from "./node-host.ts";
import { isObject } from "../../core/model/object.ts";

/** Params of calls to a node that come from the device itself. The visa of the Management Service stays there. */
export const filledIn: readonly string[] = ["accountId", "account", "token", "visa"];

/** Where a device lives, and what its node lets in. Kept in memory only, and never shown. */
export interface Home {
  readonly device: string;
  readonly url: string;
  readonly account: string;
  readonly token: string;
}

export type FoundHome =
  | { readonly kind: "home"; readonly home: Home }
  /** `isDefinite`: asking again gives the same. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly isDefinite: boolean };

/** Devices whose homes are remembered. */
const mostHomes = 500;

/** Homes of devices, asked for with GetAccountInfoById and remembered until they prove stale. */
export class Homes {
  readonly #client: Pick<Client, "read">;
  readonly #domains: readonly string[];
  /** The least recently used one first. */
  readonly #known = new Map<string, Home>();

  constructor(client: Pick<Client, "read">, domains: readonly string[]) {
    this.#client = client;
    this.#domains = domains;
  }

  async of(device: string, signal: AbortSignal): Promise<FoundHome> {
    const known = this.#known.get(device);
    if (known === undefined) return this.fresh(device, signal);
    this.#remember(known);
    return { kind: "home", home: known };
  }

  /** Asked for anew, whatever is remembered. */
  async fresh(device: string, signal: AbortSignal): Promise<FoundHome> {
    this.#known.delete(device);
    const request = { method: "GetAccountInfoById", params: { accountId: Number(device) } };
    const answer = await this.#client.read(request, signal);
    if (answer.kind === "failed") {
      const { failure } = answer;
      const isDefinite = failure.class === "reject" || failure.class === "not_found";
      return { kind: "failed", failure: { ...failure, message: `GetAccountInfoById: ${failure.message}` }, isDefinite };
    }
    const found = this.#homeFrom(answer.result, device);
    if (found.kind === "home") this.#remember(found.home);
    return found;
  }

  /** To be asked for anew the next time. */
  forget(device: string): void {
    this.#known.delete(device);
  }

  #homeFrom(result: unknown, device: string): FoundHome {
    const account = membersOf(result, "result");
    const { Id: id, Name: name, Token: token, RemovalTime: removed = null } = account;
    if (String(id) !== device || !isText(name) || !isText(token))
      return none("no-home", `GetAccountInfoById says no name and token of device ${device}`);
    if (removed !== null && Number(removed) !== 0) return none("removed", `device ${device} was removed`);
    const { Host: host } = membersOf(membersOf(result, "homeNodeInfo"), "CommonInfo");
    if (!isText(host)) return none("no-home", `GetAccountInfoById names no storage node of device ${device}`);
    const url = nodeUrl(host, this.#domains);
    if (url !== undefined) return { kind: "home", home: { device, url, account: name, token } };
    const shown = JSON.stringify(host.slice(0, 100));
    const allowed = this.#domains.length === 0 ? "none" : this.#domains.join(", ");
    return none(
      "foreign-host",
      `the node of device ${device} is said to be ${shown}, which is not under the domains of the service (${allowed}); nothing was sent to it`,
    );
  }

  #remember(home: Home): void {
    this.#known.delete(home.device);
    this.#known.set(home.device, home);
    for (const oldest of this.#known.keys()) if (this.#known.size > mostHomes) this.#known.delete(oldest);
  }
}

function none(code: string, message: string): FoundHome {
  return { kind: "failed", failure: { class: "fatal", code, message }, isDefinite: true };
}

function membersOf(value: unknown, name: string): Body {
  const member = isObject(value) ? value[name] : undefined;
  return isObject(member) ? member : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
