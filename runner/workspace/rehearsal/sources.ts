import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import type { Item } from "../../core/model/item.ts";
import type { Frozen, LookedUp } from "../../core/model/frozen.ts";
import type { RehearsedList } from "../../core/model/rehearsed.ts";
import type { Service } from "../../core/model/service.ts";
import { findRun } from "../../runs/folder.ts";
import type { LoadedPlan } from "../../workspace.ts";
import type { RehearseOptions } from "../options.ts";
import type { Inside } from "../inside.ts";
import { lineTo } from "../line.ts";
import { beginRun } from "../new-run.ts";
import { earlierList } from "../offline.ts";

/** The list of a rehearsal, all of it, and what was looked up with it. */
export interface Source {
  readonly told: RehearsedList;
  readonly items: readonly Item[];
  readonly frozen: Pick<Frozen, "now" | "login">;
  readonly lookup: LookedUp;
}

interface Wanted {
  readonly loaded: LoadedPlan;
  readonly service: Service;
  readonly options: RehearseOptions;
}

/**
 * The list of an inventory or of an earlier run; where neither is named, the service is asked for it once.
 * @throws {RunnerError} `usage`: it is not the list that the plan asks for. @throws {ConnectError}
 */
export async function sourceFor(inside: Inside, wanted: Wanted): Promise<Source> {
  const { from, run } = wanted.options;
  if (from !== undefined && run !== undefined)
    throw new RunnerError("usage", "The list of a rehearsal comes from an inventory or from a run, not from both.", {
      hint: "Leave out --from, or --run.",
    });
  if (from !== undefined) return sourceIn(from, wanted, (known) => ({ from: "file", file: from, ...known }));
  if (run === undefined) return fromService(inside, wanted);
  const folder = await findRun(inside.root, run);
  return sourceIn(folder.inventory, wanted, (known) => ({ from: "run", run: folder.run, ...known }));
}

async function sourceIn(
  path: string,
  { loaded: { plan }, service }: Wanted,
  tell: (known: Pick<RehearsedList, "rows" | "read">) => RehearsedList,
): Promise<Source> {
  const list = await earlierList(path, { plan, service, save: false });
  const { frozen, lookup } = list;
  const all: Item[] = [];
  for await (const item of list.items()) all.push(item);
  return { told: tell({ rows: all.length, read: frozen.now }), items: all, frozen, lookup };
}

/** As a preview reads it, in a folder of its own: the workspace knows nothing of it. */
async function fromService(inside: Inside, wanted: Wanted): Promise<Source> {
  const { keep } = wanted.options;
  const root = keep ?? (await mkdtemp(join(tmpdir(), "rollcall-rehearsal-")));
  try {
    const inventory = await readOnce({ ...inside, root, history: inside.root }, wanted);
    return await sourceIn(inventory, wanted, (known) => ({ from: "service", ...known }));
  } finally {
    if (keep === undefined) await rm(root, { recursive: true, force: true });
  }
}

async function readOnce(inside: Inside, { loaded, service, options }: Wanted): Promise<string> {
  const line = await lineTo(inside, service, { loaded, options });
  let folder: string | undefined;
  for await (const event of beginRun(inside, { verb: "preview", loaded, service, line, options }))
    if (event.type === "run") folder = event.folder;
  if (folder === undefined) throw new Error("a preview tells its folder first");
  return join(folder, "inventory.ndjson");
}
