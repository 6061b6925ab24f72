import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutEchoes } from "../../../runner/core/model/withheld.ts";

const gone = { $withheld: true };

describe("an answer that echoes a secret", () => {
  it.each([
    ["a long one anywhere in a text", "hunter22", "xhunter22x", gone],
    ["a long one that is a number", "73910042", 73910042, gone],
    ["a long one in base64", "hunter22", "aHVudGVyMjI=", gone],
    ["a short one that is all of a text", "kQ9z", "kQ9z", gone],
    ["a short one among other words", "kQ9z", "it is kQ9z, is it not", gone],
    ["a short one at the end, behind a sign", "7391", "pin:7391", gone],
    ["a short one in base64", "kQ9z", "a1E5eg==", gone],
    ["a short one as a name", "kQ9z", { kQ9z: 1 }, gone],
  ] as const)("is kept without %s", (_, secret, value, kept) => {
    expect(withoutEchoes({ in: [value] }, [secret])).toEqual({ in: [kept] });
  });

  it.each([
    ["a part of another word", "7391", "desk-173910"],
    ["a number, which many things are", "7391", 7391],
    ["too short to be told from any word", "the", "the desk"],
    ["empty", "", "the desk"],
  ] as const)("is kept as it is where the secret is %s", (_, secret, value) => {
    expect(withoutEchoes([value], [secret])).toEqual([value]);
  });

  it("never keeps a text that has the secret as a word of its own, whatever the secret is made of", () => {
    const secret = fc.string({ unit: "binary", minLength: 4, maxLength: 12 });
    const around = fc.constantFrom("", " ", "(", ".", "\n");
    fc.assert(
      fc.property(secret, around, around, (word, before, after) => {
        fc.pre(word.length >= 4);
        expect(withoutEchoes(`${before}${word}${after}`, [word])).toEqual(gone);
      }),
    );
  });
});
