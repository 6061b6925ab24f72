import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { FactOf, LedgerRecord } from "../../core/model/events.ts";
import { digest, type Digest } from "../../core/model/item.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { diskError, errnoOf } from "../../ledger/disk-error.ts";
import { openForReading } from "../../ledger/record-file.ts";
import type { RunFolder } from "../folder.ts";

/** A record of a repair: what it cut off the ledger lies beside it. */
export type Repaired = LedgerRecord & FactOf<"repair">;

/** What is to be said of the tails that repairs have kept: of one that was changed, and of one that is gone. */
export interface KeptTails {
  readonly findings: readonly { readonly seq: number; readonly message: string }[];
  readonly notes: readonly string[];
}

const chunkBytes = 256 * 1024;

/**
 * Holds each tail that was cut off a ledger against what the record of that says. One that is gone is only noted: nothing in it is
 * a record, and people clear it away. Each is read once, 256 KiB in memory at a time.
 */
export async function keptTails(folder: RunFolder, repairs: readonly Repaired[]): Promise<KeptTails> {
  const findings: { readonly seq: number; readonly message: string }[] = [];
  const notes: string[] = [];
  for (const repair of repairs) {
    const fault = await faultOf(folder, repair);
    if (fault === "gone") notes.push(goneText(repair));
    else if (fault !== undefined) findings.push({ seq: repair.seq, message: fault });
  }
  return { findings, notes };
}

async function faultOf(
  { path, ledger }: RunFolder,
  { kept, bytes, digest: expected }: Repaired,
): Promise<string | undefined> {
  // A name alone: what a record names is looked for nowhere else.
  if (basename(kept) !== kept || !kept.startsWith(`${basename(ledger)}.torn-`))
    return `it names ${kept}, and no repair keeps what it cuts off under such a name`;
  try {
    const same = (await contentOf(join(path, kept), bytes)) === expected;
    return same ? undefined : `${kept} is not what was cut off the ledger then: it was changed`;
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error;
    if (errnoOf(error.cause) === "ENOENT") return "gone";
    return `${kept}, which was cut off the ledger then, can not be read: ${reasonOf(error.cause)}`;
  }
}

/** Undefined: it has more bytes than this, or fewer. @throws {RecordError} when it can not be read. */
async function contentOf(path: string, bytes: number): Promise<Digest | undefined> {
  const file = await openForReading(path);
  try {
    if ((await file.stat()).size !== bytes) return undefined;
    const content = createHash("sha256");
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let done = 0; done < bytes;) {
      const { bytesRead } = await file
        .read(chunk, 0, Math.min(chunkBytes, bytes - done), done)
        .catch((cause: unknown) => {
          throw diskError("read", path, cause);
        });
      if (bytesRead === 0) return undefined;
      content.update(chunk.subarray(0, bytesRead));
      done += bytesRead;
    }
    return digest(content.digest("hex"));
  } finally {
    await file.close();
  }
}

function goneText({ kept, bytes, afterSeq }: Repaired): string {
  return `${kept} is not here any more: the ${bytes} bytes that were cut off behind record ${afterSeq}, none of them a record`;
}
