import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { didYouMean, meant, nearest } from "../../runner/language/suggest.ts";

describe("did you mean", () => {
  it.each<[string, readonly string[], string | undefined]>([
    ["gaurds", ["guards", "gate", "pace"], "guards"],
    ["productId", ["product_id", "profile_id"], "product_id"],
    ["modifyaccount", ["ModifyAccount", "RemoveAccount"], "ModifyAccount"],
    ["zzz", ["guards", "pace"], undefined],
    ["x", [], undefined],
  ])("%s among %j is %s", (written, known, expected) => {
    expect(nearest(written, known)).toBe(expected);
  });

  it.each<[string, readonly string[], string | undefined]>([
    ["modifyaccount", ["ModifyAccount", "RemoveAccount"], "ModifyAccount"],
    ["Devise Name", ["device_name", "device_id"], "device_name"],
    ["i32", ["I31", "I32"], "I32"],
    ["I33", ["I31", "I32"], undefined],
    ["LabelsByIdd", ["LabelsById", "LabelsByIds"], undefined],
    ["EnumerateDevices", ["EnumerateFeatures"], undefined],
    ["", ["a"], undefined],
  ])("%s among %j must be %s", (written, known, expected) => {
    expect(meant(written, known)).toBe(expected);
  });

  it("lists a few names when none is near, and no long list", () => {
    expect(didYouMean("zzz", ["run", "wave"])).toBe("Known are: run, wave.");
    expect(
      didYouMean(
        "zzz",
        Array.from({ length: 50 }, (_, place) => `name_of_${place}`),
      ),
    ).toBeUndefined();
  });

  it("finds a name with one letter swapped, lost or doubled", () => {
    const known = ["concurrency", "enumerate", "description"];
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(8), fc.nat(2), (name, place, kind) => {
        const [before, letter, next, rest] = [
          name.slice(0, place),
          name[place] ?? "",
          name[place + 1] ?? "",
          name.slice(place + 2),
        ];
        const written = before + (kind === 0 ? next + letter : kind === 1 ? next : letter + letter + next) + rest;
        expect(nearest(written, known)).toBe(name);
      }),
    );
  });
});
