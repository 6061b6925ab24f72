import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { GuardError } from "../core/model/errors.ts";
import type { Note } from "../core/model/events.ts";
import { fingerprintOf } from "../ledger/key-fingerprint.ts";
import { approvalPath, writeApproval } from "../runs/approval-files.ts";
import { signApproval, statementOf } from "../runs/approval.ts";
import { createRunFolder } from "../runs/folder.ts";
import { currentPerson } from "../runs/person.ts";
import { readSigningKey } from "../runs/signing-key.ts";
import type { LoadedChangeSet } from "../workspace.ts";
import type { ApprovalQuestion, ApproveOptions } from "./options.ts";
import type { ApprovalGiven } from "./reports.ts";
import { serviceNamed } from "./connect.ts";
import type { Inside } from "./inside.ts";
import { lookAtChangeSet } from "./read-saved.ts";
import { refuseToApprove } from "./saved-checks.ts";
import { frozenOf, unpacked } from "./unpack.ts";
import { toolVersion } from "./version.ts";

/** Sign a saved change set once somebody has seen what it is: every byte checked, and its plan asked whether it makes these changes. */
export async function approve(inside: Inside, path: string, options: ApproveOptions): Promise<ApprovalGiven> {
  const saved = await lookAtChangeSet(inside, path);
  await refuseToApprove(inside, saved, serviceNamed(inside.services, saved.loaded.plan.service, path));
  const preview = await previewOf(saved);
  const privateKey = await readSigningKey(options.key, options.passphrase);
  const fingerprint = fingerprintOf(privateKey);
  const name = inside.approval?.keys.find((one) => one.fingerprint === fingerprint)?.name;
  const key = { name, fingerprint };
  // Whoever answers anything but a clear yes, in a language without types, has not said yes.
  if (((await options.consent(questionOf(saved, preview, key))) as unknown) !== true) {
    throw new GuardError("consent", "It was not agreed to approve these changes.", { hint: "Nothing was signed." });
  }
  const now = inside.clock.now();
  if (now >= saved.header.expires) {
    throw new GuardError("stale", "The change set has expired while this was being asked.", {
      hint: "Nothing was signed. Preview the plan again.",
    });
  }
  const statement = statementOf(saved, { tool: toolVersion(), by: currentPerson(inside.env), at: now });
  const file = options.out ?? approvalPath(path, name ?? basename(options.key, extname(options.key)));
  await writeApproval(file, signApproval(statement, privateKey), fingerprint);
  return { file, digest: saved.digest, key };
}

/** What the changes are, from the lines of the file themselves. @throws {GuardError} `tampered` */
async function previewOf(saved: LoadedChangeSet): Promise<Extract<Note, { readonly type: "preview" }>> {
  const { header, loaded } = saved;
  const temporary = await mkdtemp(join(tmpdir(), "rollcall-"));
  try {
    const folder = await createRunFolder(temporary, header.start.run, loaded.plan.source);
    const { changes, told } = await unpacked(saved, folder, { frozen: frozenOf(header) });
    await changes.close();
    const preview = told.find((note) => note.type === "preview");
    if (preview === undefined) throw new Error("a change set that was unpacked tells its preview");
    return preview;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function questionOf(
  { digest, header, loaded }: LoadedChangeSet,
  preview: ApprovalQuestion["preview"],
  key: ApprovalQuestion["key"],
): ApprovalQuestion {
  const { start, selected, created, expires } = header;
  const { method, destructive } = loaded.plan.change;
  return {
    ...{ digest, method, destructive, created, expires, preview, key },
    plan: start.plan.name,
    service: start.service.name,
    endpoint: start.service.endpoint,
    size: selected.size,
    author: start.by,
  };
}
