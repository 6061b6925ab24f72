import { basename } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import { jsonIn } from "../core/model/json-in.ts";
import { isObject } from "../core/model/object.ts";
import { reasonOf } from "../core/model/reason.ts";
import { parseAnchor } from "../ledger/anchor.ts";
import type { NamedHead } from "../ledger/named-heads.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import type { RunFolder } from "./folder.ts";
import { signaturesOf } from "./signature-files.ts";
import { readSmallFile } from "./small-file.ts";

// What lies beside a ledger and says that there was more in it. Who can edit the ledger can take these away as well: they show what
// was forgotten, and that the disk lost what it had.

/** Records that other files of a run name. `notes`: what names none and should. */
export interface NamedBeside {
  readonly heads: readonly NamedHead[];
  readonly notes: readonly string[];
}

const maxSummaryBytes = 1024 * 1024;

/** The head that the run had when it ended: its summary is written once that is on disk. */
export async function namedBySummary({ summary }: RunFolder): Promise<NamedBeside & { readonly isThere: boolean }> {
  const name = basename(summary);
  const none = (why: string) => ({ isThere: true, heads: [], notes: [`${name} ${why}: it names no record`] });
  try {
    const { bytes } = await readSmallFile(summary, { maxBytes: maxSummaryBytes });
    if (bytes === undefined) return none("is no summary");
    const found = jsonIn(bytes.toString("utf8"));
    if (!isObject(found) || typeof found.anchor !== "string") return none("is not as the run wrote it");
    return { isThere: true, heads: [{ ...parseAnchor(found.anchor), by: name }], notes: [] };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { isThere: false, heads: [], notes: [] };
    if (error instanceof RunnerError) return none("is not as the run wrote it");
    if (errnoOf(error) === undefined) throw error;
    return none(`can not be read (${reasonOf(error)})`);
  }
}

/** Heads that were signed, whoever has signed them: without a key nobody knows whether they are right, but nobody signs nothing. */
export async function namedBySignatures(folder: RunFolder): Promise<readonly NamedHead[]> {
  const heads: NamedHead[] = [];
  for (const found of await signaturesOf(folder))
    if ("signature" in found) heads.push({ ...found.signature, by: `signatures/${basename(found.file)}` });
  return heads;
}
