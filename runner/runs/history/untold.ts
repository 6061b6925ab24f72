import type { RunSummary } from "../../core/model/told.ts";
import type { RunId } from "../../core/model/item.ts";
import type { Missing } from "../between.ts";
import { runFolder, type RunFolder } from "../folder.ts";
import { begunAt } from "../run-id.ts";

/** One that is missing between others, by the run that names it. @param root Holds `.rollcall/`. */
export function missingSummary(
  root: string,
  { named, by }: Pick<Missing, "named"> & { readonly by: RunId },
): RunSummary {
  return untoldSummary(runFolder(root, named.run), "missing", `run ${by}, which was begun after it, names it`);
}

/** A run that a list has to name, though its record tells nothing: its file can not be read, or its folder is missing. */
export function untoldSummary(
  { run, path }: Pick<RunFolder, "run" | "path">,
  status: "unreadable" | "missing",
  damage: string,
): RunSummary {
  return {
    ...{ run, folder: path, plan: "", service: "", endpoint: "", by: { name: "", host: "" } },
    ...{ started: begunAt(run), ended: undefined, status, damage },
    ...{ counts: undefined, open: 0, notStarted: {}, exit: undefined, anchor: "" },
  };
}
