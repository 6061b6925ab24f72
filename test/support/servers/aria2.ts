import { onFreePorts, removeFolder, startDaemon } from "./daemon.ts";
import { post } from "./post.ts";
import { areInstalled, newSecret, numbered, type Program } from "./program.ts";

/**
 * Downloads that are paused; every third has a limit of 1 MiB/s, the others have none.
 *
 * - The token is the first positional parameter. A wrong one is HTTP 400, code 1 "Unauthorized", after a second or more.
 * - Every error is HTTP 400 with the id and code 1; only its message says which. Text that is no JSON: 500, id null.
 * - All values are texts: an option given as a number is answered OK and not changed, and so is an unknown option.
 * - Sizes are normalised: "64K" becomes "65536".
 * - The beginning of an id that no other item shares counts as the id.
 * - A page behind the end is empty; an offset of -1 counts from the end.
 * - Downloads that run, wait and are done are three lists, and an item goes from one to another.
 */
export const aria2: Program = {
  name: "aria2",
  packages: ["aria2"],
  isAvailable: areInstalled("aria2c"),
  start: (items) => onFreePorts(1, ([port = 0], folder) => start({ port, folder, items })),
};

async function start({ port, folder, items }: { port: number; folder: string; items: number }) {
  const secret = newSecret();
  const url = `http://127.0.0.1:${port}/jsonrpc`;
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const all = [`token:${secret}`, ...(params as readonly unknown[])];
    const { text, json } = await post(url, { jsonrpc: "2.0", id: "other", method, params: all });
    if (json?.result === undefined) throw new Error(text);
    return json.result;
  };
  const daemon = await startDaemon(
    [
      "aria2c",
      "--no-conf",
      "--enable-rpc",
      `--rpc-listen-port=${port}`,
      `--rpc-secret=${secret}`,
      `--dir=${folder}`,
      "--enable-dht=false",
      "--enable-dht6=false",
      "--bt-enable-lpd=false",
      "--quiet",
    ],
    { folder, answers: async () => (await call("aria2.getVersion", [])) !== undefined },
  );
  for (let number = 0; number < items; number += 1) {
    await call("aria2.addUri", [
      [`http://127.0.0.1:9/${numbered("file", number)}`],
      { pause: "true", "max-download-limit": number % 3 === 0 ? "1M" : "0" },
    ]);
  }
  return {
    url,
    env: { ARIA2_TOKEN: secret },
    call,
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      removeFolder(folder);
    },
  };
}
