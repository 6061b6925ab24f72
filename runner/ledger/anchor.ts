import { RunnerError } from "../core/model/errors.ts";
import { digest, runId, type RunId } from "../core/model/item.ts";
import type { Head } from "./chain.ts";

/** Names a record and, through the chain, all before it: `run:seq:hash`. Kept elsewhere, it shows every later change to them. */
export interface Anchor extends Head {
  readonly run: RunId;
}

/** @throws {RunnerError} `usage` when it is not an anchor. */
export function parseAnchor(text: string): Anchor {
  const parts = /^([0-9A-Za-z-]+):([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text.trim());
  if (parts === null) {
    throw new RunnerError("usage", `"${text}" is not an anchor, which is run:seq:hash.`, {
      hint: "Give it whole, as the end of a run prints it: its hash is 64 characters.",
    });
  }
  const [, run = "", seq, hash = ""] = parts;
  return { run: runId(run), seq: Number(seq), hash: digest(hash) };
}

export function anchorText(run: RunId, { seq, hash }: Head): string {
  return `${run}:${seq}:${hash}`;
}
