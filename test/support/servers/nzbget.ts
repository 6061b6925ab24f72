import { onFreePorts, removeFolder, startDaemon } from "./daemon.ts";
import { basic, post } from "./post.ts";
import { areInstalled, newSecret, numbered, type Program } from "./program.ts";

/**
 * A queue that is paused; every third entry has the category `keep`, the others have none, and the priority of all is 0.
 *
 * - Answers have `version` "1.1" in place of `jsonrpc`, and either `result` or `error`; the HTTP status is 200.
 * - Wrong password: HTTP 401, no body, and the connection is closed without a word: a client that keeps it finds it dead.
 * - Success without effect: an edit that the server refuses later on (an empty name) is answered with true; only its log
 *   says so. An id that does not exist gives false without an error; together with ids that do exist it gives true.
 * - The new value of an edit is text: a number is "Invalid parameter", code 2; "fast" is taken for the number 0.
 * - Names are normalised: "a/b<c> d" becomes "b_c_ d".
 * - Sizes come in two halves of 32 bits. The list is one answer.
 */
export const nzbget: Program = {
  name: "nzbget",
  packages: ["nzbget"],
  isAvailable: areInstalled("nzbget"),
  start: (items) => onFreePorts(1, ([port = 0], folder) => start({ port, folder, items })),
};

async function start({ port, folder, items }: { port: number; folder: string; items: number }) {
  const secret = newSecret();
  const url = `http://127.0.0.1:${port}/jsonrpc`;
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const headers = { authorization: basic("rollcall", secret) };
    const { text, json } = await post(url, { version: "1.1", id: "other", method, params }, headers);
    if (json?.result === undefined) throw new Error(text);
    return json.result;
  };
  const options = {
    ControlIP: "127.0.0.1",
    ControlPort: port,
    ControlUsername: "rollcall",
    ControlPassword: secret,
    MainDir: folder,
    DestDir: `${folder}/done`,
    QueueDir: `${folder}/queue`,
    NzbDir: `${folder}/nzb`,
    TempDir: `${folder}/tmp`,
    WriteLog: "none",
    OutputMode: "log",
  };
  const daemon = await startDaemon(
    [
      "nzbget",
      "--server",
      "--noconfigfile",
      ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    ],
    { folder, answers: async () => (await call("version", [])) !== undefined },
  );
  // Each takes 100 ms on its own, so they go side by side; which number an entry gets does not matter.
  const append = async (number: number): Promise<void> => {
    const name = numbered("file", number);
    const entry = Buffer.from(nzb(name)).toString("base64");
    // Its last parameters: at the end of the queue, paused, and never taken for a duplicate of another.
    await call("append", [`${name}.nzb`, entry, number % 3 === 0 ? "keep" : "", 0, false, true, "", 0, "FORCE", []]);
  };
  await Promise.all(Array.from({ length: items }, (_, number) => append(number)));
  return {
    url,
    env: { NZBGET_USER: "rollcall", NZBGET_PASSWORD: secret },
    call,
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      removeFolder(folder);
    },
  };
}

const nzb = (name: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">` +
  `<file poster="nobody@example.com" date="1700000000" subject="${name} yEnc (1/1)"><groups><group>alt.none</group></groups>` +
  `<segments><segment bytes="1000" number="1">${name}@example.com</segment></segments></file></nzb>`;
