import { RunnerError } from "../../core/model/errors.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { textOfFile } from "../../ledger/record-file.ts";

/** The text of a file that somebody was handed. @param by The command that writes such files. @throws {RunnerError} `usage` */
export async function textOf(path: string, by: string): Promise<string> {
  try {
    return await textOfFile(path);
  } catch (cause) {
    throw new RunnerError("usage", `${path} can not be read: ${reasonOf(cause)}.`, {
      cause,
      hint: `Give the file that \`${by}\` wrote.`,
    });
  }
}
