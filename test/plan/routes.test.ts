import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { itemId } from "../../runner/core/model/item.ts";
import { decide } from "../../runner/core/select/decide.ts";
import { Secret } from "../../runner/core/model/secret.ts";
import { cove } from "../../runner/providers/cove/connect.ts";
import { frozen, load, problemsOf } from "../support/plan.ts";

const catalogueOf = () => Promise.resolve(cove.catalogue());
const text = (name: string): string => readFileSync(new URL(`../support/plans/${name}.yaml`, import.meta.url), "utf8");
const options = {
  set: ["partner=5", "ids=12"],
  env: { ROLLCALL_INPUT_PASSWORD: "correct horse battery" },
  catalogueOf,
};
const plan = text("gui-password");
const item = {
  id: itemId("12"),
  fields: { device_id: 12, device_name: "srv-000012", account_type: "backup_manager" },
};
/** Without the notes: the vendor documents no call to a node. */
const errorsOf = async (...given: Parameters<typeof problemsOf>) =>
  (await problemsOf(...given)).filter(({ severity }) => severity === "error");
const found = async (source: string): Promise<string[]> =>
  (await errorsOf(source, options)).map(({ line, code, message }) => `${line} ${code}: ${message}`);

describe("a plan that sends remote commands", () => {
  it("routes each to the device of its item, with the map as lines and the secret as a reference", async () => {
    const loaded = await load(plan, options);
    expect(loaded.secretValues.password).toBeInstanceOf(Secret);
    expect(loaded.plan.change.repeat).toBe("once");
    const decision = decide(loaded.plan, frozen, item);
    expect(decision).toEqual({
      as: "selected",
      before: {},
      after: {},
      params: {
        command: "set gui password",
        parameters: { $secret: ["password ", { input: "password" }, "\nrestore_only disallow"] },
      },
      route: { device: "12" },
    });
  });

  it("may say which device, of whatever the item has", async () => {
    const routed = plan.replace("  expect:", "  route: { device: '${{ item.device_id + 1 }}' }\n  expect:");
    const loaded = await load(routed, options);
    expect(decide(loaded.plan, frozen, item)).toMatchObject({ route: { device: "13" } });
    expect(loaded.plan.change.uses).toContain("device_id");
  });

  it("refuses an item whose route is no device", async () => {
    const routed = plan.replace("  expect:", "  route: { device: '${{ item.device_name }}' }\n  expect:");
    expect(decide((await load(routed, options)).plan, frozen, item)).toEqual({
      as: "refused",
      why: 'route.device is "srv-000012", which is no id of a device',
      hint: "Write the id of a device: ${{ item.device_id }}.",
    });
  });

  it("refuses an item whose value would become another parameter", async () => {
    const broken = plan.replace("${{ inputs.restore_only }}", "${{ item.device_name }}");
    const { plan: loaded } = await load(broken, options);
    const fields = { ...item.fields, device_name: "a\npassword b" };
    expect(decide(loaded, frozen, { ...item, fields })).toMatchObject({
      as: "refused",
      why: expect.stringMatching(/^change\.params\.parameters\.restore_only: it holds a line break/) as string,
    });
    const written = plan.replace("${{ inputs.restore_only }}", '"allow\\nx y"');
    expect(await found(written)).toEqual([
      "26 bad-value: SendAccountCommand: parameters.restore_only: it holds a line break, and what follows would be another parameter",
    ]);
  });
});

