import { mkdtempSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Versions } from "../../runner/runs/versions.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "versions-"));

it("of several who saw the same version one replaces it", () => {
  const folder = newFolder();
  const [one, other] = [new Versions(folder), new Versions(folder)];
  const { version, text } = one.read();
  expect([version, text]).toEqual([0, undefined]);
  expect([one.replace(version, "a"), other.replace(version, "b")]).toEqual([true, false]);
  expect(other.read()).toEqual({ version: 1, text: "a" });
});

it("one who slept while others went on is told no, though the number had become free", () => {
  const folder = newFolder();
  const [slow, quick] = [new Versions(folder), new Versions(folder)];
  const { version } = slow.read();
  for (let at = 0; at < 10; at++) expect(quick.replace(at, `${at}`)).toBe(true);
  expect(slow.replace(version, "late")).toBe(false);
  expect(slow.read()).toEqual({ version: 10, text: "9" });
  expect(readdirSync(folder).sort()).toEqual(["10", "7", "8", "9"]);
});

it("removes what a killed writer left, after a while, and nothing of one at work", () => {
  const folder = newFolder();
  const versions = new Versions(folder);
  for (const name of [".1.old.tmp", ".1.new.tmp"]) writeFileSync(join(folder, name), "");
  utimesSync(join(folder, ".1.old.tmp"), 1000, 1000);
  versions.replace(0, "a");
  expect(readdirSync(folder).sort()).toEqual([".1.new.tmp", "1"]);
});

it("follows no link", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "target"), "secret");
  symlinkSync(join(folder, "target"), join(folder, "1"));
  expect(() => new Versions(folder).read()).toThrow(/ELOOP/);
});
