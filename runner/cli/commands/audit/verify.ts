import { relative } from "node:path";
import { RunnerError, exitCodes } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { AuditOptions } from "../../../core/model/evidence.ts";
import { timeText } from "../../../core/model/values.ts";
import { anchorText, parseAnchor } from "../../../ledger/anchor.ts";
import { countOf } from "../../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../../reporters/clean.ts";
import type { Paint } from "../../../reporters/paint.ts";
import type { AuditReport } from "../../../workspace/reports.ts";
import { openDesk, type Desk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import { passphraseFlags, passphraseOf, type PassphraseFlags } from "../../key-flags.ts";
import {
  commandLine,
  defineCommand,
  fileFlag,
  runWord,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../../options.ts";

export type AuditFlags = WorkspaceFlags &
  ZoneFlags &
  PassphraseFlags & {
    readonly anchor?: string;
    readonly head?: string;
    readonly sign?: string;
    readonly publicKey?: string;
  };

const anchorFlag = {
  kind: "parsed",
  parse: anchorFlagText,
  optional: true,
  placeholder: "run:seq:hash",
} as const;

export const verifyCommand = defineCommand<AuditFlags, string[]>({
  sentence: "Check that records are whole and unchanged, that their counts add up, and that no run is missing",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      anchor: {
        ...anchorFlag,
        brief: "An anchor that was printed or kept elsewhere: finds any change at or before it; for one run",
      },
      head: { ...anchorFlag, brief: "The same: reports print the head of a record as its anchor" },
      sign: fileFlag("Sign what was found to hold with this private key (Ed25519, PEM)"),
      ...passphraseFlags,
      publicKey: fileFlag("Check the signatures with this public key, which came from whoever signed"),
    },
    positional: { kind: "array", parameter: { ...runWord, placeholder: "RUN" } },
  },
  run: auditVerify,
});

/** Check the records of runs; none named: of all. Exit 0, or 9 with every finding. */
export async function auditVerify(io: Io, flags: AuditFlags, ...runs: readonly string[]): Promise<number> {
  const anchor = oneAnchor(flags, runs);
  await using desk = await openDesk(io, flags);
  const { sign, publicKey } = flags;
  const options: AuditOptions = {
    ...(publicKey !== undefined && { publicKey }),
    ...(sign !== undefined && { sign: { key: sign, passphrase: () => passphraseOf(io, sign, flags) } }),
  };
  const [only] = runs;
  if (only !== undefined && runs.length === 1)
    return tellOne(
      desk,
      flags,
      await desk.workspace.audit(only, { ...options, ...(anchor !== undefined && { anchor }) }),
    );
  return await tellAll(desk, flags, desk.workspace.auditAll(runs, options));
}

function oneAnchor({ anchor, head }: AuditFlags, runs: readonly string[]): string | undefined {
  if (anchor !== undefined && head !== undefined) {
    throw new RunnerError("usage", "--anchor and --head are the same, and both were given.", {
      hint: "Leave one out.",
    });
  }
  const given = anchor ?? head;
  if (given === undefined || runs.length === 1) return given;
  throw new RunnerError(
    "usage",
    `An anchor names one record, and ${runs.length === 0 ? "no run" : `${runs.length} runs`} is named.`,
    {
      hint: `Name the run that it is of: rollcall audit verify ${given.split(":")[0] ?? "RUN"} --anchor ${given}`,
    },
  );
}

function tellOne({ screen, io }: Desk, flags: AuditFlags, report: AuditReport): number {
  screen.result(
    flags.json ? cleanJson({ v: formatVersion, ...report }) : auditText(report, flags, { paint: screen.paint, io }),
  );
  return isWell(report, flags) ? 0 : exitCodes.audit;
}

/** It holds, and where a signature was asked for there is one. */
function isWell({ ok, signed }: AuditReport, { sign }: AuditFlags): boolean {
  return ok && (sign === undefined || signed !== undefined);
}

async function tellAll(
  { screen, io, workspace }: Desk,
  flags: AuditFlags,
  reports: AsyncIterable<AuditReport>,
): Promise<number> {
  const runs: AuditReport[] = [];
  for await (const report of reports) {
    runs.push(report);
    if (!flags.json) screen.result(auditText(report, flags, { paint: screen.paint, io }));
  }
  const wrong = runs.filter(({ ok }) => !ok).length;
  const ok = wrong === 0;
  if (flags.json) screen.result(cleanJson({ v: formatVersion, ok, runs }));
  else if (runs.length === 0) screen.note(`No runs in ${workspace.folder} yet.`);
  else
    screen.result(
      ok
        ? screen.paint.good(`${countOf(runs.length, "record")}: all hold`)
        : screen.paint.bad(`${countOf(runs.length, "record")}: ${wrong} DO NOT HOLD`),
    );
  return runs.every((report) => isWell(report, flags)) ? 0 : exitCodes.audit;
}

