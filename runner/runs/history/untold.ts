import type { RunSummary } from "../../core/model/told.ts";
import type { RunFolder } from "../folder.ts";
import { begunAt } from "../run-id.ts";

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
