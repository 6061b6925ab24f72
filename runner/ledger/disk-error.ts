import { dirname } from "node:path";
import { RecordError } from "../core/model/errors.ts";
import { reasonOf } from "../core/model/reason.ts";

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "Free space on that disk.",
  EDQUOT: "Free some of your disk quota.",
  EFBIG: "No file may become larger there: raise the limit (`ulimit -f`), or keep the runs on another disk.",
  EROFS: "That disk is mounted read-only: make it writable, or keep the runs elsewhere.",
  EACCES: "Give this user the right to read and write there, or keep the runs elsewhere.",
  EPERM: "Give this user the right to read and write there, or keep the runs elsewhere.",
  EIO: "The disk reports a fault: check it (`dmesg`), or keep the runs on another one.",
  EMFILE: "Too many files are open: raise the limit (`ulimit -n`).",
  ENFILE: "Too many files are open on this machine: close some programs.",
  ENOENT: "It is gone: put it back from a copy, or begin a new run.",
  ENOTDIR: "Something on that path is a file where a folder belongs: move it away.",
};

/** What makes a file: where that finds nothing, it is the folder that is not there. */
const making: ReadonlySet<string> = new Set(["create", "write"]);

/** What went wrong with a file of a run, why, and what to do. @param doing For example `write` or `sync`. */
export function diskError(doing: string, path: string, cause: unknown): RecordError {
  const isHomeless = making.has(doing) && errnoOf(cause) === "ENOENT";
  const hint = isHomeless ? `There is no folder ${dirname(path)}: make it, or name a file elsewhere.` : diskHint(cause);
  return new RecordError(`Could not ${doing} ${path}: ${reasonOf(cause)}.`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What to do about a disk that refused; undefined: the system says nothing that helps. */
export function diskHint(cause: unknown): string | undefined {
  return hints[errnoOf(cause) ?? ""];
}

/** The system's name of an error, such as `ENOSPC`; undefined for other errors. */
export function errnoOf(cause: unknown): string | undefined {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}
