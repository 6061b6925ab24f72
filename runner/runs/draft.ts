import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { privateFile, syncFolder, temporaryName } from "../ledger/atomic.ts";
import { diskError } from "../ledger/disk-error.ts";

const bufferedCharacters = 64 * 1024;

/** A file of lines that is written under a temporary name until it is kept. @throws {RecordError} */
export async function createDraft(path: string): Promise<Draft> {
  const temporary = temporaryName(path);
  try {
    return new Draft(path, temporary, await open(temporary, "wx", privateFile));
  } catch (cause) {
    throw diskError("create", path, cause);
  }
}

/** Lines, streamed: 64 KiB wait in memory. A failure leaves nothing behind; nor does `discard`, when it is not wanted any more. */
export class Draft {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  #text = "";

  constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** @param line Without its line end. @throws {RecordError} */
  async add(line: string): Promise<void> {
    await this.addText(`${line}\n`);
  }

  /** A piece of a line, or of several. @throws {RecordError} */
  async addText(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= bufferedCharacters) await this.#flush();
  }

  /** Give the file its name, in place of one that has it; on disk when it resolves. @throws {RecordError} */
  async keep(): Promise<void> {
    await this.#flush();
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      await this.discard();
      throw diskError("write", this.#path, cause);
    }
  }

  /** Leaves nothing behind. Does nothing once kept. */
  async discard(): Promise<void> {
    this.#text = "";
    await this.#file.close();
    await rm(this.#temporary, { force: true });
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    try {
      await this.#file.writeFile(text);
    } catch (cause) {
      await this.discard();
      throw diskError("write", this.#path, cause);
    }
  }
}
