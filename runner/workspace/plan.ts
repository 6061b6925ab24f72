import { digestOfBytes } from "../core/model/digest.ts";
import { RunnerError } from "../core/model/errors.ts";
import type { FactOf } from "../core/model/events.ts";
import type { Problem } from "../core/model/problem.ts";
import { diskError } from "../ledger/disk-error.ts";
import { bytesOfFile } from "../ledger/record-file.ts";
import { examinePlan, loadPlan, planProblems } from "../plan/load.ts";
import type { RunFolder } from "../runs/folder.ts";
import { isSavedChangeSet } from "../runs/saved-changes.ts";
import type { Linted, LoadedPlan } from "../workspace.ts";
import type { InputOptions } from "./options.ts";
import { catalogueOf, serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { forbidden } from "./policy.ts";
import { planOfRun } from "./take-back.ts";

/** A plan file and its inputs, checked against the catalogue of its service. @throws {PlanError} with every problem. */
export async function readPlan(inside: Inside, file: string, inputs: InputOptions): Promise<LoadedPlan> {
  await refuseChangeSet(file);
  return loadPlan({ ...loadOptions(inside, inputs), file });
}

/** Everything there is to say of a plan file, whether or not it could run with these inputs. */
export async function problemsOf(inside: Inside, file: string, inputs: InputOptions): Promise<readonly Problem[]> {
  await refuseChangeSet(file);
  return planProblems({ ...loadOptions(inside, inputs), file });
}

/** The same, and what is dangerous or forbidden of it. */
export async function lint(inside: Inside, file: string, inputs: InputOptions): Promise<Linted> {
  await refuseChangeSet(file);
  const { problems, warnings, plan } = await examinePlan({ ...loadOptions(inside, inputs), file });
  if (plan === undefined) return { problems, warnings };
  const isLacking = problems.some(({ code }) => code === "missing-input");
  return { problems, warnings: [...warnings, ...(await forbidden(inside, plan, isLacking))] };
}

async function refuseChangeSet(file: string): Promise<void> {
  if (!(await isSavedChangeSet(file).catch(() => false))) return;
  throw new RunnerError("usage", `${file} is a saved change set, not a plan.`, {
    hint: `Apply it: rollcall apply ${file}`,
  });
}

/**
 * The plan that a run went by, as it froze it; only secret inputs are asked for again, unless nothing will be sent.
 * @throws {RunnerError} `audit` when the file is not the one that the ledger names.
 */
export async function readFrozenPlan(
  inside: Inside,
  inputs: InputOptions,
  {
    folder,
    start,
    withoutSecrets = false,
  }: { readonly folder: RunFolder; readonly start: FactOf<"start">; readonly withoutSecrets?: boolean },
): Promise<LoadedPlan> {
  const bytes = await bytesOf(folder.plan);
  if (digestOfBytes(bytes) !== start.plan.digest) throw editedPlan(folder);
  const source = bytes.toString("utf8");
  const options = loadOptions(inside, { ...inputs, service: start.service.name });
  const own = await loadPlan({
    ...options,
    file: folder.plan,
    frozen: { source, inputs: start.inputs, withoutSecrets },
  });
  return planOfRun(inside.root, own, start.from);
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await bytesOfFile(path);
  } catch (cause) {
    throw diskError("read", path, cause);
  }
}

function editedPlan({ plan }: RunFolder): RunnerError {
  return new RunnerError("audit", `${plan} is not the plan that this run was begun with: its digest does not fit.`, {
    hint: "Put the file back from a copy; nothing is sent by another plan.",
  });
}

/** What loading a plan needs to know of this workspace. */
export function loadOptions(
  { services, missingConfig, providers, env }: Inside,
  { set = [], inputs, inputsFile, ask, service, withoutSecrets }: InputOptions,
) {
  return {
    env,
    set,
    serviceNames: [...services.keys()],
    missingConfig,
    catalogueOf: (name: string) => catalogueOf(serviceNamed(services, name, "rollcall.config.yaml"), providers),
    ...(inputs === undefined ? {} : { inputs }),
    ...(inputsFile === undefined ? {} : { inputsFile }),
    ...(ask === undefined ? {} : { ask }),
    ...(service === undefined ? {} : { service }),
    ...(withoutSecrets === undefined ? {} : { withoutSecrets }),
  };
}
