import { createHash } from "node:crypto";
import { numbered } from "./program.ts";

/** A torrent of one file that nobody has, announced at a port of this machine where nobody listens. */
export function torrent(number: number): Buffer {
  const pieces = createHash("sha1").update(String(number)).digest();
  return encoded({
    announce: "http://127.0.0.1:9/announce",
    info: { length: 16_384, name: numbered("file", number), "piece length": 16_384, pieces },
  });
}

type Bencoded = string | number | Buffer | { readonly [name: string]: Bencoded };

function encoded(value: Bencoded): Buffer {
  if (typeof value === "number") return Buffer.from(`i${value}e`);
  if (typeof value === "string") return encoded(Buffer.from(value));
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = members.flatMap(([name, member]) => [encoded(name), encoded(member)]);
  return Buffer.concat([Buffer.from("d"), ...content, Buffer.from("e")]);
}
