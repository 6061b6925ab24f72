interface Trouble {
  readonly message: string;
  readonly code?: string | undefined;
}

/** What a connection failed of where TLS is the matter, in words and without OpenSSL's own places. Undefined: it is not. */
export function tlsTrouble({ message, code }: Trouble): string | undefined {
  if (isNoTls.test(`${code ?? ""} ${message}`))
    return "what listens at this port does not speak TLS: check the port, and https or http, in the url";
  const [, reason] = openSslReason.exec(message) ?? [];
  return reason === undefined ? undefined : `no TLS could be agreed on: ${reason}`;
}

/** As OpenSSL says it of an answer that is no TLS record. */
const isNoTls = /wrong[_ ]version[_ ]number|packet[_ ]length[_ ]too[_ ]long|record[_ ]layer[_ ]failure/i;

/** `…:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../deps/openssl/…` */
const openSslReason = /:SSL routines:[^:]*:([^:]+):/;
