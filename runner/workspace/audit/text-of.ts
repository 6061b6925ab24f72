import { RunnerError } from "../../core/model/errors.ts";
import { reasonOf } from "../../core/model/reason.ts";
import { readSmallFile } from "../../runs/small-file.ts";

/**
 * The text of a file that somebody was handed. What is no file, or larger than any such file, is not read.
 * @param by The command that writes such files. @throws {RunnerError} `usage`
 */
export async function textOf(
  path: string,
  { by, maxBytes }: { readonly by: string; readonly maxBytes: number },
): Promise<string> {
  const hint = `Give the file that \`${by}\` wrote.`;
  const { stat, bytes } = await readSmallFile(path, { maxBytes }).catch((cause: unknown) => {
    throw new RunnerError("usage", `${path} can not be read: ${reasonOf(cause)}.`, { cause, hint });
  });
  if (!stat.isFile()) throw new RunnerError("usage", `${path} is not a file.`, { hint });
  if (bytes === undefined)
    throw new RunnerError("usage", `${path} has ${stat.size} bytes, and \`${by}\` writes at most ${maxBytes}.`, {
      hint,
    });
  return bytes.toString("utf8");
}
