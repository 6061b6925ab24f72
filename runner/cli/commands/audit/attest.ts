import { exitCodes } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { AttestationReport } from "../../../core/model/evidence.ts";
import { timeText } from "../../../core/model/values.ts";
import { cleanJson, cleanText } from "../../../reporters/clean.ts";
import type { Screen } from "../../../reporters/screen.ts";
import { openDesk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import { keyFlag, passphraseFlags, passphraseOf, type PassphraseFlags } from "../../key-flags.ts";
import { files } from "../../proposals.ts";
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

export type AttestFlags = WorkspaceFlags &
  ZoneFlags &
  PassphraseFlags & { readonly key: string; readonly out?: string };

export const attestCommand = defineCommand<AttestFlags, [string]>({
  sentence: "Sign a statement of what a run came to, in the format of in-toto",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      key: keyFlag("Your private key (Ed25519, PEM)"),
      ...passphraseFlags,
      out: fileFlag("Write the statement here; else RUN.intoto.json in this folder"),
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: attest,
});

export type VerifyAttestationFlags = WorkspaceFlags & ZoneFlags & { readonly publicKey: string };

export const verifyAttestationCommand = defineCommand<VerifyAttestationFlags, [string, string?]>({
  sentence: "Check a statement with the key of who signed it, and against its run if that is named",
  parameters: {
    flags: {
      ...workspaceFlags,
      ...zoneFlags,
      publicKey: keyFlag("The public key, which came from whoever signed"),
    },
    positional: {
      kind: "tuple",
      parameters: [
        { brief: "Path of the statement", parse: String, proposeCompletions: files, placeholder: "FILE" },
        { ...runWord, optional: true },
      ],
    },
  },
  run: verifyAttestation,
});

/** Exit 0: it was written; 9: the record does not hold. A run that failed can be stated like any other. */
async function attest(io: Io, flags: AttestFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { workspace, screen } = desk;
  const out = flags.out ?? `${(await workspace.show(run, { limit: 0 })).summary.run}.intoto.json`;
  const report = await workspace.attest(run, {
    key: flags.key,
    out,
    passphrase: () => passphraseOf(io, flags.key, flags),
  });
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "attestation", ...report }));
  else {
    screen.result(
      [
        `Signed: ${cleanText(out)}`,
        `  run ${report.run}: ${report.verdict}`,
        `  key ${report.key}`,
        `Check it: ${commandLine(io, flags, ["audit", "verify-attestation", out, "--public-key", "FILE", report.run])}`,
      ].join("\n"),
    );
  }
  return 0;
}

/** Exit 0, or 9: it is not signed by that key, or does not follow from the run. */
async function verifyAttestation(io: Io, flags: VerifyAttestationFlags, file: string, run?: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { workspace, screen } = desk;
  const report = await workspace.verifyAttestation(file, {
    publicKey: flags.publicKey,
    ...(run !== undefined && { run }),
  });
  screen.result(flags.json ? cleanJson({ v: formatVersion, ...report }) : reportText(report, flags, screen));
  return report.ok ? 0 : exitCodes.audit;
}

function reportText(report: AttestationReport, { zone }: ZoneFlags, { paint }: Screen): string {
  const { ok, run, anchor, verdict, at, key, compared, findings } = report;
  const when = timeText(Math.floor(at / 1000), zone) ?? "";
  if (!ok)
    return [paint.bad("THE STATEMENT DOES NOT HOLD"), ...findings.map((finding) => `  ${cleanText(finding)}`)].join(
      "\n",
    );
  return [
    paint.good(`signed by the key ${key.slice(0, 16)}, ${when}`),
    `  run ${run}: ${cleanText(verdict)}`,
    compared
      ? "  it follows from the files of the run, which hold"
      : "  what it says was not held against the run: name the run where its folder is",
    paint.quiet(`Anchor ${anchor}`),
  ].join("\n");
}
