import { createHash } from "node:crypto";
import { digest, type Digest } from "../core/model/item.ts";

// The tree of RFC 6962, section 2.1: a leaf is hashed behind a zero byte and a node behind a one, so that neither passes for
// the other; the left side of a node holds the largest power of two of leaves that is smaller than all of them.

const leafMark = Buffer.of(0);
const nodeMark = Buffer.of(1);

/** What a tree over leaves comes to. */
export interface MerkleResult {
  readonly root: Digest;
  /** How many leaves it has. */
  readonly size: number;
  /** Of each wanted leaf, in their order: the hashes beside its way up, the lowest first. */
  readonly paths: readonly (readonly Digest[])[];
}

/** A tree that is whole, of `size` leaves; `first` to `last`: which of the wanted leaves are below it. */
interface Subtree {
  readonly hash: Buffer;
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

/** Leaves come one after another; only the tops of whole subtrees are kept, and the ways up of the leaves that are wanted. */
export class MerkleTree {
  readonly #wanted: readonly number[];
  readonly #paths: Digest[][];
  #tops: Subtree[] = [];
  #size = 0;
  #met = 0;

  /** @param wanted Places of leaves whose ways up are asked for, rising. */
  constructor(wanted: readonly number[] = []) {
    this.#wanted = wanted;
    this.#paths = wanted.map(() => []);
  }

  add(leaf: string): void {
    const first = this.#met;
    if (this.#wanted[first] === this.#size) this.#met += 1;
    this.#size += 1;
    let top: Subtree = { hash: leafHash(leaf), size: 1, first, last: this.#met };
    for (let left = this.#tops.at(-1); left?.size === top.size; left = this.#tops.at(-1)) {
      this.#tops.pop();
      top = this.#join(left, top);
    }
    this.#tops.push(top);
  }

  /** The root of all leaves so far; nothing is added after this. */
  end(): MerkleResult {
    let top = this.#tops.pop();
    if (top === undefined) throw new RangeError("A tree without a leaf has no root.");
    for (let left = this.#tops.pop(); left !== undefined; left = this.#tops.pop()) top = this.#join(left, top);
    return { root: digest(top.hash.toString("hex")), size: this.#size, paths: this.#paths };
  }

  #join(left: Subtree, right: Subtree): Subtree {
    const [ofLeft, ofRight] = [left, right].map(({ hash }) => digest(hash.toString("hex")));
    for (let place = left.first; place < left.last; place++) if (ofRight) this.#paths[place]?.push(ofRight);
    for (let place = right.first; place < right.last; place++) if (ofLeft) this.#paths[place]?.push(ofLeft);
    const size = left.size + right.size;
    return { hash: nodeHash(left.hash, right.hash), size, first: left.first, last: right.last };
  }
}

/** Where a leaf stands in a tree, and the hashes beside its way up. */
export interface Inclusion {
  readonly place: number;
  readonly size: number;
  readonly path: readonly string[];
}

/** The root that follows from a leaf and its way up (RFC 9162, 2.1.3.2). Undefined: no tree of that size has such a way. */
export function rootOf(leaf: string, { place, size, path }: Inclusion): Digest | undefined {
  if (!Number.isSafeInteger(place) || !Number.isSafeInteger(size) || place < 0 || place >= size) return undefined;
  let at = place;
  let last = size - 1;
  let hash = leafHash(leaf);
  for (const beside of path) {
    if (last === 0) return undefined;
    const other = Buffer.from(beside, "hex");
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, other);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? digest(hash.toString("hex")) : undefined;
}

function leafHash(leaf: string): Buffer {
  return createHash("sha256").update(leafMark).update(leaf, "utf8").digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash("sha256").update(nodeMark).update(left).update(right).digest();
}
