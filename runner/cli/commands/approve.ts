import { relative } from "node:path";
import { GuardError, RunnerError } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import { timeText } from "../../core/model/values.ts";
import { countOf } from "../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../reporters/clean.ts";
import { previewText } from "../../reporters/live/preview.ts";
import type { ApprovalQuestion } from "../../workspace/options.ts";
import type { ApprovalGiven } from "../../workspace/reports.ts";
import { openDesk, type Desk } from "../desk.ts";
import { isInteractive, type Io } from "../io.ts";
import { keyFlag, passphraseFlags, passphraseOf, type PassphraseFlags } from "../key-flags.ts";
import {
  changeSetWord,
  commandLine,
  defineCommand,
  digestFlag,
  fileFlag,
  wholeNumber,
  workspaceFlags,
  zoneFlags,
  type WorkspaceFlags,
  type ZoneFlags,
} from "../options.ts";
import { Questions } from "../questions.ts";

export type ApproveFlags = WorkspaceFlags &
  ZoneFlags &
  PassphraseFlags & {
    readonly key: string;
    readonly out?: string;
    readonly digest?: string;
    readonly yes: boolean;
    readonly rows: number;
  };

export const command = defineCommand<ApproveFlags, [string]>({
  sentence: "Show a saved change set, and sign it with your key so that it may be applied",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      key: keyFlag("Your private key (Ed25519, PEM)"),
      ...passphraseFlags,
      out: fileFlag("Write the approval here; else beside the change set"),
      digest: digestFlag("Approve"),
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask; needs --digest" },
      rows: {
        kind: "parsed",
        parse: wholeNumber(0, 50),
        default: "20",
        placeholder: "N",
        brief: "Show at most N changes",
      },
    },
    aliases: { y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [changeSetWord],
    },
  },
  run: approve,
});

/** Show what is approved, ask, and sign it. Exit 0: the approval is written; 5: not agreed to, or it could not be applied. */
export async function approve(io: Io, flags: ApproveFlags, file: string): Promise<number> {
  if (flags.yes && flags.digest === undefined) {
    throw new RunnerError("usage", "--yes alone does not say what is approved.", {
      hint: "Add --digest HEX, the digest of the change set that you have looked at.",
    });
  }
  await using desk = await openDesk(io, flags);
  const given = await desk.workspace.approve(file, {
    key: flags.key,
    passphrase: () => passphraseOf(io, flags.key, flags),
    ...(flags.out !== undefined && { out: flags.out }),
    consent: (question) => agreed(desk, flags, { question, file }),
  });
  tell(desk, flags, { given, file });
  return 0;
}

interface Asked {
  readonly question: ApprovalQuestion;
  readonly file: string;
}

async function agreed({ io, screen }: Desk, flags: ApproveFlags, { question, file }: Asked): Promise<boolean> {
  const { digest, key } = question;
  if (flags.digest !== undefined && flags.digest !== digest) {
    throw new GuardError("tampered", `${file} has the digest ${digest}, not the one that was given.`, {
      hint: "Nothing was signed. It is not the file that was reviewed: get that one, or review this one.",
    });
  }
  if (!flags.json) screen.result(questionText(question, flags, { screen, io, file }));
  if (key.name === undefined) {
    screen.note(
      screen.paint.doubt(
        "The config here names no such key under approval.keys: the approval counts only where one does.",
      ),
    );
  }
  if (flags.yes) return true;
  if (!isInteractive(io) || flags.json) {
    throw new GuardError("consent", "Nobody is at the terminal to agree to the approval.", {
      hint: `Nothing was signed. Look at the changes; if they are right, add --yes --digest ${digest}.`,
    });
  }
  using questions = new Questions(io);
  const answer = await questions.ask(`Approve ${countOf(question.size, "change")}? [y/N] `);
  return /^y(es)?$/i.test(answer ?? "");
}

function questionText(
  { preview, ...question }: ApprovalQuestion,
  flags: ApproveFlags,
  { screen, io, file }: Pick<Desk, "screen" | "io"> & { readonly file: string },
): string {
  const { width, tableWidth, paint } = screen;
  const { rows, zone } = flags;
  const time = (ms: number): string => timeText(Math.floor(ms / 1000), zone) ?? "";
  const { author, key, destructive } = question;
  const what = `${cleanText(question.method)} for ${countOf(question.size, "item")}`;
  const more = `${commandLine(io, flags, ["approve", file, "--key", flags.key, "--rows", "50"])}, or the file itself`;
  return [
    previewText({ preview, more, rows, zone, width, tableWidth, paint }),
    "",
    `plan     ${cleanText(question.plan)} on ${cleanText(question.service)} (${cleanText(question.endpoint)})`,
    destructive ? paint.bad(`change   ${what}, DESTRUCTIVE`) : `change   ${what}`,
    `by       ${cleanText(author.name)} on ${cleanText(author.host)}, from a list read ${time(question.created)}`,
    `until    ${time(question.expires)}`,
    `digest   ${question.digest}`,
    `key      ${key.name === undefined ? "" : `${key.name}, `}${key.fingerprint}`,
    "",
  ].join("\n");
}

function tell(
  { io, screen }: Desk,
  flags: ApproveFlags,
  { given, file }: { given: ApprovalGiven; file: string },
): void {
  if (flags.json) {
    screen.result(cleanJson({ v: formatVersion, type: "approval", ...given }));
    return;
  }
  const path = relative(io.cwd, given.file);
  screen.result(
    [
      `Approved: ${cleanText(path.startsWith("..") ? given.file : path)}`,
      `What it has and needs: ${commandLine(io, flags, ["approvals", file])}`,
    ].join("\n"),
  );
}
