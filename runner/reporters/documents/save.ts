import { existsSync } from "node:fs";
import { RunnerError } from "../../core/model/errors.ts";
import { createDraft } from "../../runs/draft.ts";

/**
 * Put a report into a file, whole or not at all.
 * @param replaces Whether a file that is there may go.
 * @throws {RunnerError} `usage`: there is one. @throws {RecordError}
 */
export async function saveReport(path: string, pieces: AsyncIterable<string>, replaces: boolean): Promise<void> {
  if (!replaces && existsSync(path)) {
    throw new RunnerError("usage", `There is already a file ${path}.`, {
      hint: "It is left as it is. Name another one, or add --force to replace it.",
    });
  }
  const draft = await createDraft(path);
  try {
    for await (const piece of pieces) await draft.addText(piece);
  } catch (error) {
    await draft.discard();
    throw error;
  }
  await draft.keep();
}
