import { exitCodes } from "../../../core/model/errors.ts";
import { formatVersion } from "../../../core/model/events.ts";
import type { PackCheckReport, PackReport } from "../../../core/model/evidence.ts";
import { countOf } from "../../../reporters/amount.ts";
import { cleanJson, cleanText } from "../../../reporters/clean.ts";
import type { Screen } from "../../../reporters/screen.ts";
import { openDesk } from "../../desk.ts";
import type { Io } from "../../io.ts";
import { passphraseFlags, passphraseOf, type PassphraseFlags } from "../../key-flags.ts";
import { files } from "../../proposals.ts";
import { commandLine, defineCommand, fileFlag, runWord, workspaceFlags, type WorkspaceFlags } from "../../options.ts";

export type PackFlags = WorkspaceFlags &
  PassphraseFlags & { readonly customer: string; readonly out: string; readonly sign?: string };

export const packCommand = defineCommand<PackFlags, [string]>({
  sentence: "Write what a run did to one customer's items, to be checked without the run, and nothing of others",
  parameters: {
    flags: {
      ...workspaceFlags,
      customer: {
        kind: "parsed",
        parse: String,
        placeholder: "ID|NAME",
        brief: "The customer, where the list had partner_id, customer_name or partner_name",
      },
      out: { ...fileFlag("Write this new file"), optional: false },
      sign: fileFlag("Sign its root with this private key (Ed25519, PEM)"),
      ...passphraseFlags,
    },
    positional: { kind: "tuple", parameters: [runWord] },
  },
  run: pack,
});

export type VerifyPackFlags = WorkspaceFlags & { readonly root?: string; readonly publicKey?: string };

export const verifyPackCommand = defineCommand<VerifyPackFlags, [string]>({
  sentence: "Check an evidence pack by itself: every leaf, every fact, and whose root it leads to",
  parameters: {
    flags: {
      ...workspaceFlags,
      root: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "HASH",
        brief: "The root of the run, as audit verify printed it for somebody whom you believe",
      },
      publicKey: fileFlag("Check the signature over the root with this key, which came from whoever signed"),
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Path of the pack", parse: String, proposeCompletions: files, placeholder: "FILE" }],
    },
  },
  run: verifyPack,
});

/** Exit 0: it was written; 9: the record does not hold. */
async function pack(io: Io, flags: PackFlags, run: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { workspace, screen } = desk;
  const { customer, out, sign } = flags;
  const report = await workspace.auditPack(run, {
    ...{ customer, out },
    ...(sign !== undefined && { sign: { key: sign, passphrase: () => passphraseOf(io, sign, flags) } }),
  });
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "pack", ...report }));
  else {
    screen.result(
      [
        `Written: ${cleanText(out)}`,
        ...aboutLines(report),
        `Whoever gets it checks it: ${commandLine(io, flags, ["audit", "verify-pack", out, "--root", report.root])}`,
      ].join("\n"),
    );
  }
  return 0;
}

/** Exit 0: it hangs together, and fits what was given; 9: it does not. */
async function verifyPack(io: Io, { root, publicKey, ...flags }: VerifyPackFlags, file: string): Promise<number> {
  await using desk = await openDesk(io, flags);
  const { workspace, screen } = desk;
  const report = await workspace.verifyPack(file, {
    ...(root !== undefined && { root }),
    ...(publicKey !== undefined && { publicKey }),
  });
  screen.result(flags.json ? cleanJson({ v: formatVersion, ...report }) : checkText(report, screen));
  return report.ok ? 0 : exitCodes.audit;
}

function checkText(report: PackCheckReport, { paint }: Screen): string {
  const { ok, rootFits, signed, findings } = report;
  const isHeld = rootFits !== undefined || signed !== undefined;
  const verdict = !ok
    ? paint.bad("THE PACK DOES NOT HOLD")
    : isHeld
      ? paint.good("the pack holds")
      : paint.doubt("the pack hangs together, and nothing was given to hold it against");
  return [
    verdict,
    ...findings.map((finding) => `  ${cleanText(finding)}`),
    ...aboutLines(report),
    ...(rootFits === true ? ["  its root is the one that was given"] : []),
    ...(signed === true ? ["  its root is signed by the key that was given"] : []),
    ...(isHeld ? [] : ["  give --root, or --public-key: both from somebody else than whoever gave you the pack"]),
  ].join("\n");
}

function aboutLines({ customer, items, states, run, anchor, root }: PackReport): readonly string[] {
  const found = Object.entries(states).map(([state, number]) => `${cleanText(state)} ${number}`);
  return [
    `  customer ${cleanText(customer)}, all ${countOf(items, "item")} of it in the list: ${found.join(", ")}`,
    `  run ${run}`,
    `  anchor ${anchor}`,
    `  root ${root}`,
  ];
}
