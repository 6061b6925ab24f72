import { hash } from "node:crypto";
import { RunnerError } from "../../core/model/errors.ts";
import { digest, isDigest, type Digest } from "../../core/model/item.ts";
import { isObject } from "../../core/model/object.ts";
import { rootOf } from "../../ledger/merkle.ts";
import { readSignature, signatureText, type HeadSignature } from "../../ledger/signature.ts";
import { customerKey, customerOf, type Customer } from "../customer.ts";
import { isRunId } from "../run-id.ts";
import { chainOf } from "./own-facts.ts";

// A pack is JSON lines: what it is; the run's leaf; a line for each item; the digest of all lines before. It is checked without
// the run: each leaf and the hashes beside its way up lead to the root that the first line names.

const fileType = "rollcall-pack";
const format = 1;

/** A leaf as a pack holds it. */
interface PackedLeaf {
  readonly place: number;
  readonly leaf: string;
  readonly path: readonly Digest[];
}

/** An item's leaf, and the facts that its `facts` is the hash of; none of an item that was not selected. */
export interface PackedItem extends PackedLeaf {
  readonly facts: readonly string[];
}

export interface Pack {
  readonly root: Digest;
  /** Leaves of the whole tree, which is one more than the list had items. */
  readonly size: number;
  readonly customer: Customer;
  /** Over the head that the run's leaf names. */
  readonly signatures: readonly HeadSignature[];
  readonly run: PackedLeaf;
  readonly items: readonly PackedItem[];
}

/** What the leaf of the run says. */
export interface PackedRun {
  readonly run: string;
  readonly seq: number;
  readonly hash: string;
  readonly plan: string;
  readonly method: string;
  readonly service: { readonly name: string; readonly endpoint: string };
}

export function packText(pack: Pack): string {
  const { root, size, customer, signatures, run, items } = pack;
  const header = { type: fileType, format, root, size, customer, items: items.length, signatures };
  const lines = [header, run, ...items].map((line) => `${JSON.stringify(line)}\n`).join("");
  return `${lines}${endLine(lines)}`;
}

/**
 * A pack that hangs together in every byte: each leaf leads to its root, and each fact is one that a leaf holds. Whose root
 * that is, nothing in the file can say.
 * @throws {RunnerError} `audit` with the place; `usage` when it is no pack.
 */
export function readPack(text: string, path: string): { readonly pack: Pack; readonly run: PackedRun } {
  const lines = text.split("\n");
  const header = objectIn(lines[0]);
  if (header?.type !== fileType) {
    throw new RunnerError("usage", `${path} is no evidence pack.`, {
      hint: "Give a file that `audit pack` wrote.",
    });
  }
  if (header.format !== format)
    throw wrong(path, `its format is ${JSON.stringify(header.format)}, this program reads ${format}`);
  const content = lines
    .slice(0, -2)
    .map((line) => `${line}\n`)
    .join("");
  if (text !== `${content}${endLine(content)}`) throw wrong(path, "its digest does not fit, or it was cut");
  const { root, size } = header;
  if (typeof root !== "string" || !isDigest(root) || !Number.isSafeInteger(size))
    throw wrong(path, "its first line names no root");
  const tree = { root, size: size as number, path };
  const [run, ...items] = lines.slice(1, -2).map((line, place) => leafIn(line, place + 2, tree));
  if (run?.place !== 0) throw wrong(path, "it does not say which run it is of");
  const pack: Pack = {
    ...{
      root,
      size: tree.size,
      customer: customerOf(header.customer),
      signatures: signaturesIn(header.signatures, path),
    },
    run: { place: run.place, leaf: run.leaf, path: run.path },
    items,
  };
  if (packText(pack) !== text) throw wrong(path, "it is not as it was written");
  checkItems(pack, path);
  return { pack, run: runIn(run.leaf, path) };
}

interface Tree {
  readonly root: Digest;
  readonly size: number;
  readonly path: string;
}

function leafIn(line: string, number: number, { root, size, path: file }: Tree): PackedItem {
  const value = objectIn(line) ?? {};
  const { place, leaf, path, facts = [] } = value;
  if (typeof place !== "number" || typeof leaf !== "string" || !isTexts(path) || !isTexts(facts))
    throw wrong(file, `line ${number} holds no leaf`);
  if (!path.every(isDigest) || rootOf(leaf, { place, size, path }) !== root)
    throw wrong(file, `what line ${number} says does not lead to its root`);
  return { place, leaf, path: path.map(digest), facts };
}

/** Each item once, in the order of the list, the customer's, and with just the facts that its leaf is made of. */
function checkItems({ items, customer }: Pack, path: string): void {
  let last = 0;
  for (const { place, leaf, facts } of items) {
    if (place <= last) throw wrong(path, `the item at place ${place} is in it twice, or not in its order`);
    last = place;
    const { listed, facts: chain } = objectIn(leaf) ?? {};
    if (!isObject(listed)) throw wrong(path, `the leaf at place ${place} is no item`);
    if (customerKey(customerOf(listed.fields)) !== customerKey(customer))
      throw wrong(path, `the item at place ${place} is of another customer`);
    if ((chain ?? chainOf([])) !== chainOf(facts))
      throw wrong(path, `the facts of the item at place ${place} are not its own`);
  }
}

function runIn(leaf: string, path: string): PackedRun {
  const { run, seq, hash: head, plan, method, service } = objectIn(leaf) ?? {};
  if (typeof run !== "string" || !isRunId(run) || typeof seq !== "number" || typeof head !== "string")
    throw wrong(path, "its first leaf names no run");
  if (typeof plan !== "string" || typeof method !== "string" || !isObject(service))
    throw wrong(path, "its first leaf does not say what the run was about");
  const { name, endpoint } = service;
  return { run, seq, hash: head, plan, method, service: { name: String(name), endpoint: String(endpoint) } };
}

function signaturesIn(value: unknown, path: string): readonly HeadSignature[] {
  if (!Array.isArray(value)) throw wrong(path, "its first line has no signatures");
  return (value as readonly HeadSignature[]).map((one) => {
    const read = isObject(one) ? readSignature(signatureText(one)) : { fault: "holds no signature" };
    if ("fault" in read) throw wrong(path, `a signature in it ${read.fault}`);
    return read;
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function endLine(content: string): string {
  return `${JSON.stringify({ type: "end", digest: hash("sha256", content) })}\n`;
}

function objectIn(line: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function wrong(path: string, why: string): RunnerError {
  return new RunnerError("audit", `${path} does not hold: ${why}.`, {
    hint: "Ask for it again from whoever made it: it was changed, cut, or put together from several.",
  });
}
