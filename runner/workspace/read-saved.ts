import { digestOfText } from "../core/model/digest.ts";
import { PlanError } from "../core/model/errors.ts";
import { loadPlan } from "../plan/load.ts";
import { readSavedChangeSet } from "../runs/saved-changes.ts";
import type { LoadedChangeSet } from "../workspace.ts";
import type { InputOptions } from "./options.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { loadOptions } from "./plan.ts";
import { tampered } from "./saved-checks.ts";
import { planOfRun } from "./take-back.ts";
import { sameSecrets } from "./secrets.ts";

/**
 * Read a saved change set whole, and its plan with the inputs it was reviewed with; secret ones are asked for again.
 * @throws {GuardError} `tampered`. @throws {PlanError} a secret is missing, or not the one of the review.
 */
export async function readChangeSet(inside: Inside, path: string, inputs: InputOptions): Promise<LoadedChangeSet> {
  const saved = await readWhole(inside, path, { inputs });
  sameSecrets(saved.header.start.secrets, saved.loaded.secretValues, inside.env);
  return saved;
}

/** The same for somebody who only looks at it: what is secret in it is neither asked for nor needed. */
export async function lookAtChangeSet(inside: Inside, path: string): Promise<LoadedChangeSet> {
  return await readWhole(inside, path, { inputs: {}, withoutSecrets: true });
}

async function readWhole(
  inside: Inside,
  path: string,
  { inputs, withoutSecrets = false }: { readonly inputs: InputOptions; readonly withoutSecrets?: boolean },
): Promise<LoadedChangeSet> {
  const { header, digest: found } = await readSavedChangeSet(path);
  const { start, plan: source } = header;
  if (digestOfText(source) !== start.plan.digest) throw tampered(path, "its plan is not the one that was reviewed");
  const name = inputs.service ?? start.service.name;
  serviceNamed(inside.services, name, path);
  const options = loadOptions(inside, { ...inputs, service: name });
  const frozen = { source, inputs: start.inputs, withoutSecrets };
  const own = await loadPlan({ ...options, file: path, frozen }).catch(ofTheFile);
  const loaded = await planOfRun(inside.root, own, start.from);
  return { path, digest: found, header, loaded };
}

/** What is wrong with the plan of a change set has no place in the file that holds it. */
function ofTheFile(error: unknown): never {
  if (!(error instanceof PlanError)) throw error;
  throw new PlanError(
    error.problems.map((problem) => ({ ...problem, line: 1, column: 1, private: true })),
    "usage",
  );
}
