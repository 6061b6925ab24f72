import { readFileSync, truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { statusText } from "../../runner/reporters/run-status.ts";
import { rollcall } from "../support/cli.ts";
import { everyEnd, tellRun, type HowTold } from "../support/told-run.ts";
import { served, Visitor } from "./visitor.ts";

const breached = {
  guard: "max",
  allowed: "5",
  found: 9,
  ok: false,
  message: "9 items would be changed, at most 5 may.",
};

/** What its list says of a run. */
async function rowOf(root: string, zone = "UTC"): Promise<string> {
  await using ui = await served(root, undefined, zone);
  const { text } = await (await Visitor.of(ui)).get("/");
  return /<tr id="run-.*?<\/tr>/s.exec(text)?.[0] ?? "";
}

const statusIn = (row: string): string => /<span class="ui-status ([^<]*)<\/span>/.exec(row)?.[1] ?? "";

describe("the list says of a run", () => {
  it.each<[string, string, HowTold]>([
    ["that it was a preview", 't-open">preview', { until: "preview" }],
    ["that a guard refused it", 't-bad">refused by a guard', { until: "preview", guards: [breached] }],
    ["that it has ended well", 't-good">ended', {}],
    ["that it has ended with items to wait for", 't-doubt">ended', { exit: 8 }],
    ["that it has ended badly", 't-bad">ended', { exit: 6 }],
    ["that it stopped", 't-doubt">stopped, resume it', { until: "open" }],
  ])("%s", async (_, status, how) => {
    const { root } = await tellRun(everyEnd, how);
    expect(statusIn(await rowOf(root))).toBe(status);
  });

  it("that its list was not read, as `rollcall runs` does", async () => {
    const { root, folder } = await tellRun(everyEnd, { until: "preview" });
    truncateSync(folder.ledger, readFileSync(folder.ledger).indexOf(10) + 1);
    expect(statusIn(await rowOf(root))).toBe('t-doubt">list not read');
    const { stdout } = await rollcall(["runs"], { cwd: root });
    expect(stdout).toContain("list not read");
    expect(stdout).not.toContain("previewed");
    expect(statusText({ status: "previewed", isListRead: true })).toBe("previewed");
  });

  it("when it began in the zone that was asked for, and in that of its report", async () => {
    const { root } = await tellRun(everyEnd);
    const [utc, zoned] = ["2027-01-15 08:00:00 UTC", "2027-01-15 09:00:00 +01:00"];
    expect(await rowOf(root, "Europe/Berlin")).toContain(`${zoned}</time><small>${utc}</small>`);
    const row = await rowOf(root);
    expect(row.match(/08:00:00 UTC/g)).toHaveLength(1);
  });
});

it("the bar of a run's page says beside its own times that those of the report are in another zone", async () => {
  const { root, folder } = await tellRun(everyEnd);
  const asOf = async (zone: string): Promise<string> => {
    await using ui = await served(root, undefined, zone);
    const { text } = await (await Visitor.of(ui)).get(`/runs/${folder.run}`);
    return /id="ui-asof"[^>]*>([^<]*)</.exec(text)?.[1]?.trim() ?? "";
  };
  expect(await asOf("UTC")).toMatch(/^The report below is as of \S+ \S+ UTC\.$/);
  const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
  const both = String.raw`${time} \+0[12]:00, which is ${time} UTC\. Its times are in UTC\.$`;
  expect(await asOf("Europe/Berlin")).toMatch(new RegExp(`^The report below is as of ${both}`));
});
