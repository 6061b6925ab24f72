import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PlanError } from "../../runner/core/model/errors.ts";
import { itemId, runId, type Fields, type Item } from "../../runner/core/model/item.ts";
import type { Frozen } from "../../runner/core/model/frozen.ts";
import type { Problem } from "../../runner/core/model/problem.ts";
import { loadPlan, type LoadedPlan, type PlanOptions } from "../../runner/plan/load.ts";
import { catalogue } from "./catalogue.ts";

export const frozen: Frozen = {
  now: 1_700_000_000,
  login: { user_id: 1, partner_id: 2, name: "demo" },
  run: { id: runId("20261123T204700Z-k3m7q"), started: 1_700_000_000 },
};

/** Load a plan text from a real file; `files` are written beside it. */
export async function load(
  text: string,
  options: Partial<PlanOptions> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<LoadedPlan> {
  const { files = {}, inputsFile, ...rest } = options;
  const folder = mkdtempSync(join(tmpdir(), "rollcall-plan-"));
  try {
    const file = join(folder, "plan.yaml");
    writeFileSync(file, text);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return await loadPlan({
      file,
      set: [],
      env: {},
      serviceNames: ["cove", "simulator"],
      catalogueOf: () => Promise.resolve(catalogue),
      ...(inputsFile === undefined ? {} : { inputsFile: resolve(folder, inputsFile) }),
      ...rest,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The problems of a plan that can not be loaded. */
export async function problemsOf(text: string, options: Parameters<typeof load>[1] = {}): Promise<readonly Problem[]> {
  try {
    await load(text, options);
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
  throw new Error("the plan loaded");
}

/** `line:column code` of each, in order. */
export function places(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

export function itemOf(fields: Fields): Item {
  return { id: itemId(JSON.stringify(fields.device_id)), fields };
}

/** The plan that tests change in one place. Its lines stand where they stand. */
export function assignProduct({
  inputs,
  fields,
  filter,
}: {
  readonly inputs: readonly string[];
  readonly fields: string;
  readonly filter: string;
}): string {
  return `rollcall: 1
name: assign-product
service: cove
inputs:
${inputs.map((input) => `  ${input}\n`).join("")}enumerate:
  call: EnumerateAccountStatistics
  params:
    query:
      PartnerId: \${{ inputs.partner }}
  fields: [${fields}]
  title: device_name
filter:${filter}
change:
  set:
    product_id: \${{ inputs.to }}
  call: ModifyAccount
  params:
    accountInfo:
      Id: \${{ item.device_id }}
      ProductId: \${{ set.product_id }}
`;
}