function auditText(
  report: AuditReport,
  flags: AuditFlags,
  { paint, io }: { readonly paint: Paint; readonly io: Io },
): string {
  const { anchor, root, notes = [], findings, run } = report;
  return [
    `${run}: ${headline(report, paint)}`,
    `  ${countOf(report.records, "record")}, checked ${againstWhat(report, flags)}`,
    `  ${conserved(report)}`,
    `  ${endText(report)}`,
    ...signedLines(report, flags, io),
    ...findings.map(
      ({ seq, message }) =>
        `  ${seq === undefined || namesItself(message, seq) ? "" : `record ${seq}: `}${cleanText(message)}`,
    ),
    ...notes.map((note) => `  note: ${cleanText(note)}`),
    ...(anchor === "" ? [] : [paint.quiet(`Anchor ${anchor}`)]),
    ...(root === undefined ? [] : [paint.quiet(`Root   ${root}`)]),
  ].join("\n");
}

/** What follows the last record is no part of what was found to be whole. */
function headline({ ok, records, torn = 0 }: AuditReport, paint: Paint): string {
  if (!ok) return paint.bad("THE RECORD DOES NOT HOLD");
  const behind = `${countOf(torn, "byte")} behind it ${torn === 1 ? "is no record" : "are no records"}`;
  if (records === 0)
    return paint.doubt(torn === 0 ? "there is no record" : `there is no record; ${countOf(torn, "byte")} are none`);
  return torn === 0
    ? paint.good("the record is complete and unchanged")
    : paint.doubt(`complete up to record ${records}; ${behind}`);
}

function endText({ sealed, ended, previewed }: AuditReport): string {
  if (sealed) return "sealed: no answer is open";
  if (previewed === true) return "a preview: it never took its lock, without which nothing is sent";
  return ended ? "not sealed: its end left answers open" : "not sealed: it has no end record";
}

function againstWhat({ signature }: AuditReport, { anchor, head }: AuditFlags): string {
  const more = [
    ...((anchor ?? head) === undefined ? [] : ["against the anchor"]),
    ...(signature === undefined ? [] : ["against the public key"]),
  ];
  return ["by its own chain", ...more].join(" and ");
}

/** "Signed" is said only where a key from elsewhere says so. */
function signedLines(
  { ok, records, signature, signed, run }: AuditReport,
  flags: AuditFlags,
  io: Io,
): readonly string[] {
  const lines: string[] = [];
  if (signature?.holds === true) {
    const { seq = 0, at = 0, key } = signature;
    const when = timeText(Math.floor(at / 1000), flags.zone) ?? "";
    const rest = seq < records ? `; ${countOf(records - seq, "record")} after that are not` : "";
    lines.push(`  signed up to record ${seq} by the key ${key.slice(0, 16)}, ${when}${rest}`);
  } else if (signature !== undefined) {
    lines.push(`  NOT SIGNED as the key ${signature.key.slice(0, 16)} would have it`);
  }
  if (signed !== undefined) {
    const file = relative(io.cwd, signed.file);
    lines.push(
      `  a signature was made with the key ${signed.key.slice(0, 16)}: ${cleanText(file.startsWith("..") ? signed.file : file)}`,
      `  whoever has the public half checks it: ${commandLine(io, flags, ["audit", "verify", run, "--public-key", "FILE"])}`,
    );
  } else if (flags.sign !== undefined) {
    const why = ok
      ? "there is no record that could be vouched for"
      : "a record that does not hold is not to be vouched for";
    lines.push(`  nothing was signed: ${why}`);
  }
  return lines;
}

function conserved(report: AuditReport): string {
  if (report.conserved === undefined) return "whether every listed item is accounted for can not be checked";
  return report.conserved
    ? "every listed item is accounted for exactly once"
    : "NOT every listed item is accounted for";
}

/** Checked before a file is looked for: the library says the same of it. */
function anchorFlagText(text: string): string {
  const { run, ...head } = parseAnchor(text);
  return anchorText(run, head);
}

function namesItself(message: string, seq: number): boolean {
  return message.startsWith(`record ${seq} `);
}
