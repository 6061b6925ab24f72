import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Problem } from "../../runner/core/model/problem.ts";
import { openWorkspace } from "../../runner/workspace.ts";
import { assignProduct } from "../support/plan.ts";
import { rollcall } from "./stand-in.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-validate-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const good = assignProduct({
  inputs: ["partner: { type: integer, default: 4001 }", "to: { type: integer, default: 7 }"],
  fields: "device_id, device_name, os_type, product_id",
  filter: ' item.os_type == "workstation"',
});
const removal = good
  .slice(0, good.indexOf("change:"))
  .concat('change:\n  call: RemoveAccount\n  params: { accountId: "${{ item.device_id }}" }\n  expect: absent\n');

function edited(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

/** Without a config and without a network: what is built in knows Cove. */
async function validate(
  text: string | Buffer,
): Promise<{ readonly exit: number; readonly problems: readonly Problem[] }> {
  const file = join(folder, "plan.yaml");
  writeFileSync(file, text);
  await using workspace = await openWorkspace({ cwd: folder, env: {} });
  const { exit, out } = await rollcall(["validate", file, "--json"], { workspace, cwd: folder });
  return { exit, problems: (JSON.parse(out) as { problems: readonly Problem[] }).problems };
}

const told = ({ line, column, severity, code, message, hint }: Problem): string =>
  `${line}:${column} ${severity} ${code}: ${message}${hint === undefined ? "" : ` | ${hint}`}`;

describe("a plan for Cove, checked offline", () => {
  it("has nothing wrong with it when it is right", async () => {
    expect(await validate(good)).toEqual({ exit: 0, problems: [] });
  });

  it("is refused where it is not UTF-8, with the place and what to do, whatever signs it has itself", async () => {
    // The sign that stands for what can not be read may be written like any other.
    const text = good.replace("service:", "# \uFFFD ü\nservice:").replace("name:", "# caf\u00E9 \u00E9\nname:");
    const lines = text.split("\n");
    const at = lines.findIndex((line) => line.startsWith("# \uFFFD"));
    const bytes = Buffer.from(`${lines.slice(0, at + 1).join("\n")} `);
    const { exit, problems } = await validate(
      Buffer.concat([bytes, Buffer.of(0xe9), Buffer.from("\nservice: cove\n")]),
    );
    expect([exit, ...problems.map(told)]).toEqual([
      3,
      `${at + 1}:7 error not-utf8: the byte 0xE9 is not UTF-8 | Save the file as UTF-8: it may have been saved as Latin-1 or UTF-16.`,
    ]);
    expect((await validate(text)).exit).toBe(0);
    const wide = await validate(Buffer.from(`\uFEFF${good}`, "utf16le"));
    expect([wide.exit, wide.problems.map(({ line, column }) => [line, column])]).toEqual([3, [[1, 1]]]);
  });

  it.each<[string, string, RegExp]>([
    [
      "a method in the wrong case",
      edited(good, "EnumerateAccountStatistics", "enumerateAccountStatistics"),
      /^8:9 error unknown-method: .*enumerateAccountStatistics \| Did you mean EnumerateAccountStatistics\?$/,
    ],
    [
      "a member in the wrong case",
      edited(good, "PartnerId:", "PartnerID:"),
      /^11:7 error unknown-member: AccountStatisticsQuery has no member PartnerID \| Did you mean PartnerId\?$/,
    ],
    [
      "a member of the request in the wrong case",
      edited(good, "ProductId:", "ProductID:"),
      /^22:7 error unknown-member: AccountInfo has no member ProductID \| Did you mean ProductId\?$/,
    ],
    [
      "a column with a slip of the pen",
      edited(good, "device_name, os_type", "Devise Name, os_type"),
      /^12:23 error unknown-field: .* has no field Devise Name \| Did you mean device_name\?$/,
    ],
    [
      "a column that fails the whole list",
      edited(good, "product_id]", "product_id, D02F00]"),
      /^12:57 error deprecated-field: D02F00 is deprecated\..*13501.* \| Use D07F00, or allow_undocumented: true/,
    ],
    [
      "a secret column",
      edited(good, "product_id]", "product_id, QW]"),
      /^12:57 error secret-field: QW is a secret of the item and is never read$/,
    ],
    [
      "a removal without consent",
      removal,
      /^16:9 error destructive: RemoveAccount can not be taken back \| Add destructive: true to change, and guards\.max\.$/,
    ],
    [
      "a filter that YAML takes for a tag",
      edited(good, 'filter: item.os_type == "workstation"', 'filter: !(item.os_type == "server")'),
      /^14:9 error yaml-tag: .*drops it \| Put quotes around the whole text\.$/,
    ],
    [
      "an input sent past what is set",
      edited(good, "ProductId: ${{ set.product_id }}", "ProductId: ${{ inputs.to }}"),
      /^22:18 error set-not-sent: .* \| Write \$\{\{ set\.product_id \}\} here\.$/,
    ],
    [
      "a number compared with a text",
      edited(good, 'item.os_type == "workstation"', 'item.product_id == "12"'),
      /^14:\d+ error bad-type: .*\| /,
    ],
    [
      "the service's own filter on what is set",
      edited(good, "PartnerId: ${{ inputs.partner }}", 'Filter: "PD == 5"'),
      /^11:15 error filter-on-set: the list is filtered by product_id.* \| .*filter\.$/,
    ],
    [
      "an expression inside braces without quotes",
      edited(good, "    accountInfo:\n", "    accountInfo: { Name: ${{ item.device_name }} }\n    x:\n"),
      /^20:\d+ error bad-yaml: .* \| Inside \{ … \} and \[ … \] YAML needs quotes: "\$\{\{ … \}\}"\.$/,
    ],
    [
      "a change used as a list",
      edited(good, "call: EnumerateAccountStatistics", "call: ModifyAccount"),
      /^8:9 error not-a-list: /,
    ],
    [
      "a call that is served elsewhere",
      edited(good, "call: ModifyAccount", "call: SendRemoteCommands"),
      /^18:9 error not-yet: SendRemoteCommands can not be called yet: it is served by the console/,
    ],
    [
      "a parameter that is not there",
      edited(good, "    accountInfo:", "    AccountInfo:"),
      /^20:5 error unknown-param: ModifyAccount has no parameter AccountInfo \| Did you mean accountInfo\?$/,
    ],
    [
      "a parameter that is missing",
      edited(removal, 'params: { accountId: "${{ item.device_id }}" }', "params: {}"),
      /^17:3 error missing-param: RemoveAccount needs the parameter accountId \(int\) \| Add accountId: …$/,
    ],
    [
      "a text for a number",
      edited(good, "Id: ${{ item.device_id }}", 'Id: "12"'),
      /^21:11 error bad-type: Id is a whole number, found "12" \| Take the quotes away\.$/,
    ],
    [
      "a number for a text",
      edited(good, "Id: ${{ item.device_id }}", "NameAlias: 12"),
      /^21:18 error bad-type: NameAlias is a text, found 12 \| Put quotes around it\.$/,
    ],
    [
      "a date for Unix seconds",
      edited(good, "Id: ${{ item.device_id }}", 'ExpirationTime: "2026-01-31"'),
      /^21:23 error bad-type: .*Unix seconds, found "2026-01-31" \| Write \$\{\{ time\("2026-01-31"\) \}\}\.$/,
    ],
    [
      "a value that the enum has not",
      edited(good, "Id: ${{ item.device_id }}", "Type: backupManager"),
      /^21:13 error bad-enum: Type: AccountType has no value "backupManager" \| Did you mean BackupManager\?$/,
    ],
    [
      "one flag where a list is due",
      edited(good, "Id: ${{ item.device_id }}", "Flags: Trial"),
      /^21:14 error bad-type: Flags is a list, found "Trial" \| Put it in \[ \]\.$/,
    ],
    [
      "a wrong flag in a list",
      edited(good, "Id: ${{ item.device_id }}", "Flags: [Trail]"),
      /^21:15 error bad-enum: .* \| Did you mean Trial\?$/,
    ],
  ])("says where and what to do: %s", async (_, text, wanted) => {
    const { exit, problems } = await validate(text);
    expect(exit).toBe(3);
    expect(problems.map(told)).toContainEqual(expect.stringMatching(wanted));
  });

  it("says one thing for one mistake", async () => {
    for (const text of [
      edited(good, "PartnerId:", "PartnerID:"),
      edited(good, "product_id]", "product_id, D02F00]"),
      edited(good, "Id: ${{ item.device_id }}", 'Id: "12"'),
      edited(good, "device_name, os_type", "device_name, osType"),
    ]) {
      const { problems } = await validate(text);
      expect(problems.map(told).length, problems.map(told).join("\n")).toBeLessThanOrEqual(2);
      expect(new Set(problems.map(({ line }) => line)).size).toBeLessThanOrEqual(2);
    }
  });

  it("wants a map as pairs, whatever their number", async () => {
    const column = (values: string): string =>
      good
        .replace("product_id]", "AA843]")
        .slice(0, good.indexOf("change:") - 6)
        .concat(
          '\nchange:\n  set: { AA843: "x" }\n  call: UpdateAccountCustomColumnValues\n  params:\n' +
            `    accountId: \${{ item.device_id }}\n    values: ${values}\n`,
        );
    const right = await validate(column('[[843, "${{ set.AA843 }}"]]'));
    expect({ exit: right.exit, codes: right.problems.map(({ code }) => code) }).toEqual({
      exit: 0,
      codes: ["unused-input"],
    });
    const wrong = await validate(column('{ "843": "${{ set.AA843 }}" }'));
    expect(wrong.problems.map(told)).toEqual([
      expect.stringMatching(/bad-type: values is a list of pairs.*\| A map is written as a list of pairs/),
    ]);
    const swapped = await validate(column('[["${{ set.AA843 }}", 843]]'));
    expect(swapped.problems.map(told)).toEqual([
      "20:15 error bad-type: values is a whole number, and this gives a text",
      "20:35 error bad-type: values is a text, found 843 | Put quotes around it.",
    ]);
    const named = await validate(column('[[AA843, "${{ set.AA843 }}"]]'));
    expect(named.problems.map(told)).toEqual([
      '20:15 error bad-type: values is a whole number, found "AA843" | Write 843, the number alone.',
    ]);
  });

  it("takes old codes and says how they are written today, without failing", async () => {
    const { exit, problems } = await validate(edited(good, "product_id]", "product_id, AR, D9F0, cpu_cores]"));
    expect(exit).toBe(0);
    expect(problems.map(told)).toEqual([
      "12:57 note old-code: AR is an old code: today it is customer_name (I8) | Write customer_name.",
      "12:61 note old-code: D9F0 is an old code: today it is D09F00 | Write D09F00.",
      expect.stringMatching(/^12:67 note unsure-field: cpu_cores is not documented by the vendor: .*public code/),
    ]);
  });

  it("doubts, and does not refuse, a missing parameter that only its type says is needed", async () => {
    const labels =
      "  call: AddAccountLabel\n  params: { accountIdCollection: ['${{ item.device_id }}'] }\n  expect: accepted\n";
    const { exit, problems } = await validate(removal.slice(0, removal.indexOf("  call: RemoveAccount")) + labels);
    expect({ exit, told: problems.map(told) }).toEqual({
      exit: 0,
      told: [
        "6:3 note unused-input: nothing uses the input to, so its value has no effect | Write ${{ inputs.to }} where it goes, or leave it out.",
        "17:3 note missing-param: AddAccountLabel probably needs the parameter labelCollection (set<string>) | Add labelCollection: …",
      ],
    });
  });

  it("goes past the catalogue when the plan says so: methods, parameters, members and columns", async () => {
    const text = edited(good, "ProductId: ${{ set.product_id }}", "ProductID: ${{ set.product_id }}")
      .replace("    accountInfo:", "    info: 1\n    accountInfo:")
      .replace("product_id]", "product_id, D03F00]")
      .replace("call: ModifyAccount", "call: ModifyAccountQuietly");
    const { exit, problems } = await validate(`${text}allow_undocumented: true\n`);
    expect({ exit, codes: problems.map(({ severity, code }) => `${severity} ${code}`) }).toEqual({
      exit: 0,
      codes: ["note deprecated-field"],
    });
  });
});

describe("a plan whose inputs are given when it runs", () => {
  const open = good.replace("default: 4001", "description: Customer");

  it("is good, with a note for each of them", async () => {
    const { exit, problems } = await validate(open);
    expect({ exit, told: problems.map(told) }).toEqual({
      exit: 0,
      told: [
        "5:3 note missing-input: input partner (Customer) has no value | Give it when it runs, as --set partner=…, ROLLCALL_INPUT_PARTNER, or with --inputs FILE.",
      ],
    });
  });

  it("can not be previewed so", async () => {
    const file = join(folder, "open.yaml");
    writeFileSync(file, open);
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    const { exit, err } = await rollcall(["preview", file], { workspace, cwd: folder });
    expect(exit).toBe(3);
    expect(err).toContain("missing-input  input partner (Customer) has no value");
  });

  it("is good in the whole gallery", async () => {
    const gallery = new URL("../../plans/cove/", import.meta.url).pathname;
    const plans = readdirSync(gallery).filter((name) => name.endsWith(".yaml") && !name.endsWith(".test.yaml"));
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    const files = plans.map((name) => join(gallery, name));
    const { exit, out } = await rollcall(["validate", "--json", ...files], { workspace, cwd: folder });
    const { problems } = JSON.parse(out) as { readonly problems: readonly Problem[] };
    expect(exit).toBe(0);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["missing-input", "unsure-method"]));
  });
});

