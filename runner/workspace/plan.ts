import { readFile } from "node:fs/promises";
import type { FactOf } from "../core/model/events.ts";
import { loadPlan } from "../plan/load.ts";
import type { RunFolder } from "../runs/folder.ts";
import type { InputOptions, LoadedPlan } from "../workspace.ts";
import { catalogueOf, serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";

/** A plan file and its inputs, checked against the catalogue of its service. @throws {PlanError} with every problem. */
export async function readPlan(inside: Inside, file: string, inputs: InputOptions): Promise<LoadedPlan> {
  return loadPlan({ ...optionsOf(inside, inputs), file });
}

/** The plan as a run froze it; only secret inputs are asked for again. */
export async function readFrozenPlan(
  inside: Inside,
  inputs: InputOptions,
  { folder, start }: { readonly folder: RunFolder; readonly start: FactOf<"start"> },
): Promise<LoadedPlan> {
  const source = await readFile(folder.plan, "utf8");
  const options = optionsOf(inside, { ...inputs, service: start.service.name });
  return loadPlan({ ...options, file: folder.plan, frozen: { source, inputs: start.inputs } });
}

function optionsOf({ services, env }: Inside, { set = [], inputsFile, service }: InputOptions) {
  return {
    env,
    set,
    serviceNames: [...services.keys()],
    catalogueOf: (name: string) => catalogueOf(serviceNamed(services, name, "rollcall.config.yaml")),
    ...(inputsFile === undefined ? {} : { inputsFile }),
    ...(service === undefined ? {} : { service }),
  };
}
