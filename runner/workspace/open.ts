import { resolve } from "node:path";
import type { Signing } from "../core/model/evidence.ts";
import type { Log } from "../core/model/ports.ts";
import { realClock } from "../runs/clock.ts";
import { loadConfig } from "../config/load.ts";
import type { OpenOptions, Workspace } from "../workspace.ts";
import type { InputOptions } from "./options.ts";
import type { Inside, Seams } from "./inside.ts";
import { providersByKind } from "./providers.ts";

/** The workspace of a folder. `seams`: what is put around its ports, by who wants to see them fail. */
export async function openWith(options: OpenOptions, seams: Seams): Promise<Workspace> {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const providers = providersByKind(options.providers ?? []);
  const path = options.config === undefined ? {} : { path: options.config };
  const config = await loadConfig({ env, cwd, kinds: [...providers.keys()], ...path });
  const inside: Inside = {
    root: config.folder,
    services: config.services,
    ...(config.approval && { approval: config.approval }),
    webhooks: config.webhooks,
    missingConfig: config.missing,
    policy: config.policy,
    providers,
    env,
    clock: seams.clock ?? realClock(),
    log: options.log ?? quiet,
    seams,
  };
  return workspaceOf(inside, cwd);
}

const quiet: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** One method a verb; each loads its own code when it is first used. */
function workspaceOf(inside: Inside, cwd: string): Workspace {
  const { root } = inside;
  return {
    folder: root,
    loadPlan: async (file, inputs = {}) =>
      (await import("./plan.ts")).readPlan(inside, resolve(cwd, file), placed(inputs, cwd)),
    validate: async (file, inputs = {}) =>
      (await import("./plan.ts")).problemsOf(inside, resolve(cwd, file), placed(inputs, cwd)),
    lint: async (file, inputs = {}) =>
      (await import("./plan.ts")).lint(inside, resolve(cwd, file), placed(inputs, cwd)),
    catalogue: async (service) => (await import("./connect.ts")).referenceOf(inside, service),
    async *test(paths) {
      const { testFiles } = await import("./plan-tests/files.ts");
      const { runTestFile } = await import("./plan-tests/run.ts");
      for (const file of await testFiles(cwd, paths)) yield await runTestFile(inside, { file, cwd });
    },
    isChangeSet: async (file) => (await import("../runs/saved-changes.ts")).isSavedChangeSet(resolve(cwd, file)),
    loadChangeSet: async (file, inputs = {}) =>
      (await import("./read-saved.ts")).readChangeSet(inside, resolve(cwd, file), placed(inputs, cwd)),
    approve: async (file, options) =>
      (await import("./approve.ts")).approve(inside, resolve(cwd, file), {
        ...options,
        key: resolve(cwd, options.key),
        ...(options.out !== undefined && { out: resolve(cwd, options.out) }),
      }),
    approvals: async (file) => (await import("./approval-report.ts")).approvalReport(inside, resolve(cwd, file)),
    async *preview(plan, { out, from, ...options } = {}) {
      const { preview } = await import("./begin.ts");
      yield* preview(inside, plan, {
        ...options,
        ...(out && { out: { ...out, file: resolve(cwd, out.file) } }),
        ...(from !== undefined && { from: resolve(cwd, from) }),
      });
    },
    rehearse: async (plan, { from, keep, ...options } = {}) =>
      (await import("./rehearsal/rehearse.ts")).rehearse(inside, plan, {
        ...options,
        ...(from !== undefined && { from: resolve(cwd, from) }),
        ...(keep !== undefined && { keep: resolve(cwd, keep) }),
      }),
    check: async (plan, { from, ...options } = {}) =>
      (await import("./check.ts")).check(inside, plan, {
        ...options,
        ...(from !== undefined && { from: resolve(cwd, from) }),
      }),
    async *apply(plan, options) {
      if ("header" in plan) yield* (await import("./apply-saved.ts")).applySaved(inside, plan, options);
      else yield* (await import("./begin.ts")).apply(inside, plan, options);
    },
    async *rerun(run, options) {
      const { rerun } = await import("./rerun.ts");
      yield* rerun(inside, run, withInputs(options, cwd));
    },
    async *undo(run, { out, ...options } = {}) {
      const { undo } = await import("./undo.ts");
      const file = out?.file === undefined ? {} : { file: resolve(cwd, out.file) };
      yield* undo(inside, run, { ...withInputs(options, cwd), cwd, ...(out && { out: { ...out, ...file } }) });
    },
    async *resume(run, options = {}) {
      const { reopen } = await import("./reopen.ts");
      yield* reopen(inside, run, "resume", withInputs(options, cwd));
    },
    async *verify(run, options = {}) {
      const { reopen } = await import("./reopen.ts");
      yield* reopen(inside, run, "verify", withInputs(options, cwd));
    },
    runs: async () => (await import("./report.ts")).runSummaries(root),
    show: async (run, options = {}) => (await import("./report.ts")).report(root, run, options),
    explain: async (run, item) => (await import("./explain.ts")).explain(inside, run, item),
    nearMisses: async (run, options = {}) => (await import("./near.ts")).nearMisses(inside, run, options),
    difference: async (run, against) => (await import("./difference.ts")).difference(inside, run, against),
    async *records(run) {
      yield* (await import("./report.ts")).recordsOf(root, run);
    },
    audit: async (run, options = {}) => (await import("./audit/all.ts")).audit(inside, run, keysAt(options, cwd)),
    async *auditAll(runs, options = {}) {
      yield* (await import("./audit/all.ts")).auditAll(inside, runs, keysAt(options, cwd));
    },
    auditLog: async (query) => (await import("./audit/log.ts")).auditLog(root, query),
    async *auditExport(runs, format) {
      yield* (await import("./audit/export.ts")).exportRuns(inside, runs, format);
    },
    async saveExport(runs, format, file) {
      const { exportRuns, saveLines } = await import("./audit/export.ts");
      await saveLines(exportRuns(inside, runs, format), resolve(cwd, file));
    },
    attest: async (run, { key, out, ...options }) =>
      (await import("./audit/attest.ts")).attest(inside, run, {
        ...{ ...options, key: resolve(cwd, key), out: resolve(cwd, out) },
      }),
    verifyAttestation: async (file, options) =>
      (await import("./audit/attest.ts")).verifyAttestation(inside, resolve(cwd, file), keysAt(options, cwd)),
    auditPack: async (run, { out, ...options }) =>
      (await import("./audit/pack.ts")).pack(inside, run, { ...keysAt(options, cwd), out: resolve(cwd, out) }),
    verifyPack: async (file, options = {}) =>
      (await import("./audit/pack.ts")).verifyPack(inside, resolve(cwd, file), keysAt(options, cwd)),
    probe: async (service, options) => (await import("./probe.ts")).probe(inside, service, options),
    notifier: async () => {
      const { webhooks, clock } = inside;
      return webhooks.length === 0 ? undefined : (await import("./notify.ts")).notifierOf(webhooks, { clock });
    },
    control: async (run, asking) => (await import("./control.ts")).control(inside, run, asking),
    unlock: async (run, why) => (await import("./unlock.ts")).unlockRun(inside, run, why),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Keys lie where the workspace was opened, unless their paths say otherwise. */
function keysAt<Options extends { readonly publicKey?: string; readonly sign?: Signing }>(
  options: Options,
  cwd: string,
): Options {
  const { publicKey, sign } = options;
  return {
    ...options,
    ...(publicKey !== undefined && { publicKey: resolve(cwd, publicKey) }),
    ...(sign && { sign: { ...sign, key: resolve(cwd, sign.key) } }),
  };
}

/** Relative paths begin where the workspace was opened, not where its process stands. */
function placed(inputs: InputOptions, cwd: string): InputOptions {
  return inputs.inputsFile === undefined ? inputs : { ...inputs, inputsFile: resolve(cwd, inputs.inputsFile) };
}

function withInputs<Options extends { readonly inputs?: InputOptions }>(options: Options, cwd: string): Options {
  return options.inputs === undefined ? options : { ...options, inputs: placed(options.inputs, cwd) };
}
