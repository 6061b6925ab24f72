import { createHash, createHmac, createPublicKey, verify, type KeyObject } from "node:crypto";

// docs/record-format.md in code, for somebody who has that page and nothing of Rollcall: it imports node:crypto and nothing else.
// Each function throws where something is not as the page says.

type Members = Readonly<Record<string, unknown>>;

/** Hash of each record, by its number; that before the first one at 0. */
export function hashesOf(ledger: Buffer, run: string): readonly string[] {
  const hashes = [sha(Buffer.from(`rollcall/1\n${run}`)).toString("hex")];
  for (const line of linesOf(ledger)) {
    const at = line.lastIndexOf(',"hash":"');
    const begin = line.subarray(0, at);
    const { seq, hash } = members(line);
    must(line.subarray(at).toString() === `,"hash":"${String(hash)}"}`, "the hash ends the line");
    must(begin.toString().startsWith(`{"seq":${String(seq)},`) && seq === hashes.length, "records count from 1");
    must(sha(Buffer.from(hashes.at(-1) ?? ""), begin).toString("hex") === hash, `record ${String(seq)} chains`);
    hashes.push(hash as string);
  }
  return hashes;
}

const counts: Readonly<Record<string, readonly string[]>> = {
  inventory: ["rows", "filtered-out", "already", "refused", "selected"],
  "change-set": ["size"],
  lookups: ["size"],
};

/** The digest of a list, of changes or lookups, its last line checked in every byte; and the lines between. */
export function sealed(file: Buffer): { readonly digest: string; readonly lines: readonly Buffer[] } {
  const lines = linesOf(file);
  const last = lines.at(-1) ?? Buffer.alloc(0);
  const digest = sha(file.subarray(0, file.length - last.length - 1)).toString("hex");
  const end = members(last);
  const names = counts[String(members(lines[0] ?? last).type)] ?? [];
  const written = names.map((name) => `"${name}":${String(end[name])},`).join("");
  must(last.toString() === `{"type":"end",${written}"digest":"${digest}"}`, "the end line is as it is written");
  must((end.rows ?? end.size) === lines.length - 2, "the end line counts the lines");
  return { digest, lines: lines.slice(1, -1) };
}

/** Whether a signature, from a file or from a pack, was made by this key. */
export function isSigned(signature: Members, pem: string): boolean {
  const { run, seq, hash, root, at, key } = signature;
  const own = root === undefined ? "" : `"root":"${String(root)}",`;
  const head = `"run":"${String(run)}","seq":${String(seq)},"hash":"${String(hash)}",`;
  const text = `{"type":"rollcall-signature","format":1,${head}${own}"at":${String(at)},"key":"${String(key)}"}`;
  const publicKey: KeyObject = createPublicKey(pem);
  must(sha(publicKey.export({ type: "spki", format: "der" })).toString("hex") === key, "it names the key");
  return verify(null, Buffer.from(text), publicKey, Buffer.from(String(signature.signature), "base64"));
}

/** A pack, all of it checked against its own root. */
export function packOf(file: Buffer): {
  readonly root: string;
  readonly signatures: readonly Members[];
  readonly run: Members;
  readonly items: readonly { readonly place: number; readonly leaf: Members; readonly facts: readonly string[] }[];
} {
  const lines = linesOf(file);
  const last = lines.at(-1) ?? Buffer.alloc(0);
  const digest = sha(file.subarray(0, file.length - last.length - 1)).toString("hex");
  must(last.toString() === `{"type":"end","digest":"${digest}"}`, "the digest of the pack fits");
  const first = members(lines[0] ?? last);
  must(first.type === "rollcall-pack" && first.format === 2, "it is a pack");
  const [own, ...others] = lines.slice(1, -1).map(members);
  const run = JSON.parse(String(own?.leaf)) as Members;
  const size = Number(run.items) + 1;
  for (const one of [own, ...others])
    must(rootFrom(one as unknown as Packed, size) === first.root, `place ${String(one?.place)} leads to the root`);
  must(own?.place === 0, "the run comes first");
  const items = others.map((line) => {
    const { place, leaf: text, facts } = line as unknown as Packed & { readonly facts: readonly string[] };
    const leaf = JSON.parse(text) as Members;
    let chain: Buffer = Buffer.alloc(32);
    for (const fact of facts) chain = sha(chain, Buffer.from(fact));
    if (leaf.facts === undefined) must(facts.length === 0, "who was not selected has no facts");
    else must(chain.toString("hex") === leaf.facts, `the facts at place ${place} fit`);
    must(leaf.of === others.length, "it holds all of the customer");
    return { place, leaf, facts };
  });
  return { root: String(first.root), signatures: first.signatures as readonly Members[], run, items };
}

interface Packed {
  readonly place: number;
  readonly leaf: string;
  readonly path: readonly string[];
}

/** RFC 9162, 2.1.3.2. */
function rootFrom({ place, leaf, path }: Packed, size: number): string | undefined {
  let [fn, sn] = [place, size - 1];
  let hash = sha(Buffer.of(0), Buffer.from(leaf));
  for (const text of path) {
    const beside = Buffer.from(text, "hex");
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = sha(Buffer.of(1), beside, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else {
      hash = sha(Buffer.of(1), hash, beside);
    }
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 ? hash.toString("hex") : undefined;
}

/** The salt of a leaf. @param salt Of the run, as its start has it. */
export function leafSalt(salt: string, place: number): string {
  return createHmac("sha256", Buffer.from(salt, "hex")).update(`rollcall/leaf/1\n${place}`).digest("hex");
}

export function shaText(bytes: Buffer): string {
  return sha(bytes).toString("hex");
}

function sha(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function linesOf(file: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = file.indexOf(10); end !== -1; end = file.indexOf(10, from)) {
    lines.push(file.subarray(from, end));
    from = end + 1;
  }
  must(from === file.length, "every line has its end");
  return lines;
}

function members(line: Buffer): Members {
  return JSON.parse(line.toString()) as Members;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}
