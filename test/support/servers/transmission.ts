import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onFreePorts, removeFolder, startDaemon, type Daemon } from "./daemon.ts";
import { basic, post } from "./post.ts";
import { areInstalled, newSecret, type Program, type RunningServer } from "./program.ts";
import { torrent } from "./torrents.ts";

export interface Transmission extends RunningServer {
  /** It ends and starts again at the same port: the session of every client is dead, and numbers of torrents may be others. */
  restart(): Promise<void>;
}

/**
 * Torrents that are paused; every third has the label `keep`.
 *
 * - Members are `method`, `arguments` and `tag`; the answer has `result`, "success" or the error itself, `arguments` and `tag`.
 * - Only a number comes back as `tag`: an answer to a text has none.
 * - Without the header of the session: HTTP 409, with the header in it. Wrong password: 401, and 403 after a hundred of them.
 * - One answer holds all. A member that does not exist is 0, not missing.
 * - A change of an id that does not exist is answered with success, and so is one of an unknown member, of a text where a
 *   number belongs, and of a priority that does not exist: nothing happens.
 * - Error after storing: `downloadLimit` is stored although the labels beside it are refused.
 * - Labels are trimmed; a limit of 5 000 000 000 000 becomes 937 459; numbers have four decimals.
 * - Right after its start it answers already, with a list that has not been loaded: empty.
 * - A body that ends in the middle is acted on as far as it goes.
 */
export const transmission: Program<Transmission> = {
  name: "transmission",
  packages: ["transmission-daemon"],
  isAvailable: areInstalled("transmission-daemon"),
  start: (items) => onFreePorts(2, (ports, folder) => start({ ports, folder, items })),
};

async function start({ ports, folder, items }: { ports: readonly number[]; folder: string; items: number }) {
  const [port = 0, peerPort = 0] = ports;
  const secret = newSecret();
  const url = `http://127.0.0.1:${port}/transmission/rpc`;
  mkdirSync(join(folder, "files"));
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings({ port, peerPort, secret, folder })));

  let session = "";
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const body = { method, arguments: params, tag: 1 };
    const headers = () => ({ authorization: basic("rollcall", secret), "x-transmission-session-id": session });
    let answer = await post(url, body, headers());
    if (answer.status === 409) {
      session = String(answer.headers["x-transmission-session-id"]);
      answer = await post(url, body, headers());
    }
    if (answer.json?.result !== "success") throw new Error(answer.text);
    return answer.json.arguments;
  };
  const count = async (): Promise<number> =>
    ((await call("torrent-get", { fields: ["id"] })) as { readonly torrents: readonly unknown[] }).torrents.length;
  const run = (torrents: number): Promise<Daemon> =>
    startDaemon(["transmission-daemon", "--foreground", "--config-dir", folder, "--log-error"], {
      folder,
      answers: async () => (await count()) === torrents,
    });

  let daemon = await run(0);
  for (let number = 0; number < items; number += 1) {
    const added = await call("torrent-add", { metainfo: torrent(number).toString("base64"), paused: true });
    const { id } = (added as { readonly "torrent-added": { readonly id: number } })["torrent-added"];
    if (number % 3 === 0) await call("torrent-set", { ids: [id], labels: ["keep"] });
  }
  return {
    url,
    env: { TRANSMISSION_USER: "rollcall", TRANSMISSION_PASSWORD: secret },
    call,
    restart: async () => {
      const torrents = await count();
      await daemon.stop();
      daemon = await run(torrents);
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      removeFolder(folder);
    },
  };
}

interface Settings {
  readonly port: number;
  readonly peerPort: number;
  readonly secret: string;
  readonly folder: string;
}

const settings = ({ port, peerPort, secret, folder }: Settings): object => ({
  "rpc-port": port,
  "rpc-bind-address": "127.0.0.1",
  "rpc-authentication-required": true,
  "rpc-username": "rollcall",
  "rpc-password": secret,
  "bind-address-ipv4": "127.0.0.1",
  "bind-address-ipv6": "::1",
  "peer-port": peerPort,
  "download-dir": join(folder, "files"),
  "incomplete-dir-enabled": false,
  "start-added-torrents": false,
  "port-forwarding-enabled": false,
  "dht-enabled": false,
  "lpd-enabled": false,
  "pex-enabled": false,
  "utp-enabled": false,
});
