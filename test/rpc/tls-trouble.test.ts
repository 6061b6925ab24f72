import { expect, it } from "vitest";
import { tlsTrouble } from "../../runner/rpc/tls-trouble.ts";

const plain = "what listens at this port does not speak TLS: check the port, and https or http, in the url";

it.each([
  [
    "write EPROTO 80EC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/x.c:354:\n",
    plain,
  ],
  ["oh", plain, "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
  [
    "write EPROTO 80EC:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../deps/openssl/y.c:1586:SSL alert number 40\n",
    "no TLS could be agreed on: sslv3 alert handshake failure",
  ],
  ["self-signed certificate", undefined, "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["connect ECONNREFUSED 127.0.0.1:9", undefined, "ECONNREFUSED"],
])("says in words what TLS failed of: %s", (message, told, code?: string) => {
  expect(tlsTrouble({ message, code })).toBe(told);
});
