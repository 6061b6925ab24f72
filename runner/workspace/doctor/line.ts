import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, rootCertificates, TLSSocket } from "node:tls";
import { isLoopback } from "../../config/services.ts";
import type { Service } from "../../core/model/service.ts";
import { exitCodes } from "../../core/model/errors.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { okUnless, type Check } from "./check.ts";

const mostMs = 10_000;
const dayMs = 86_400_000;
/** A certificate that ends sooner is worth a word. */
const soonDays = 14;

/** Whether the host of a service answers, and with a certificate that holds. No request is sent. */
export async function lineCheck(
  { name, url, kind, limits, ca }: Service,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check> {
  const address = new URL(url);
  const check = "connection";
  const began = performance.now();
  let socket: Socket;
  try {
    socket = await opened(address, { timeoutMs: Math.min(mostMs, limits.timeoutMs), ca });
  } catch (error) {
    const { found, advice } = troubleOf(error, { name, address, kind });
    const proxy = env.HTTPS_PROXY ?? env.https_proxy;
    const direct = proxy === undefined || proxy === "" ? "" : " HTTPS_PROXY is set, but Rollcall connects directly.";
    return { check, status: "failed", found, advice: `${advice}${direct}`, exit: exitCodes.connect };
  }
  const took = `${address.host} answers in ${Math.round(performance.now() - began)} ms`;
  try {
    if (socket instanceof TLSSocket) return tlsCheck(socket, took);
    const advice = isLoopback(url) ? [] : ["Credentials travel in the clear: use https."];
    return okUnless({ check, found: `${took}, without TLS` }, advice);
  } finally {
    socket.destroy();
  }
}

function tlsCheck(socket: TLSSocket, took: string): Check {
  const { valid_to: until, issuer } = socket.getPeerCertificate();
  const days = Math.floor((Date.parse(until) - Date.now()) / dayMs);
  const by = [issuer.O, issuer.CN].flat().find((name) => name !== undefined) ?? "an unnamed issuer";
  const found = `${took}, ${socket.getProtocol() ?? "TLS"}, certificate by ${by} good for ${days} days`;
  const advice = days < soonDays ? ["The certificate ends soon: whoever runs the service has to renew it."] : [];
  return okUnless({ check: "connection", found }, advice);
}

interface Opening {
  readonly timeoutMs: number;
  /** Trusted besides the usual ones. */
  readonly ca: string | undefined;
}

function opened({ protocol, hostname, port }: URL, { timeoutMs, ca }: Opening): Promise<Socket> {
  // IPv6 addresses stand in brackets in a URL only.
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const secure = protocol === "https:";
    const to = { host, port: Number(port) || (secure ? 443 : 80) };
    // Set, so that no environment variable turns verification off. A server is not asked for by its number.
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
    const socket = secure ? connectTls({ ...to, ...named, ...trusted, rejectUnauthorized: true }) : connectPlain(to);
    socket.once(secure ? "secureConnect" : "connect", () => resolve(socket));
    socket.once("error", reject);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  });
}

interface Where {
  readonly name: string;
  readonly address: URL;
  readonly kind: Service["kind"];
}

function troubleOf(
  error: unknown,
  { name, address, kind }: Where,
): { readonly found: string; readonly advice: string } {
  const { host, hostname, port } = address;
  // A host with several addresses fails with all their errors in one.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = errnoOf(first) ?? "";
  const reason = reasonOf(first);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    const advice = "Check the url of the service in the config, and DNS on this machine.";
    return { found: `the name ${hostname} can not be resolved`, advice };
  }
  if (code === "ECONNREFUSED") {
    const advice =
      kind === "simulator"
        ? `Start it: rollcall simulate --port ${port}`
        : "Check the url of the service in the config.";
    return { found: `nothing listens at ${host}`, advice };
  }
  if (/CERT|SELF_SIGNED|ISSUER|SIGNATURE|ALTNAME/.test(code)) {
    const advice =
      "If the certificate is one of your own network's (of a proxy that looks into TLS, say), name it in " +
      `services.${name}.tls.ca, or in NODE_EXTRA_CA_CERTS; else do not go on.`;
    return { found: `the certificate of ${host} does not hold: ${reason}`, advice };
  }
  if (code.startsWith("ERR_SSL") || code === "EPROTO") {
    const advice = "Check the url of the service in the config: its port, and https or http.";
    return { found: `${host} does not speak TLS`, advice };
  }
  const advice = "Check the network, and that a firewall lets this machine through.";
  return { found: `${host} can not be reached: ${reason}`, advice };
}
