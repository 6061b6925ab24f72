import { RunnerError } from "../../core/model/errors.ts";
import { writeFileOnce } from "../../ledger/atomic.ts";

/** Put evidence into a file of its own. @throws {RunnerError} `usage`: there is one of that name. @throws {RecordError} */
export async function writeNew(path: string, text: string): Promise<void> {
  if (!(await writeFileOnce(path, text))) throw thereAlready(path);
}

export function thereAlready(path: string): RunnerError {
  return new RunnerError("usage", `${path} is there already.`, {
    hint: "Nothing was written. Give --out another name, or remove that file first.",
  });
}
