import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { PlanError } from "../../runner/core/model/errors.ts";
import { galleryNames, readGallery, takeSets, type GalleryPlan } from "../../runner/workspace/gallery.ts";

const demo = readFileSync(resolve(import.meta.dirname, "../../plans/cove/assign-product.yaml"), "utf8");
const inputs = `inputs:
  size: { type: bytes, description: How much }
  age: { type: duration, default: 90d }
  names: { type: list }
  ids: { type: list, of: integer }
  text: { type: string }
  loud: { type: boolean }
  since: { type: time, required: false }
  big: { type: integer }
  kind: { type: string, enum: [one, two] }
  word: { type: secret }
`;

function galleryOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-gallery-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const allTypes = async (): Promise<GalleryPlan> => {
  const plan = demo.replace(/^inputs:\n(?: .*\n)+/m, inputs);
  const [only] = await readGallery(galleryOf({ "cove/all-types.yaml": plan }));
  return only!;
};

describe("the gallery", () => {
  it("of the package is every plan below plans/, each with a description", async () => {
    const plans = await readGallery();
    expect(plans.map(({ name }) => name)).toEqual(await galleryNames());
    expect(plans.map(({ name }) => name)).toContain("assign-product");
    for (const { name, description, text } of plans) {
      expect(description, name).not.toBe("");
      // Chosen by its file's name, run by the name inside.
      expect((parse(text) as { name: string }).name).toBe(name);
    }
  });

  it("holds plans of every folder, and neither their tests nor their inputs", async () => {
    const files = { "b/z.yaml": demo, "a.yaml": demo, "a.test.yaml": "x", "a.inputs.yaml": "x", "README.md": "x" };
    expect((await readGallery(galleryOf(files))).map(({ name }) => name)).toEqual(["a", "z"]);
  });

  it("refuses a plan that is none, naming it", async () => {
    const folder = galleryOf({ "odd.yaml": "rollcall: 1\nname: odd\n" });
    await expect(readGallery(folder)).rejects.toThrow(PlanError);
  });
});

describe("inputs of a new plan", () => {
  it("are written so that the file gives the same values as --set", async () => {
    const plan = await allTypes();
    const sets = [
      "size=500 GB",
      "age=30d",
      "names=a, b",
      "ids=1,2",
      "text=007: #yes",
      "loud=true",
      "since=2026-01-31",
      "big=9007199254740993",
      "kind=two",
    ];
    const { values, problems } = takeSets(plan, sets);
    expect(problems).toEqual([]);
    expect(parse([...values].map(([name, value]) => `${name}: ${value}`).join("\n"))).toEqual({
      size: "500 GB",
      age: "30d",
      names: ["a", "b"],
      ids: [1, 2],
      text: "007: #yes",
      loud: true,
      since: "2026-01-31",
      big: "9007199254740993",
      kind: "two",
    });
  });

  it("say what they expect, whether they are needed, and what they are without", async () => {
    const { inputs } = await allTypes();
    const of = (name: string) => inputs.find((input) => input.name === name);
    expect(of("size")).toMatchObject({ description: "How much", expects: "size such as 500 GB", isRequired: true });
    expect(of("age")).toMatchObject({ default: "90d", isRequired: false });
    expect(of("since")).toMatchObject({ default: undefined, isRequired: false });
    expect(of("kind")).toMatchObject({ expects: "one of one, two" });
    expect(of("word")).toMatchObject({
      isSecret: true,
      ways: expect.stringContaining("ROLLCALL_SECRET_WORD") as string,
    });
  });

  it("that are secret are not taken, and never repeated", async () => {
    const { values, problems } = takeSets(await allTypes(), ["word=hunter2"]);
    expect(values.size).toBe(0);
    expect(problems).toEqual([
      expect.stringMatching(
        /^--set word: a secret would stand in the shell's history\. Give it as ROLLCALL_SECRET_WORD,/,
      ),
    ]);
  });

  it("that will not do are told, each", async () => {
    const { problems } = takeSets(await allTypes(), ["size=lots", "kind=three", "knd=one"]);
    expect(problems).toEqual([
      expect.stringMatching(/^--set size: expected a size/),
      '--set kind: "three" is not one of one, two',
      "--set knd: all-types has no such input. Did you mean kind?",
    ]);
  });
});
