import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onFreePorts, removeFolder, startDaemon, type Daemon } from "./daemon.ts";
import { post } from "./post.ts";
import { areInstalled, newSecret, numbered, type Program, type RunningServer } from "./program.ts";
import { torrent } from "./torrents.ts";

export interface Deluge extends RunningServer {
  /**
   * The web server ends and starts again at the same port: it knows the cookies of its clients still, and has lost the
   * daemon that it speaks for.
   */
  restart(): Promise<void>;
}

/**
 * A daemon with torrents that are paused, and the web server that speaks JSON-RPC for it; every third torrent may be
 * fetched at 100 KiB/s at most, the others without a limit (-1).
 *
 * - The body needs exactly `method`, `params` and `id`; the content type exactly `application/json`, without a charset.
 *   Otherwise: HTTP 200, error code 5, id null. The HTTP status is always 200.
 * - `auth.login` answers false for a wrong password, and true with a cookie. Without that: code 1 "Not authenticated".
 * - The web server has to be told which daemon it speaks for; until then every `core.` method is "Unknown method", code 2.
 * - `web.connect` answers null for a daemon that it does not know.
 * - When it has lost its daemon, methods of the daemon are never answered.
 * - Torrents are a map by id; an option that does not exist is answered as done.
 * - Error after storing: a speed given as text raises an error, with a traceback in it, and is stored all the same. In a
 *   call about several torrents an unknown id is an error too, after the ones in front of it have been changed.
 * - An unknown id when reading is an empty answer. Numbers with decimals come back in single precision: 33.3333 as
 *   33.33330154418945.
 */
export const deluge: Program<Deluge> = {
  name: "deluge",
  packages: ["deluged", "deluge-web"],
  isAvailable: areInstalled("deluged", "deluge-web"),
  start: (items) => onFreePorts(3, (ports, folder) => start({ ports, folder, items })),
};

/** What the web server calls the daemon. */
const host = "daemon";

async function start({ ports, folder, items }: { ports: readonly number[]; folder: string; items: number }) {
  const [port = 0] = ports;
  const secret = newSecret();
  const url = `http://127.0.0.1:${port}/json`;
  writeConfigs(folder, ports, secret);

  let cookie = "";
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const answer = await post(url, { method, params, id: "other" }, cookie === "" ? {} : { cookie });
    const [set] = [answer.headers["set-cookie"] ?? []].flat();
    if (set !== undefined) cookie = set.split(";")[0] ?? "";
    if (answer.json?.error !== null) throw new Error(answer.text);
    return answer.json.result;
  };
  const run = (command: string, more: readonly string[], answers: () => Promise<boolean>): Promise<Daemon> =>
    startDaemon([command, "--do-not-daemonize", "--loglevel", "warning", ...more], { folder, answers });
  const runWeb = (answers: () => Promise<boolean>): Promise<Daemon> =>
    run("deluge-web", ["--config", join(folder, "web"), "--no-ssl"], answers);
  const logIn = async (): Promise<boolean> => (await call("auth.login", [secret])) === true;
  // Whether the daemon is there is seen by the web server's connection to it.
  const logInAndConnect = async (): Promise<boolean> =>
    (await logIn()) && ((await call("web.connected", [])) === true || (await call("web.connect", [host])) !== null);

  const daemon = await run("deluged", ["--config", join(folder, "daemon")], () => Promise.resolve(true));
  let web = await runWeb(logInAndConnect).catch(async (error: unknown) => {
    await daemon.stop();
    throw error;
  });
  for (let number = 0; number < items; number += 1) {
    const options = { add_paused: true, max_download_speed: number % 3 === 0 ? 100 : -1 };
    const file = torrent(number).toString("base64");
    await call("core.add_torrent_file", [`${numbered("file", number)}.torrent`, file, options]);
  }
  return {
    url,
    env: { DELUGE_PASSWORD: secret },
    call,
    restart: async () => {
      await web.stop();
      web = await runWeb(logIn);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([web.stop(), daemon.stop()]);
      removeFolder(folder);
    },
  };
}

function writeConfigs(
  folder: string,
  [port = 0, daemonPort = 0, peerPort = 0]: readonly number[],
  secret: string,
): void {
  const [salt, daemonSecret] = [newSecret(), newSecret()];
  const write = (path: string, ...parts: readonly object[]): void =>
    writeFileSync(join(folder, path), parts.map((part) => JSON.stringify(part)).join(""), { mode: 0o600 });
  for (const name of ["web", "daemon", "files"]) mkdirSync(join(folder, name));
  write(
    "web/web.conf",
    { file: 2, format: 1 },
    {
      port,
      interface: "127.0.0.1",
      pwd_salt: salt,
      pwd_sha1: createHash("sha1").update(salt).update(secret).digest("hex"),
      first_login: false,
    },
  );
  write(
    "web/hostlist.conf",
    { file: 3, format: 1 },
    {
      hosts: [[host, "127.0.0.1", daemonPort, "localclient", daemonSecret]],
    },
  );
  writeFileSync(join(folder, "daemon/auth"), `localclient:${daemonSecret}:10\n`, { mode: 0o600 });
  write(
    "daemon/core.conf",
    { file: 1, format: 1 },
    {
      daemon_port: daemonPort,
      allow_remote: false,
      listen_interface: "127.0.0.1",
      outgoing_interface: "127.0.0.1",
      listen_ports: [peerPort, peerPort],
      random_port: false,
      download_location: join(folder, "files"),
      dht: false,
      lsd: false,
      utpex: false,
      upnp: false,
      natpmp: false,
      new_release_check: false,
    },
  );
}
