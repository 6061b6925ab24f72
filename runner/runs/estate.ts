import { join } from "node:path";
import { RunnerError } from "../core/model/errors.ts";
import { makeFolder, writeFileOnce } from "../ledger/atomic.ts";
import { diskError } from "../ledger/disk-error.ts";
import { textOfFile } from "../ledger/record-file.ts";

/**
 * The id of this `.rollcall/`, made when it is first asked for: tells its runs from those of another folder. Of several
 * processes that ask for the first time at once, all get the same.
 * @param random 0 <= x < 1.
 * @throws {RecordError}
 */
export async function estateOf(root: string, random: () => number): Promise<string> {
  const path = join(root, ".rollcall", "estate");
  await makeFolder(join(root, ".rollcall"));
  const id = Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join("");
  if (await writeFileOnce(path, `${id}\n`)) return id;
  return await readEstate(path);
}

async function readEstate(path: string): Promise<string> {
  let text: string;
  try {
    text = (await textOfFile(path)).trim();
  } catch (cause) {
    throw diskError("read", path, cause);
  }
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  throw new RunnerError("audit", `${path} holds no estate id.`, {
    hint: "Put it back: the `start` record of any run of this folder has it as `estate`.",
  });
}
