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
// the run: each leaf and the hashes beside its way up lead to the root that the first line names. Nothing else in it says
// anything: how large the tree is says the run's leaf, and whose the items are they say themselves. What is not under the root
// are the signatures, which stand by their keys, and the last line, which finds damage and no forger.

const fileType = "rollcall-pack";
/** 1 was never released: there the first line named the customer and the size of the tree, and nothing covered it. */
const format = 2;

/** Packs are read into memory; no larger one is made either. */
export const maxPackBytes = 256 * 1024 * 1024;

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
  /** In the whole list: the tree has one leaf more. */
  readonly items: number;
  readonly plan: string;
  readonly method: string;
  readonly service: { readonly name: string; readonly endpoint: string };
}

/** @throws {RunnerError} `usage`: it would be larger than `maxBytes`. */
export function packText({ root, signatures, run, items }: Pack, maxBytes = maxPackBytes): string {
  const header = { type: fileType, format, root, signatures };
  const lines: string[] = [];
  let bytes = 0;
  for (const line of [header, run, ...items]) {
    const text = `${JSON.stringify(line)}\n`;
    bytes += Buffer.byteLength(text);
    if (bytes > maxBytes - endBytes) throw tooLarge(items.length, maxBytes);
    lines.push(text);
  }
  const content = lines.join("");
  return `${content}${endLine(content)}`;
}

/**
 * A pack that hangs together in every byte: each leaf leads to its root, each fact is one that a leaf holds, and the customer's
 * items are all that the list has. Whose root that is, nothing in the file can say.
 * @throws {RunnerError} `audit` with the place; `usage` when it is no pack.
 */
export function readPack(text: string, path: string): { readonly pack: Pack; readonly run: PackedRun } {
  const header = objectIn(text.slice(0, Math.max(0, text.indexOf("\n"))));
  if (header?.type !== fileType) {
    throw new RunnerError("usage", `${path} is no evidence pack.`, {
      hint: "Give a file that `audit pack` wrote.",
    });
  }
  if (header.format !== format)
    throw wrong(path, `its format is ${JSON.stringify(header.format)}, this program reads ${format}`);
  const content = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  if (text !== `${content}${endLine(content)}`) throw wrong(path, "its digest does not fit, or it was cut");
  const { root } = header;
  if (typeof root !== "string" || !isDigest(root)) throw wrong(path, "its first line names no root");
  const [first, ...items] = content
    .split("\n")
    .slice(1, -1)
    .map((line, place) => leafIn(line, place + 2, path));
  if (first?.place !== 0) throw wrong(path, "it does not say which run it is of");
  const { facts: _, ...leaf } = first;
  const pack: Pack = { root, signatures: signaturesIn(header.signatures, path), run: leaf, items };
  if (packText(pack) !== text) throw wrong(path, "it is not as it was written");
  const run = runIn(leaf.leaf, path);
  for (const one of [leaf, ...items])
    if (rootOf(one.leaf, { place: one.place, size: run.items + 1, path: one.path }) !== root)
      throw wrong(path, `what it says of place ${one.place} does not lead to its root`);
  checkItems(items, path);
  return { pack, run };
}

function leafIn(line: string, number: number, file: string): PackedItem {
  const value = objectIn(line) ?? {};
  const { place, leaf, path, facts = [] } = value;
  if (
    typeof place !== "number" ||
    typeof leaf !== "string" ||
    !isTexts(path) ||
    !isTexts(facts) ||
    !path.every(isDigest)
  )
    throw wrong(file, `line ${number} holds no leaf`);
  return { place, leaf, path: path.map(digest), facts };
}

/** Each item once, in the order of the list, all that one customer has there, and with just the facts that its leaf is made of. */
function checkItems(items: readonly PackedItem[], path: string): void {
  const [whose] = items.map(({ leaf }) => customerKey(customerIn(leaf)));
  if (whose === undefined) throw wrong(path, "it holds no item");
  let last = 0;
  for (const { place, leaf, facts } of items) {
    if (place <= last) throw wrong(path, `the item at place ${place} is in it twice, or not in its order`);
    last = place;
    const { listed, of, facts: chain } = objectIn(leaf) ?? {};
    if (!isObject(listed)) throw wrong(path, `the leaf at place ${place} is no item`);
    const own = customerKey(customerOf(listed.fields));
    if (own === "" || own !== whose) throw wrong(path, `the item at place ${place} is of another customer`);
    if (of !== items.length)
      throw wrong(path, `it holds ${items.length} items of its customer, and the list has ${String(of)}`);
    if ((chain ?? chainOf([])) !== chainOf(facts))
      throw wrong(path, `the facts of the item at place ${place} are not its own`);
  }
}

/** Whose an item is, as its leaf says. */
export function customerIn(leaf: string): Customer {
  const { listed } = objectIn(leaf) ?? {};
  return customerOf(isObject(listed) ? listed.fields : undefined);
}

function runIn(leaf: string, path: string): PackedRun {
  const { run, seq, hash: head, items, plan, method, service } = objectIn(leaf) ?? {};
  if (typeof run !== "string" || !isRunId(run) || typeof seq !== "number" || typeof head !== "string")
    throw wrong(path, "its first leaf names no run");
  if (typeof items !== "number" || !Number.isSafeInteger(items) || items < 0)
    throw wrong(path, "its first leaf does not say how many items the run listed");
  if (typeof plan !== "string" || typeof method !== "string" || !isObject(service))
    throw wrong(path, "its first leaf does not say what the run was about");
  const { name, endpoint } = service;
  return { run, seq, hash: head, items, plan, method, service: { name: String(name), endpoint: String(endpoint) } };
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

const endBytes = Buffer.byteLength(endLine(""));

function objectIn(line: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function tooLarge(items: number, maxBytes: number): RunnerError {
  return new RunnerError("usage", `A pack of ${items} items would be larger than ${maxBytes / (1024 * 1024)} MiB.`, {
    hint: "Nothing was written. Change fewer items of this customer in one run: each run has packs of its own.",
  });
}

function wrong(path: string, why: string): RunnerError {
  return new RunnerError("audit", `${path} does not hold: ${why}.`, {
    hint: "Ask for it again from whoever made it: it was changed, cut, or put together from several.",
  });
}
