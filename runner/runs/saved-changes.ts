import { GuardError, RunnerError } from "../core/model/errors.ts";
import { formatVersion } from "../core/model/events.ts";
import type { Digest } from "../core/model/item.ts";
import type { SavedHeader } from "../core/model/saved.ts";
import { diskError, errnoOf } from "../ledger/disk-error.ts";
import { linesOf, type Line } from "../ledger/lines.ts";
import { openForReading } from "../ledger/record-file.ts";
import { withEnd } from "../ledger/with-end.ts";
import { openChangeSet } from "./change-set.ts";
import { createDraft, type Draft } from "./draft.ts";
import type { RunFolder } from "./folder.ts";
import { savedHeaderOf } from "./saved-header.ts";
import { createSealedFile, damaged, headerOf, membersOf, sealedLines } from "./sealed-file.ts";

// What a preview found, in one file that can be reviewed, carried to another machine and applied there: a header, the lines
// of what its lookups gave, of its inventory and of its change set as they stand, and a digest over all of it.

const type = "saved-change-set";
const beginning = Buffer.from(`{"type":"${type}",`);
/** What a line begins with that is one of a file of the run. */
const begins = {
  lookups: Buffer.from('{"lookup":'),
  inventory: Buffer.from('{"inventory":'),
  changeSet: Buffer.from('{"change":'),
} as const;
type Part = keyof typeof begins;
const partNames: readonly Part[] = ["lookups", "inventory", "changeSet"];

/** Whether a file is meant to be one: looks at its first bytes only. @throws {RecordError} when it can not be read. */
export async function isSavedChangeSet(path: string): Promise<boolean> {
  const file = await openForReading(path);
  try {
    const bytes = Buffer.alloc(beginning.length);
    await file.read(bytes, 0, bytes.length, 0).catch((cause: unknown) => {
      // A folder opens, but can not be read; it is no saved change set.
      if (errnoOf(cause) !== "EISDIR") throw diskError("read", path, cause);
    });
    return bytes.equals(beginning);
  } finally {
    await file.close();
  }
}

/** Save the changes of a run that has previewed them. @returns The digest of the file. @throws {RecordError} */
export async function saveChangeSet(path: string, header: SavedHeader, folder: RunFolder): Promise<Digest> {
  const writer = await createSealedFile(path, type, header);
  try {
    for (const part of partsOf(header)) {
      for await (const { bytes } of linesOf(folder[part])) {
        await writer.addText(`${begins[part].toString()}${bytes.toString()}}`);
      }
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return await writer.seal({});
}

/** What a saved change set says, every byte of it checked. @throws {GuardError} `tampered` */
export async function readSavedChangeSet(
  path: string,
): Promise<{ readonly header: SavedHeader; readonly digest: Digest }> {
  return await untampered(path, async () => {
    let header: SavedHeader | undefined;
    const lines = withEnd(sealedLines(path));
    for await (const { bytes } of lines.values) header ??= savedHeader(bytes, path);
    const { digest } = lines.end();
    if (header === undefined) throw new GuardError("tampered", `${path} is empty.`);
    return { header, digest };
  });
}

/**
 * Put what lookups gave, inventory and change set of a saved file into the folder of the run that applies them.
 * @param expected The digest that was read before: the file must not have changed since.
 * @throws {GuardError} `tampered`
 */
export async function unpackChangeSet(path: string, expected: Digest, folder: RunFolder): Promise<void> {
  await untampered(path, async () => {
    const drafts = new Map<Part, Draft>();
    try {
      let header: SavedHeader | undefined;
      for await (const line of sealedLines(path, expected)) {
        if (header === undefined) {
          header = savedHeader(line.bytes, path);
          for (const part of partsOf(header)) drafts.set(part, await createDraft(folder[part]));
        } else await copy(line, drafts, path);
      }
      for (const draft of drafts.values()) await draft.keep();
      await checkParts(header, folder);
    } finally {
      for (const draft of drafts.values()) await draft.discard();
    }
  });
}

/** The files of the run that a saved one is made of, in their order there. */
function partsOf({ enumerated }: SavedHeader): readonly Part[] {
  return partNames.filter((part) => part !== "lookups" || enumerated.lookups !== undefined);
}

function savedHeader(bytes: Buffer, path: string): SavedHeader {
  const { format } = membersOf(bytes, path);
  if (typeof format === "number" && format > formatVersion) {
    throw new GuardError("stale", `${path} was saved by a newer Rollcall (format ${format}).`, {
      hint: "Apply it with that version, or preview again with this one.",
    });
  }
  return savedHeaderOf(headerOf(bytes, path, type), path);
}

async function copy({ bytes }: Line, drafts: ReadonlyMap<Part, Draft>, path: string): Promise<void> {
  const part = partNames.find((one) => bytes.subarray(0, begins[one].length).equals(begins[one]));
  const draft = part && drafts.get(part);
  if (part === undefined || draft === undefined) throw damaged(path, "it has a line that is none of its own");
  await draft.add(bytes.toString("utf8", begins[part].length, bytes.length - 1));
}

/** The parts carry digests of their own: those that the header names. */
async function checkParts(header: SavedHeader | undefined, folder: RunFolder): Promise<void> {
  const { enumerated, selected } = header ?? {};
  const sealed = [{ path: folder.inventory, digest: enumerated?.inventory }];
  if (enumerated?.lookups !== undefined) sealed.push({ path: folder.lookups, digest: enumerated.lookups.digest });
  for (const { path, digest } of sealed) {
    const lines = sealedLines(path, digest);
    let step = await lines.next();
    while (step.done !== true) step = await lines.next();
  }
  const changes = await openChangeSet(folder.changeSet, selected?.changeSet);
  await changes.close();
}

async function untampered<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof RunnerError) || cause.code !== "audit") throw cause;
    throw new GuardError("tampered", cause.message, {
      cause,
      hint: `Nothing was sent. Preview the plan again with --out ${path}, review that, and apply it.`,
    });
  }
}
