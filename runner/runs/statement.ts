import type { LedgerRecord } from "../core/model/events.ts";
import type { Digest } from "../core/model/item.ts";
import type { RunState } from "../core/tally/fold.ts";
import { anchorText } from "../ledger/anchor.ts";
import type { Head } from "../ledger/chain.ts";
import { digestOfFile } from "../ledger/record-file.ts";
import type { RunFolder } from "./folder.ts";

// An in-toto Statement v1 about a run: https://github.com/in-toto/attestation. It follows from the folder of the run and the
// moment it was made at, byte by byte, so that somebody who has the folder can make it again.

export const statementType = "https://in-toto.io/Statement/v1";
export const predicateType = "urn:x-rollcall:attestation:run:v1";
/** Of the DSSE envelope that it travels in. */
export const payloadType = "application/vnd.in-toto+json";

/** A run as its statement is made of it: its record, checked and folded up to `head`. */
export interface Stated {
  readonly folder: RunFolder;
  readonly state: RunState;
  readonly head: Head;
  readonly first: LedgerRecord;
  readonly last: LedgerRecord;
  readonly conserved: boolean | undefined;
  readonly root: Digest | undefined;
  /** Wall ms: when the statement was made. */
  readonly at: number;
}

/** The statement's text. @throws {RecordError} when a file of the run can not be read. */
export async function statementText(stated: Stated): Promise<string> {
  const subject = await subjectsOf(stated);
  return JSON.stringify({ _type: statementType, subject, predicateType, predicate: predicateOf(stated) });
}

/** What a run came to: `passed` exits with 0, and `open` has no end, or answers without one. */
export function verdictOf({ end }: RunState): "passed" | "failed" | "open" {
  if (end === undefined || !end.sealed) return "open";
  return end.exit === 0 ? "passed" : "failed";
}

/** Files by the SHA-256 of their bytes, as `sha256sum` prints it; the head of the record by its own hash. */
async function subjectsOf({ folder, state, head }: Stated): Promise<readonly object[]> {
  const files: readonly (readonly [string, string])[] = [
    ["plan.yaml", folder.plan],
    ...(state.selection === undefined ? [] : [["inventory.ndjson", folder.inventory] as const]),
    ...(state.selected === undefined ? [] : [["changeset.ndjson", folder.changeSet] as const]),
  ];
  const subjects: object[] = [];
  for (const [name, path] of files) subjects.push({ name, digest: { sha256: await digestOfFile(path) } });
  return [...subjects, { name: `ledger.ndjson#${head.seq}`, digest: { sha256: head.hash } }];
}

function predicateOf({ folder, state, head, first, last, conserved, root, at }: Stated): object {
  const { start, end, selection } = state;
  if (start === undefined) throw new Error("a run without its start record has no statement");
  const { plan, service, change, by, tool } = start;
  const { counts, open } = state.counts();
  return {
    run: folder.run,
    anchor: anchorText(folder.run, head),
    ...(root !== undefined && { root }),
    verdict: verdictOf(state),
    ...(end && { exit: end.exit, exits: end.exits, notStarted: end.notStarted }),
    ...(selection && { counts, open, conserved: conserved === true }),
    plan: { name: plan.name, sha256: plan.digest },
    service: { name: service.name, kind: service.kind, endpoint: service.endpoint },
    change: { method: change.method, repeat: change.repeat, destructive: change.destructive },
    by,
    ...(state.approvals.length > 0 && { approvals: state.approvals }),
    tool,
    began: new Date(first.t).toISOString(),
    ended: new Date(last.t).toISOString(),
    attested: new Date(at).toISOString(),
  };
}