describe("the formats of validate", () => {
  const broken = edited(good, "ProductId:", "ProductID:");
  it.each([
    ["sarif", /^\{"\$schema":"https:[^ ]*"version":"2.1.0".*"ruleId":"unknown-member"/],
    ["github", /^::error file=plan\.yaml,line=22,col=7,title=unknown-member::AccountInfo has no member ProductID/],
    ["json", /^\{"v":1,"problems":\[/],
    ["text", /plan\.yaml:22:7 {2}unknown-member/],
  ])("%s", async (format, looks) => {
    const file = join(folder, "plan.yaml");
    writeFileSync(file, broken);
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    const { exit, out } = await rollcall(["validate", file, "--format", format], { workspace, cwd: folder });
    expect(exit).toBe(3);
    expect(out).toMatch(looks);
  });

  it("github prints nothing where nothing is wrong", async () => {
    const file = join(folder, "plan.yaml");
    writeFileSync(file, good);
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    expect(await rollcall(["validate", file, "--format", "github"], { workspace, cwd: folder })).toMatchObject({
      exit: 0,
      out: "",
    });
  });
});

describe("a plan that is valid and dangerous", () => {
  const everything = edited(good, 'filter: item.os_type == "workstation"', "filter: true");

  async function told(text: string, ...flags: readonly string[]) {
    const file = join(folder, "danger.yaml");
    writeFileSync(file, text);
    await using workspace = await openWorkspace({ cwd: folder, env: {} });
    return await rollcall(["validate", "danger.yaml", ...flags], { workspace, cwd: folder });
  }

  it("is right, and is warned of at its place", async () => {
    const { exit, out } = await told(everything);
    expect(exit).toBe(0);
    expect(out).toMatch(/^danger\.yaml: ok\n.*danger\.yaml:14:9 {2}warning always-true {2}the filter keeps every item/);
    expect(out).toMatch(/\n {3}14 \| filter: true\n {6}\| {9}\^\n {2}help: Say with an expression/);
    expect(out).toMatch(/\n1 warning\n$/);
  });

  it("is one to stop at where --strict says so", async () => {
    expect((await told(everything, "--strict")).exit).toBe(3);
    expect((await told(good, "--strict")).exit).toBe(0);
    const accepted = `${everything}accept_risks: { always-true: all of them are meant }\n`;
    expect((await told(accepted, "--strict")).exit).toBe(0);
  });

  it("is told to programs, code scanners and GitHub", async () => {
    const json = JSON.parse((await told(everything, "--json")).out) as Record<string, unknown>;
    expect(json).toMatchObject({ problems: [], count: 0, warnings: [{ line: 14, column: 9, severity: "warning" }] });
    const sarif = JSON.parse((await told(everything, "--format", "sarif")).out) as { readonly runs: readonly object[] };
    expect(sarif.runs[0]).toMatchObject({ results: [{ ruleId: "always-true", level: "warning" }] });
    const github = (await told(everything, "--format", "github")).out;
    expect(github).toMatch(
      /^::warning file=.*danger\.yaml,line=14,col=9,title=always-true::the filter keeps every item/,
    );
  });

  it("that is wrong as well is told only what is wrong", async () => {
    const { exit, out } = await told(edited(everything, "ModifyAccount", "ModifyAcount"));
    expect(exit).toBe(3);
    expect(out).not.toContain("always-true");
  });
});
