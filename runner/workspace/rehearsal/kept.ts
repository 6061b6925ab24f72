import { readdir } from "node:fs/promises";
import type { Digest, RunId } from "../../core/model/item.ts";
import type { Frozen, LookedUp } from "../../core/model/frozen.ts";
import { RunnerError } from "../../core/model/errors.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Journal, SelectionWriter } from "../../core/model/run-ports.ts";
import { reasonOf } from "../../core/model/reason.ts";
import type { RunState } from "../../core/tally/fold.ts";
import { errnoOf } from "../../ledger/disk-error.ts";
import { openJournal, type LedgerWriter } from "../../ledger/writer.ts";
import { createRunFolder, type RunFolder } from "../../runs/folder.ts";
import { writeLookups } from "../../runs/lookups.ts";
import { createSelection } from "../../runs/selection.ts";
import { askedFor, asksOf } from "../asked.ts";
import { writeSummary } from "../record.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** @throws {RunnerError} `usage`: there is something in the folder; a rehearsal is kept in one of its own. */
export async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errnoOf(cause) === "ENOENT") return [];
    throw new RunnerError("usage", `The rehearsal can not be kept in ${folder}: ${reasonOf(cause)}.`, { cause });
  });
  if (names.length === 0) return;
  throw new RunnerError("usage", `The rehearsal can not be kept in ${folder}: there is something in it.`, {
    hint: "Name a folder that is empty, or not there yet.",
  });
}

export interface KeptParts {
  /** Holds `.rollcall/`, and nothing of the workspace. */
  readonly root: string;
  readonly run: RunId;
  readonly plan: Plan;
  /** Stands where the address of the service would, so that nobody takes the record for that of a run. */
  readonly endpoint: string;
  readonly time: VirtualTime;
}

/** The record of a rehearsed run, in a folder that `show` and `audit` read like any other. */
export class KeptRun implements AsyncDisposable {
  readonly #parts: KeptParts;
  readonly #journal: LedgerWriter;
  readonly folder: RunFolder;

  private constructor(parts: KeptParts, folder: RunFolder, journal: LedgerWriter) {
    this.#parts = parts;
    this.folder = folder;
    this.#journal = journal;
  }

  static async begin(parts: KeptParts): Promise<KeptRun> {
    const { root, run, plan, time } = parts;
    const folder = await createRunFolder(root, run, plan.source);
    return new KeptRun(parts, folder, await openJournal({ path: folder.ledger, run, clock: time }));
  }

  get journal(): Pick<Journal, "note"> {
    return this.#journal;
  }

  keepLookups(lookup: LookedUp): Promise<Digest> {
    return this.#parts.time.outside(writeLookups(this.folder.lookups, lookup));
  }

  /** What goes into `paper` is written down as well. */
  async selection(paper: SelectionWriter, frozen: Frozen, lookups: Digest | undefined): Promise<SelectionWriter> {
    const { time } = this.#parts;
    const files = await time.outside(createSelection(this.folder, this.#headers(frozen, lookups)));
    const both = async (file: Promise<void>, memory: Promise<void>): Promise<void> => {
      await Promise.all([time.outside(file), memory]);
    };
    return {
      add: (item, decision) => both(files.add(item, decision), paper.add(item, decision)),
      select: (change) => both(files.select(change), paper.select(change)),
      discard: () => both(files.discard(), paper.discard()),
      seal: async (counts) => {
        const { inventory, changeSet, changes } = await time.outside(files.seal(counts));
        await time.outside(changes.close());
        return { ...(await paper.seal(counts)), inventory, changeSet };
      },
    };
  }

  /** It came to its end. */
  async end(state: RunState): Promise<void> {
    await this.#journal.sync();
    if (state.end !== undefined) await writeSummary(this.folder, state, this.#journal.head);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal.close();
  }

  #headers(frozen: Frozen, lookups: Digest | undefined) {
    const { plan, run, endpoint } = this.#parts;
    const { method, key, title } = plan.enumerate;
    const { params, fields } = askedFor(plan.enumerate, frozen);
    const { now, login } = frozen;
    const kept = lookups === undefined ? {} : { lookups, asks: asksOf(plan, frozen) };
    return {
      inventory: { now, login, call: method, params, key, title, fields, endpoint, ...kept },
      changeSet: { run, plan: plan.digest, endpoint },
    };
  }
}
