import { StringDecoder } from "node:string_decoder";
import { RunnerError } from "../core/model/errors.ts";
import { cleanText } from "../reporters/clean.ts";
import type { Io } from "./io.ts";

/**
 * A secret that a plan needs, from the person at the terminal; nothing of it is shown.
 * @param twice A slip would be sent: it is typed again, until both are the same.
 * @returns Undefined at the end of the input. @throws {RunnerError} `interrupted` by Ctrl-C.
 */
export async function askSecret(
  io: Io,
  about: string,
  { twice }: { readonly twice: boolean },
): Promise<string | undefined> {
  io.stderr.write(`The plan needs a secret, ${cleanText(about)}\n`);
  for (;;) {
    const first = await hiddenLine(io, "Type it (it is not shown): ");
    if (first === undefined || !twice) return first;
    const again = await hiddenLine(io, "And once more: ");
    if (again === undefined || again === first) return again;
    io.stderr.write("These are not the same.\n");
  }
}

/** The passphrase of a key file, likewise. @returns Undefined at the end of the input. @throws {RunnerError} `interrupted` by Ctrl-C. */
export async function askPassphrase(io: Io, file: string): Promise<string | undefined> {
  return await hiddenLine(io, `Passphrase of ${cleanText(file)} (it is not shown): `);
}

/** Without raw mode a terminal would show what is typed. In it, keys come as they are: Ctrl-C too. */
async function hiddenLine({ stdin, stderr }: Io, text: string): Promise<string | undefined> {
  stderr.write(text);
  stdin.setRawMode?.(true);
  try {
    return await new Promise((resolve, reject) => new Typing(stdin, { resolve, reject }));
  } finally {
    stdin.setRawMode?.(false);
    stderr.write("\n");
  }
}

/** Arrow keys and their like, and the marks around what is pasted. */
// eslint-disable-next-line no-control-regex
const sequence = /\u001b(\[[0-9;]*[A-Za-z~]|O[A-Z])/g;

interface Settle {
  readonly resolve: (line: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** One line, key by key. */
class Typing {
  readonly #stdin: Io["stdin"];
  readonly #decoder = new StringDecoder("utf8");
  readonly #settle: Settle;
  #line: string[] = [];

  constructor(stdin: Io["stdin"], settle: Settle) {
    this.#stdin = stdin;
    this.#settle = settle;
    stdin.on("data", this.#hear);
    stdin.once("end", this.#end);
    stdin.resume();
  }

  readonly #hear = (data: Buffer | string): void => {
    const text = typeof data === "string" ? data : this.#decoder.write(data);
    const keys = Array.from(text.replaceAll(sequence, ""));
    for (const [place, key] of keys.entries()) {
      if (key === "\r" || key === "\n") {
        this.#entered(keys.slice(place + 1).join(""));
        return;
      }
      if (key === "\u0003") {
        this.#interrupted();
        return;
      }
      if (key === "\u0004" && this.#line.length === 0) {
        this.#end();
        return;
      }
      this.#type(key);
    }
  };

  /** @param ahead Lines that answer the questions that follow. */
  #entered(ahead: string): void {
    this.#close();
    const rest = ahead.replace(/^\n/, "");
    if (rest !== "") this.#stdin.unshift(Buffer.from(rest));
    this.#settle.resolve(this.#line.join(""));
  }

  #interrupted(): void {
    this.#close();
    this.#settle.reject(new RunnerError("interrupted", "Interrupted before anything was sent."));
  }

  readonly #end = (): void => {
    this.#close();
    this.#settle.resolve(undefined);
  };

  /** Backspace takes one character back, Ctrl-U all of them. */
  #type(key: string): void {
    if (key === "\u007f" || key === "\b") this.#line.pop();
    else if (key === "\u0015") this.#line = [];
    else if (key >= " ") this.#line.push(key);
  }

  /** At once, so that nobody misses what follows. */
  #close(): void {
    this.#stdin.pause();
    this.#stdin.off("data", this.#hear);
    this.#stdin.off("end", this.#end);
  }
}
