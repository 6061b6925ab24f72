import { countOf } from "../reporters/amount.ts";
import { cleanText } from "../reporters/clean.ts";
import { Screen } from "../reporters/screen.ts";
import type { Log } from "../core/model/ports.ts";
import type { LoadedChangeSet, LoadedPlan, Workspace } from "../workspace.ts";
import type { InputOptions } from "../workspace/options.ts";
import { askSecret } from "./hidden.ts";
import { isCi, isInteractive, type Io } from "./io.ts";
import { openLog } from "./log.ts";
import { coloured, commandLine, inputsOf, type InputFlags, type PlanFlags, type WorkspaceFlags } from "./options.ts";
import { Redactor } from "./redact.ts";

/** What every command that works on plans and runs has before it. */
export interface Desk extends AsyncDisposable {
  readonly io: Io;
  readonly screen: Screen;
  readonly workspace: Workspace;
  /** Diagnostics. */
  readonly log: Log;
  /** @throws {PlanError} with every problem; notes are in the plan. Secret inputs are kept out of the diagnostics from here on. */
  loadPlan(file: string, inputs: InputOptions): Promise<LoadedPlan>;
  /** The same for a change set that a preview has saved. @throws {GuardError} `tampered` */
  loadChangeSet(file: string, inputs: InputOptions): Promise<LoadedChangeSet>;
  /** The inputs that flags give; a person at the terminal is asked for secrets that are missing. @param twice A slip would be sent. */
  inputs(
    flags: InputFlags & { readonly service?: string; readonly withoutSecrets?: boolean },
    asking: { readonly twice: boolean },
  ): InputOptions;
  /** Leave without waiting for anything that is still under way: the process is about to end. */
  abandon(): void;
}

/** The screen for these flags. */
export function screenFor(io: Io, flags: { readonly noColor: boolean }): Screen {
  const mayRedraw = !isCi(io.env) && io.env.TERM !== "dumb";
  return new Screen({ stdout: io.stdout, stderr: io.stderr, colour: coloured(io, flags), mayRedraw });
}

/** That a plan has notes, and where they can be read: before a run they are one line, not a page. */
export function tellNotes(
  { notes }: LoadedPlan,
  { desk, flags, file }: { readonly desk: Desk; readonly flags: PlanFlags; readonly file: string },
): void {
  if (notes.length === 0) return;
  const words = [
    ...["validate", file, ...(flags.set ?? []).flatMap((one) => ["--set", one])],
    ...(flags.inputs === undefined ? [] : ["--inputs", flags.inputs]),
    ...(flags.service === undefined ? [] : ["--service", flags.service]),
  ];
  desk.screen.note(`${countOf(notes.length, "note")} on this plan: ${commandLine(desk.io, flags, words)}`);
}

const warningsTold = 5;

/** What is dangerous about a plan that is about to run, a line each; before the preview, so that it is read with it. */
export function tellWarnings(
  { warnings = [] }: LoadedPlan,
  { desk, flags, file }: { readonly desk: Desk; readonly flags: PlanFlags; readonly file: string },
): void {
  const { screen, io } = desk;
  for (const { line, column, code, message } of warnings.slice(0, warningsTold))
    screen.note(screen.paint.doubt(`warning ${code}, ${cleanText(file)}:${line}:${column}: ${cleanText(message)}`));
  const more = warnings.length - warningsTold;
  if (more > 0) screen.note(`${countOf(more, "more warning")}: ${commandLine(io, flags, ["validate", file])}`);
}

/** Open the workspace, with diagnostics that never write into the live line. */
export async function openDesk(io: Io, flags: WorkspaceFlags): Promise<Desk> {
  const screen = screenFor(io, flags);
  const redactor = new Redactor(io.env);
  const log = openLog(flags.logLevel, (line) => screen.note(line), redactor);
  const workspace = await io.openWorkspace({
    ...(flags.config === undefined ? {} : { config: flags.config }),
    cwd: io.cwd,
    env: io.env,
    log,
  });
  let abandoned = false;
  const hide = ({ secretValues }: LoadedPlan): void => {
    for (const secret of Object.values(secretValues)) redactor.hide(secret.reveal());
  };
  return {
    io,
    screen,
    workspace,
    log,
    async loadPlan(file, inputs) {
      const plan = await workspace.loadPlan(file, inputs);
      hide(plan);
      return plan;
    },
    async loadChangeSet(file, inputs) {
      const saved = await workspace.loadChangeSet(file, inputs);
      hide(saved.loaded);
      return saved;
    },
    inputs(given, asking) {
      if (given.withoutSecrets === true) return { ...inputsOf(given), withoutSecrets: true };
      if (!isInteractive(io) || given.json) return inputsOf(given);
      const ask = async (name: string, description: string): Promise<string | undefined> => {
        const typed = await askSecret(io, description === "" ? name : `${name}: ${description}`, asking);
        if (typed !== undefined) redactor.hide(typed);
        return typed;
      };
      return { ...inputsOf(given), ask };
    },
    abandon() {
      abandoned = true;
    },
    async [Symbol.asyncDispose]() {
      if (!abandoned) await workspace[Symbol.asyncDispose]();
    },
  };
}
