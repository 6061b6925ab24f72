import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onFreePorts, removeFolder, runOnce, startDaemon } from "./daemon.ts";
import { post } from "./post.ts";
import { areInstalled, newSecret, numbered, type Program, type RunningServer } from "./program.ts";

export interface Tryton extends RunningServer {
  /** Every session of the user ends, as when somebody sets the password anew. */
  endSessions(): Promise<void>;
}

/**
 * A database with parties `P-0000` and on; every third has the language German, the others have none.
 *
 * - The body needs exactly `method`, `params` and `id`: with `jsonrpc` too, the answer is the bare result.
 * - The header is `Authorization: Session base64(user:id:session)`. Without it, and when the session is over: HTTP 401 with
 *   an empty body. Wrong password: 401 with HTML, each one slower than the last, and 429 after five.
 * - A method that may not be called: 403, HTML. A body that is not understood: 500, HTML.
 * - Errors are lists: [kind, [message, …]], or [message, traceback]; the HTTP status is 200.
 * - The last parameter of a method of a model is a context, {} at least. A page behind the end is empty.
 * - A change of an id that does not exist is an error, and then nothing of that call is done. A change of no ids is done.
 * - Success with another effect: `active: "no"` is stored as true, a name 7 as "7", a language that does not exist as it is.
 * - Decimals and times are objects: { __class__: Decimal, decimal: "1.20" }.
 */
export const tryton: Program<Tryton> = {
  name: "tryton",
  packages: ["tryton-server", "tryton-modules-party"],
  isAvailable: areInstalled("trytond", "trytond-admin"),
  start: (items) => onFreePorts(1, ([port = 0], folder) => start({ port, folder, items }), quickFolder()),
};

/** Making the database syncs hundreds of times, which takes half of the time on a disk. */
const quickFolder = (): string => (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

async function start({ port, folder, items }: { port: number; folder: string; items: number }) {
  const secret = newSecret();
  const url = `http://127.0.0.1:${port}/test/`;
  const config = join(folder, "trytond.conf");
  const passwordFile = join(folder, "password");
  writeFileSync(config, `[database]\nuri = sqlite://\npath = ${folder}\n[web]\nlisten = 127.0.0.1:${port}\n`);
  writeFileSync(passwordFile, secret, { mode: 0o600 });
  // SQLite databases are not made, only filled.
  writeFileSync(join(folder, "test.sqlite"), "");
  const admin = ["trytond-admin", "--config", config, "--database", "test", "--email", "nobody@example.com"];
  await runOnce([...admin, "--update", "party", "--activate-dependencies"], { TRYTONPASSFILE: passwordFile });

  const ask = async (method: string, params: unknown, headers = {}): Promise<unknown> => {
    const { text, json } = await post(url, { id: 1, method, params }, headers);
    if (json === undefined || json.error !== undefined) throw new Error(text);
    return json.result;
  };
  const logIn = async () => {
    const session = await ask("common.db.login", ["admin", { password: secret }, "en"]);
    return { authorization: `Session ${base64(["admin", ...(session as readonly unknown[])].join(":"))}` };
  };
  let headers = {};
  const daemon = await startDaemon(["trytond", "--config", config, "--database", "test"], {
    folder,
    answers: async () => {
      headers = await logIn();
      return true;
    },
  });
  const call = (method: string, params: unknown): Promise<unknown> => ask(method, params, headers);

  const [german] = (await call("model.ir.lang.search", [[["code", "=", "de"]], 0, 1, null, {}])) as readonly number[];
  const parties = Array.from({ length: items }, (_, number) => ({
    code: numbered("P", number),
    name: numbered("Party", number),
    lang: number % 3 === 0 ? german : null,
  }));
  await call("model.party.party.create", [parties, {}]);
  return {
    url,
    env: { TRYTON_PASSWORD: secret },
    call,
    endSessions: async () => {
      await call("model.res.user.write", [[1], { password: secret }, {}]);
      headers = await logIn();
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      removeFolder(folder);
    },
  };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
