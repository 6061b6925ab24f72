import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { diskError, errnoOf } from "../../ledger/disk-error.ts";
import type { Simulator } from "../../simulator/server.ts";
import type { RunSummary } from "../../core/model/told.ts";
import { openDesk, screenFor } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  displayFlags,
  type DisplayFlags,
  type PlanFlags,
  type ZoneFlags,
} from "../options.ts";
import { apply } from "./apply.ts";
import { auditVerify } from "./audit/verify.ts";
import { preview } from "./preview.ts";

const bundledPlan = fileURLToPath(new URL("../../../plans/cove/assign-product.yaml", import.meta.url));
const devices = 1000;
/** Products of the simulated customer: workstations kept for 90 days, and for a year. */
const products = { from: 3, to: 4 };

export const command = defineCommand<DisplayFlags, []>({
  sentence: "See the whole thing work in a minute: simulator, preview, apply, verify, audit",
  parameters: { flags: displayFlags },
  run: demo,
});

/** The tour: the same commands an operator uses, against a simulator that lives as long as the tour. */
export async function demo(io: Io, flags: DisplayFlags): Promise<number> {
  await using simulator = await started();
  const folder = await newFolder(io.cwd);
  const config = join(folder, "rollcall.config.yaml");
  await writeFile(join(io.cwd, config), configFor(simulator.url), { flag: "wx" }).catch((cause: unknown) => {
    throw diskError("write", config, cause);
  });
  const inputs = { partner: simulator.rootPartner, ...products };
  const planFlags: PlanFlags & ZoneFlags = {
    ...flags,
    zone: "UTC",
    config,
    service: "simulator",
    set: Object.entries(inputs).map(([name, value]) => `${name}=${value}`),
  };
  const screen = screenFor(io, flags);
  const say = (text: string): void => {
    if (!flags.json) screen.result(`\n${screen.paint.strong(text)}\n`);
  };
  const plan = relative(io.cwd, bundledPlan);

  say(`1. Preview: what would ${plan} change?`);
  const previewed = await preview(io, { ...planFlags, detailedExitcode: false, withoutSecrets: false }, plan);
  if (previewed !== 0) return previewed;
  say("2. Apply and verify: every change is recorded before it is sent, and read back afterwards");
  const applied = await apply(io, { ...planFlags, yes: true }, plan, { previewRows: 0 });
  if (applied !== 0) return applied;
  say("3. Audit: the record proves itself");
  const audited = await auditVerify(io, planFlags, "latest");
  if (audited !== 0) return audited;
  if (!flags.json) screen.result(`\n${nextSteps(io, planFlags, { plan, run: await latest(io, planFlags) })}`);
  return 0;
}

async function started(): Promise<Simulator> {
  const { startSimulator } = await import("../../simulator/server.ts");
  return startSimulator({ devices });
}

/** `rollcall-demo`, or with the next free number: an earlier tour stays as it is. */
async function newFolder(cwd: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "rollcall-demo" : `rollcall-demo-${number}`;
    try {
      await mkdir(join(cwd, name));
      return name;
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw diskError("make the folder", join(cwd, name), error);
    }
  }
}

function configFor(url: string): string {
  return [
    "# Written by `rollcall demo`. Start `rollcall simulate --port N` and write its address here to go on.",
    "rollcall: 1",
    "services:",
    "  simulator:",
    "    kind: simulator",
    `    url: ${url}`,
    "",
  ].join("\n");
}

async function latest(io: Io, flags: PlanFlags): Promise<RunSummary> {
  await using desk = await openDesk(io, flags);
  return (await desk.workspace.show("latest", { limit: 0 })).summary;
}

function nextSteps(
  io: Io,
  flags: PlanFlags,
  { plan, run }: { readonly plan: string; readonly run: RunSummary },
): string {
  const config = flags.config === undefined ? {} : { config: flags.config };
  const port = new URL(run.endpoint).port;
  const sets = (flags.set ?? []).flatMap((each) => ["--set", each]);
  return [
    `Everything about this run lies in ${relative(io.cwd, run.folder)}`,
    "",
    "Look around (the simulator of this tour is gone, the record is not):",
    `  ${commandLine(io, config, ["show", run.run, "--states", "confirmed"])}`,
    `  ${commandLine(io, config, ["audit", "verify", run.run, "--anchor", run.anchor])}`,
    `  ${commandLine(io, config, ["runs"])}`,
    "",
    "Try it yourself: start the simulator again in one terminal, and preview in another:",
    `  ${commandLine(io, {}, ["simulate", "--port", port])}`,
    `  ${commandLine(io, config, ["preview", plan, "--service", "simulator", ...sets])}`,
  ].join("\n");
}
