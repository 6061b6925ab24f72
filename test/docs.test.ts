import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { rollcall } from "./support/cli.ts";
import { configOf } from "./support/config.ts";

const root = resolve(import.meta.dirname, "..");

interface Node {
  readonly not?: object;
  readonly doNotSuggest?: boolean;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly $defs?: Readonly<Record<string, Node>>;
}

function nodesIn(node: Node): readonly Node[] {
  return [node, ...Object.values(node).flatMap((value: unknown) => (isNode(value) ? nodesIn(value) : []))];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null;
}

describe("the documentation", () => {
  it("describes plans and configs as their schemas have them", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "schemas/docs.mjs"), "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("has a schema that suggests the methods and columns of the catalogue, and takes others too", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, "schemas/suggestions.mjs"), "--check"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const text = readFileSync(join(root, "schemas/plan.schema.json"), "utf8");
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, keywords: ["doNotSuggest"] });
    const validate = ajv.compile(JSON.parse(text) as object);
    const plan = (call: string, field: string) => ({
      ...{ rollcall: 1, name: "x", service: "cove", filter: true },
      enumerate: { call, fields: [field] },
      change: { call, params: {} },
    });
    expect(text).toContain('"EnumerateAccountStatistics"');
    expect(validate(plan("ModifyAccount", "product_id"))).toBe(true);
    expect(validate(plan("SomethingOfAnotherService", "AA843"))).toBe(true);
    expect(validate(plan("not a name", "product_id"))).toBe(false);
    // Names alone, thousands of bytes of them, must not slow down every start.
    const compiled = readFileSync(join(root, "schemas/validators/plan.js"), "utf8");
    expect(compiled).not.toContain("UnsubscribeViewDelivery");
  });

  it("has schemas that suggest columns to set, and no key that does not work yet", () => {
    const read = (name: string) => JSON.parse(readFileSync(join(root, `schemas/${name}.schema.json`), "utf8")) as Node;
    const { set } = read("plan").$defs?.change?.properties ?? {};
    expect(Object.keys(set?.properties ?? {})).toContain("product_id");
    for (const name of ["plan", "config"]) {
      const notYet = nodesIn(read(name)).filter(({ not }) => not !== undefined && Object.keys(not).length === 0);
      expect(notYet.length).toBeGreaterThan(0);
      expect(notYet.every(({ doNotSuggest }) => doNotSuggest === true)).toBe(true);
    }
  });

  it("has a header in every plan, so that editors know the schema", () => {
    const plans = readdirSync(join(root, "plans"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".yaml"),
    );
    expect(plans.length).toBeGreaterThan(0);
    for (const name of plans.filter((plan) => !plan.endsWith(".test.yaml"))) {
      const [first = ""] = readFileSync(join(root, "plans", name), "utf8").split("\n");
      const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1];
      expect(path, `${name} begins with the header`).toBeDefined();
      expect(resolve(root, "plans", dirname(name), path ?? "")).toBe(join(root, "schemas/plan.schema.json"));
    }
  });

  it("shows a config that is right", async () => {
    const page = readFileSync(join(root, "docs/config.md"), "utf8");
    const { services } = await configOf(page.split("```yaml\n")[1]?.split("```")[0] ?? "");
    expect([...services.keys()]).toContain("media");
    expect(services.get("media")?.protocol?.session.login).toHaveLength(1);
  });

  it("shows webhooks that are right", async () => {
    const page = readFileSync(join(root, "docs/notifications.md"), "utf8");
    const { webhooks } = await configOf(page.split("```yaml\n")[1]?.split("```")[0] ?? "");
    expect(webhooks.map(({ format, events }) => [format, ...events])).toEqual([
      ["slack", "hold", "stop"],
      ["json", "start", "hold", "stop", "done"],
    ]);
  });

  it("shows parts of plans that are right", async () => {
    const page = readFileSync(join(root, "docs/plan.md"), "utf8");
    const parts = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, part = ""]) => part);
    expect(parts.map((part) => part.split(":")[0])).toEqual(["pace", "pace", "hold", "gate", "window"]);
    const plan = readFileSync(join(root, "plans/cove/assign-product.yaml"), "utf8")
      .replace(/^(pace|stop): .*\n/gm, "")
      .replace("fields: [device_id,", "fields: [device_id, partner_id, last_timestamp,");
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-docs-"));
    const [fleet = ""] = /(?<=```yaml\n)pace:[\s\S]*?(?=```)/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
    expect(fleet).toContain("window:");
    parts.push(fleet);
    for (const [place, part] of parts.entries()) writeFileSync(join(cwd, `part-${place}.yaml`), `${plan}${part}`);
    const files = parts.map((_, place) => `part-${place}.yaml`);
    const set = ["partner=1", "from=1", "to=2"].flatMap((input) => ["--set", input]);
    expect(await rollcall(["validate", ...set, ...files], { cwd })).toMatchObject({ exit: 0, stderr: "" });
  });

  it("tests a plan as the page on plan tests shows it", async () => {
    const page = readFileSync(join(root, "docs/plan-tests.md"), "utf8");
    const block = (language: string): string => page.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";
    const cwd = mkdtempSync(join(tmpdir(), "rollcall-docs-"));
    const plan = readFileSync(join(root, "plans/cove/assign-product.yaml"), "utf8");
    writeFileSync(join(cwd, "assign-product.yaml"), plan);
    writeFileSync(join(cwd, "assign-product.test.yaml"), block("yaml"));
    expect(await rollcall(["test", "assign-product.yaml"], { cwd })).toMatchObject({ exit: 0, stderr: "" });
    const slip = plan.replace("item.product_id in [inputs.from, inputs.to]", "item.product_id == inputs.from");
    writeFileSync(join(cwd, "assign-product.yaml"), slip);
    expect(await rollcall(["test", "."], { cwd })).toEqual({ exit: 6, stderr: "", stdout: block("text") });
  });

  it("links to files that are there", () => {
    for (const page of [
      "README.md",
      "SECURITY.md",
      "docs/plan.md",
      "docs/config.md",
      "docs/library.md",
      "docs/plan-tests.md",
      "docs/approval.md",
      "docs/notifications.md",
      "docs/audit.md",
      "docs/ci.md",
    ]) {
      const text = readFileSync(join(root, page), "utf8");
      const targets = [...text.matchAll(/\]\(([^)#]+)\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !target.startsWith("http"));
      for (const target of targets)
        expect(existsSync(join(root, dirname(page), target)), `${page} links to ${target}`).toBe(true);
    }
  });
});
