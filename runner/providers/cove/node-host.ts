/** A storage node's Reporting Service. */
const path = "/repserv_json";

/**
 * Where the node of a device is asked, from the host that the service names for it. Its port is not used; on this machine,
 * where a simulator may listen, it is, and without TLS.
 * @param domains The only hosts that may be named, with all below them.
 * @returns Undefined: it is none of these, and nothing may be sent to it.
 */
export function nodeUrl(host: string, domains: readonly string[]): string | undefined {
  const [, written = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec(host.trim().toLowerCase()) ?? [];
  const name = written.replace(/\.$/, "");
  if (!isHostName(name) || !domains.some((domain) => isBelow(name, domain))) return undefined;
  if (!isLoopback(name)) return `https://${name}${path}`;
  const url = `http://${name}${port === undefined ? "" : `:${port}`}${path}`;
  return URL.canParse(url) ? url : undefined;
}

/** Labels and dots, and nothing that an address could be hidden in. */
function isHostName(name: string): boolean {
  return (
    name.length <= 253 && /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(name)
  );
}

function isBelow(name: string, domain: string): boolean {
  if (name === domain) return true;
  // An address has nothing below it.
  return !isLoopback(name) && !/^[\d.]+$/.test(domain) && name.endsWith(`.${domain}`);
}

function isLoopback(name: string): boolean {
  return name === "localhost" || /^127(\.\d{1,3}){3}$/.test(name);
}