describe("a call that is answered where a device lives", () => {
  it.each(["account", "token"])("fills in %s itself", async (name) => {
    const written = plan.replace("    command:", `    ${name}: x\n    command:`);
    expect(await found(written)).toEqual([
      `23 reserved-param: SendAccountCommand: the service fills in ${name} itself`,
    ]);
  });

  it("is not made of another list's items unless the plan says which device", async () => {
    const users = plan
      .replace("EnumerateAccountStatistics", "EnumerateUsers")
      .replace("    query:\n      PartnerId: ${{ inputs.partner }}", "    partnerIds: ['${{ inputs.partner }}']")
      .replace("[device_id, device_name, account_type]", "[Id, Name]")
      .replace("device_name", "Name")
      .replace(
        '  - item.device_id in inputs.ids\n  - item.account_type == "backup_manager"',
        "  - item.Id in inputs.ids",
      );
    expect(await found(users)).toEqual([
      "19 missing-route: SendAccountCommand is answered where a device lives, and nothing says which device",
    ]);
  });

  it("can be looked up when the plan says of which device, and not otherwise", async () => {
    const lookup = [
      "lookups:",
      "  audit:",
      "    call: QueryAudit",
      "    params: { query: 0 != 1, orderBy: Time DESC, range: { Offset: 0, Size: 50 } }",
      "    rows: .",
      "    fields: [Operation]",
      "    route: { device: 12 }",
      "enumerate:",
    ];
    const asked = (lines: readonly string[]): string => plan.replace("enumerate:", lines.join("\n"));
    const loaded = await load(asked(lookup), options);
    const [{ source } = { source: undefined }] = loaded.plan.lookups;
    expect(source?.kind === "call" && source.listing.route?.(frozen)).toEqual({ device: "12" });
    const without = asked(lookup.filter((line) => !line.includes("route")));
    expect(await found(without)).toEqual([
      "12 missing-route: QueryAudit is answered where a device lives, and nothing says which device",
    ]);
    const withId = asked(lookup).replace("{ query: 0 != 1,", "{ accountId: 12, query: 0 != 1,");
    expect(await found(withId)).toEqual(["13 reserved-param: QueryAudit: the service fills in accountId itself"]);
  });

  it("is a list of one device's own, for which the plan says the device", async () => {
    const sessions = [
      "enumerate:",
      "  call: QuerySessions",
      "  params: { query: Status == 2, orderBy: '' }",
      "  route: { device: '${{ inputs.ids[0] }}' }",
      "  fields: [Id, Status, StartTime]",
      "filter: true",
    ];
    const listed = (lines: readonly string[]): string =>
      plan
        .replace(/enumerate:[\s\S]*?change:/, `${lines.join("\n")}\nchange:`)
        .replace("    parameters:", "    parameters:\n      session: ${{ item.Id }}")
        .replace("  expect:", "  route: { device: '${{ inputs.ids[0] }}' }\n  expect:");
    const { plan: loaded } = await load(listed(sessions), options);
    expect(loaded.enumerate.route?.(frozen)).toEqual({ device: "12" });
    expect(await found(listed(sessions.filter((line) => !line.includes("route"))))).toEqual([
      expect.stringContaining("missing-route: QuerySessions is answered where a device lives"),
    ]);
    const paged = sessions.map((line) => line.replace("{ query:", "{ range: { Offset: 0, Size: 5 }, query:"));
    expect(await found(listed(paged))).toEqual([
      expect.stringContaining("reserved-param: range belongs to the service"),
    ]);
  });

  it("can be made for each item: of the item's own device, or of the one that the plan says", async () => {
    const read = (more: string): string =>
      plan.replace(
        "filter:",
        `read: { call: QueryAudit, params: { query: "0 != 1" }, fields: [Operation]${more} }\nfilter:`,
      );
    const routeOf = async (source: string) => (await load(source, options)).plan.reads?.[0]?.route?.(frozen, item);
    expect(await routeOf(read(""))).toEqual({ device: "12" });
    expect(await routeOf(read(', route: { device: "${{ item.device_id + 1 }}" }'))).toEqual({ device: "13" });
    expect(await found(read(", route: { device: 1 }").replace("QueryAudit", "GetAccountInfoById"))).toContainEqual(
      expect.stringContaining("no-route: GetAccountInfoById goes to the service as a whole"),
    );
  });

  it("is about one device: neither about several, nor a list to look for items in", async () => {
    const several = plan.replace("  expect:", "  chunk: 5\n  expect:");
    expect(await found(several)).toContainEqual(expect.stringContaining("chunk-with-route: SendAccountCommand"));
    expect(await found(`${plan}verify: { call: QuerySessions }\n`)).toContainEqual(
      expect.stringContaining("not-yet: QuerySessions is answered where a device lives"),
    );
    expect(await found(`${plan}verify: { call: EnumerateAccountHistoryStatistics }\n`)).toContainEqual(
      expect.stringContaining("past-list: EnumerateAccountHistoryStatistics shows what was"),
    );
  });

  it("is the only one that has a route", async () => {
    const elsewhere = text("products").replace(
      "  params:\n    accountInfo",
      "  route: { device: 12 }\n  params:\n    accountInfo",
    );
    const problems = await errorsOf(elsewhere, { ...options, set: ["partner=5", "from=3", "to=4", "ids=1"] });
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "no-route: ModifyAccount goes to the service as a whole, not to one device",
    ]);
  });
});

describe("the list as of a second of the past", () => {
  const past = (params: string): string =>
    text("products").replace(
      "enumerate:",
      [
        "lookups:",
        "  past:",
        "    call: EnumerateAccountHistoryStatistics",
        `    params: ${params}`,
        "    fields: [device_id, product_id]",
        "    key: device_id",
        "enumerate:",
      ].join("\n"),
    );
  const products = { ...options, set: ["partner=5", "from=3", "to=4", "ids=1"] };

  it("can be looked up", async () => {
    const params = "{ timeslice: '${{ ago(\"7d\") }}', query: { PartnerId: '${{ inputs.partner }}' } }";
    const { plan: loaded } = await load(past(params), products);
    const [{ source } = { source: undefined }] = loaded.lookups;
    expect(source?.kind).toBe("list");
    expect(source?.kind === "list" && source.listing.params(frozen)).toEqual({
      timeslice: frozen.now - 7 * 86_400,
      query: { PartnerId: 5 },
    });
  });

  it("decides no change: nothing could be confirmed by it", async () => {
    const enumerated = text("products")
      .replace("call: EnumerateAccountStatistics", "call: EnumerateAccountHistoryStatistics")
      .replace("    query:", "    timeslice: 1700000000\n    query:");
    const problems = await errorsOf(enumerated, products);
    expect(problems).toMatchObject([
      {
        code: "past-list",
        message: "EnumerateAccountHistoryStatistics shows what was: no change can be confirmed by it",
        hint: expect.stringContaining("EnumerateAccountStatistics") as string,
      },
    ]);
  });
});
