import { formatVersion } from "../../core/model/events.ts";
import { countOf } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import type { Paint } from "../../reporters/paint.ts";
import type { Screen } from "../../reporters/screen.ts";
import { wrap } from "../../reporters/width.ts";
import { examine, type Check } from "../../workspace/doctor.ts";
import { screenFor } from "../desk.ts";
import type { Io } from "../io.ts";
import { openLog } from "../log.ts";
import { localised } from "../local.ts";
import {
  defineCommand,
  serviceFlag,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";
import { Redactor } from "../redact.ts";

export type DoctorFlags = WorkspaceFlags &
  ZoneFlags & {
    readonly service?: string;
    readonly offline: boolean;
    readonly notify: boolean;
  };

export const command = defineCommand<DoctorFlags, []>({
  sentence: "Check config, credentials, connection, clock and disk before a run needs them",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      service: serviceFlag("Only this service; all of the config when left out"),
      offline: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Only what can be checked without a network",
      },
      notify: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also send each webhook of the config a test",
      },
    },
  },
  run: doctor,
});

/** Which failure decides when there are several: the record before the config, before the way to the service. */
const exitOrder = [10, 3, 4, 5];

/** Check everything, a line each as it is found. Exit 0, also with warnings; else by what failed: 10 disk, 3 config, 4 connection or login, 5 clock. */
export async function doctor(io: Io, flags: DoctorFlags): Promise<number> {
  const screen = screenFor(io, flags);
  const redactor = new Redactor(io.env);
  const checks: Check[] = [];
  const found = examine({
    env: io.env,
    cwd: io.cwd,
    offline: flags.offline,
    notify: flags.notify,
    log: openLog(flags.logLevel, (line) => screen.note(line), redactor),
    ...(flags.config === undefined ? {} : { path: flags.config }),
    ...(flags.service === undefined ? {} : { service: flags.service }),
  });
  for await (const check of found) {
    checks.push(check);
    const local = (text: string): string => localised(text, { program: io.program, zone: flags.zone });
    if (!flags.json)
      screen.result(redactor.redact(checkText(inWordsOf(local, check), screen, io.stdout.isTTY === true)));
  }
  const exit = exitOf(checks);
  if (flags.json)
    screen.result(redactor.redact(cleanJson({ v: formatVersion, type: "doctor", checks: checks.map(told), exit })));
  else screen.result(summary(checks, screen.paint));
  return exit;
}

function exitOf(checks: readonly Check[]): number {
  const exits = new Set(checks.map(({ exit }) => exit));
  return exitOrder.find((exit) => exits.has(exit)) ?? 0;
}

function told({ exit: _exit, ...check }: Check): object {
  return check;
}

function inWordsOf(local: (text: string) => string, { advice, ...check }: Check): Check {
  return { ...check, found: local(check.found), ...(advice === undefined ? {} : { advice: local(advice) }) };
}

const statusWidth = "warning".length;
const nameWidth = "credentials".length;

/** One line; on a terminal it is broken so that it stays behind the words in front of it. */
function checkText({ check, status, found, advice }: Check, { width, paint }: Screen, isTerminal: boolean): string {
  const text = cleanText(advice === undefined || advice === "" ? found : `${found.replace(/\.$/, "")}. ${advice}`);
  const indent = statusWidth + nameWidth + 4;
  const lines = isTerminal ? wrap(text, width - indent) : [text];
  const head = `${colourOf(status, paint)(status.padEnd(statusWidth))}  ${check.padEnd(nameWidth)}  `;
  return `${head}${lines.join(`\n${" ".repeat(indent)}`)}`;
}

function colourOf(status: Check["status"], paint: Paint): (text: string) => string {
  switch (status) {
    case "ok":
      return paint.good;
    case "warning":
      return paint.doubt;
    case "failed":
      return paint.bad;
    case "skipped":
      return paint.quiet;
  }
}

function summary(checks: readonly Check[], paint: Paint): string {
  const failed = checks.filter(({ status }) => status === "failed").length;
  const warnings = checks.filter(({ status }) => status === "warning").length;
  const skipped = checks.filter(({ status }) => status === "skipped").length;
  const parts = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(warnings > 0 ? [countOf(warnings, "warning")] : []),
    ...(skipped > 0 ? [`${skipped} not looked at`] : []),
  ];
  return paint.strong(parts.length === 0 ? "All is well." : `${parts.join(", ")}.`);
}
