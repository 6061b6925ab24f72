import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPolicy, timeIn, type PolicyNames } from "../../runner/config/policy.ts";
import { PlanError } from "../../runner/core/model/errors.ts";
import { places } from "../support/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-policy-"));
const load = (text: string) => {
  const file = join(folder, "policy.yaml");
  writeFileSync(file, text);
  return loadPolicy(file);
};
const ruled = (deny: string): string => `rules:\n  one:\n    deny: ${deny}\n    message: No.\n`;

const names: PolicyNames = {
  plan: {
    ...{ name: "p", service: "cove", endpoint: "https://cove.example", list: "Enumerate", method: "RemoveAccount" },
    ...{
      calls: ["L", "M"],
      declared: true,
      destructive: true,
      repeatable: true,
      verified: true,
      sets: ["a"],
      concurrency: 4,
      chunk: 1,
    },
  },
  inputs: { ticket: "C-1", days: 3 },
  changes: { rows: 100, matched: 40, selected: 25, percent: 25 },
  largest: { partner_id: { name: "7", items: 10, percent: 40 } },
  now: { hour: 22, minute: 5, weekday: 5, date: "2026-11-27" },
  user: "dora",
  ci: false,
};

async function problemsOf(text: string): Promise<readonly string[]> {
  try {
    await load(text);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    expect(error.code).toBe("config");
    return places(error.problems);
  }
  throw new Error("the policy loaded");
}

describe("a rule of the policy", () => {
  it.each<[string, boolean]>([
    ['plan.method.startsWith("Remove")', true],
    ['plan.method in ["AddAccount", "ModifyAccount"]', false],
    ['plan.destructive && user != "emil"', true],
    ["now.weekday > 5 || now.hour < 8 || now.hour >= 17", true],
    ['now.date == "2026-12-24"', false],
    ["changes.selected > 20 && largest.partner_id.percent > 50", false],
    ["changes.percent > 24.5", true],
    ["changes.percent >= 25", true],
    ["largest.partner_id.items >= 10 || ci", true],
    ["has(largest.customer_name) && largest.customer_name.percent > 5", false],
    ["!has(inputs.ticket)", false],
    ['plan.sets.exists(one, one == "a")', true],
    ["inputs.days > 2", true],
  ])("%s: %s", async (deny, expected) => {
    const { rules } = await load(ruled(`'${deny.replaceAll("'", "''")}'`));
    expect(rules[0]?.denies(names)).toBe(expected);
  });

  it("is known beforehand where it asks for the plan and its inputs alone", async () => {
    const isStatic = async (deny: string) => (await load(ruled(deny))).rules[0]?.isStatic;
    expect(await isStatic("plan.destructive && has(inputs.ticket)")).toBe(true);
    expect(await isStatic("plan.destructive && now.hour > 3")).toBe(false);
    expect(await isStatic("plan.destructive && largest.partner_id.items > 3")).toBe(false);
  });

  it("says of which fields it asks for the largest group, and where it stands", async () => {
    const { rules } = await load(ruled("largest.partner_id.items > 3 || largest.os_type.percent > 90"));
    expect(rules[0]).toMatchObject({ groupedBy: ["partner_id", "os_type"], line: 3, column: 11 });
  });

  it("can not be evaluated where something is missing", async () => {
    const { rules } = await load(ruled("largest.customer_name.percent > 5"));
    expect(() => rules[0]?.denies(names)).toThrow(/has no member "customer_name"/);
  });
});

describe("a policy that is wrong", () => {
  it.each<[string, string, readonly string[]]>([
    ["has no rules", "zone: UTC\n", ["1:1 missing-key"]],
    ["has a slip of the pen in a key", "rules:\n  one: { deni: 'true', message: No. }\n", ["2:10 unknown-key"]],
    ["has a slip of the pen in a name", ruled("plan.methot == 'x'"), ["3:16 unknown-field"]],
    ["asks for something that is neither true nor false", ruled("plan.method"), ["3:11 bad-type"]],
    ["asks for all groups at once", ruled("largest.exists(f, f == 'x')"), ["3:11 bad-name"]],
    ["knows the items no better than anybody", ruled("item.device_id == 3"), ["3:11 unknown-name"]],
    ["is in no time zone", `zone: Mars/Base\n${ruled("plan.destructive")}`, ["1:7 bad-value"]],
  ])("%s", async (_, text, expected) => {
    expect(await problemsOf(text)).toEqual(expected);
  });

  it("is not passed over where its file is gone", async () => {
    await expect(loadPolicy(join(folder, "gone.yaml"))).rejects.toThrow(/the policy .*gone\.yaml can not be read/);
  });
});

it("tells the time as the clock on the wall has it there", () => {
  const ms = Date.UTC(2026, 10, 29, 23, 30);
  expect(timeIn("UTC", ms)).toEqual({ hour: 23, minute: 30, weekday: 7, date: "2026-11-29" });
  expect(timeIn("Europe/Berlin", ms)).toEqual({ hour: 0, minute: 30, weekday: 1, date: "2026-11-30" });
  expect(timeIn("America/New_York", ms)).toEqual({ hour: 18, minute: 30, weekday: 7, date: "2026-11-29" });
});
