import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MerkleTree, rootOf } from "../../runner/ledger/merkle.ts";

/** The leaves that Certificate Transparency tests itself with, and the roots over the first 1, 2, 3, 7 and 8 of them. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(
  (hex) => Buffer.from(hex, "hex").toString("latin1"),
);
const roots: readonly (readonly [number, string])[] = [
  [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  [7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
  [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
];

const sha = (...parts: readonly (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** As RFC 6962 defines it, from above. */
function defined(of: readonly string[]): Buffer {
  const [only] = of;
  if (of.length === 1) return sha(Buffer.of(0), only ?? "");
  let left = 1;
  while (left * 2 < of.length) left *= 2;
  return sha(Buffer.of(1), defined(of.slice(0, left)), defined(of.slice(left)));
}

function treeOver(of: readonly string[], wanted: readonly number[] = []) {
  const tree = new MerkleTree(wanted);
  for (const leaf of of) tree.add(leaf);
  return tree.end();
}

describe("a Merkle tree", () => {
  it.each(roots)("over the first %i leaves of Certificate Transparency has the root that is known", (count, root) => {
    expect(treeOver(leaves.slice(0, count))).toMatchObject({ root, size: count });
  });

  it("has the root that the definition gives, for any leaves", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 70 }), (of) => {
        expect(treeOver(of).root).toBe(defined(of).toString("hex"));
      }),
    );
  });

  it("gives each leaf a way to the root, and no other leaf, place or size leads there", () => {
    const most = 40;
    for (let size = 1; size <= most; size++) {
      const of = Array.from({ length: size }, (_, place) => `leaf ${place}`);
      const { root, paths } = treeOver(of, [...of.keys()]);
      for (const [place, leaf] of of.entries()) {
        const path = paths[place] ?? [];
        expect(rootOf(leaf, { place, size, path })).toBe(root);
        expect(rootOf(`${leaf}!`, { place, size, path })).not.toBe(root);
        for (let other = 0; other < size; other++)
          if (other !== place) expect(rootOf(leaf, { place: other, size, path })).not.toBe(root);
        expect(rootOf(leaf, { place, size, path: [...path, root] })).toBeUndefined();
        if (path.length > 0) expect(rootOf(leaf, { place, size, path: path.slice(1) })).not.toBe(root);
      }
    }
  });

  it("gives the ways of just the leaves that are wanted", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(59)), (size, some) => {
        const of = Array.from({ length: size }, (_, place) => `${place}`);
        const wanted = [...new Set(some.filter((place) => place < size))].sort((a, b) => a - b);
        const all = treeOver(of, [...of.keys()]);
        expect(treeOver(of, wanted).paths).toEqual(wanted.map((place) => all.paths[place]));
      }),
    );
  });

  it("has no root without a leaf, and no leaf outside of it", () => {
    expect(() => treeOver([])).toThrow(RangeError);
    for (const place of [-1, 3, 0.5, NaN]) expect(rootOf("x", { place, size: 3, path: [] })).toBeUndefined();
  });

  it("keeps a node from passing for a leaf", () => {
    const [left, right] = ["a", "b"].map((leaf) => sha(Buffer.of(0), leaf));
    const forged = Buffer.concat([left!, right!]).toString("latin1");
    expect(treeOver([forged]).root).not.toBe(treeOver(["a", "b"]).root);
  });
});
