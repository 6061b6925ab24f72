import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onFreePorts, removeFolder, startDaemon } from "./daemon.ts";
import { post } from "./post.ts";
import { areInstalled, numbered, type Program } from "./program.ts";

/**
 * Clients that were there once, three in a group; every third is at a volume of 30, the others at 100.
 *
 * - No credentials. JSON-RPC 2.0 as specified, HTTP 200 always but for other paths; a request without id: an empty answer.
 * - An answer with the wrong id: a number beyond 32 bits comes back as another number. Texts come back as they are.
 * - A client that does not exist: code -32603, and only `data` says "Client not found".
 * - All clients are in one answer, as a list in each of a list of groups.
 * - Success without effect: a volume given as text. Fractions are cut; -5 is stored as 65531, 155 as it is.
 * - A latency above 1000 becomes 1000, and the answer says so; a name is trimmed, and the answer shows it untrimmed.
 */
export const snapserver: Program = {
  name: "snapserver",
  packages: ["snapserver"],
  isAvailable: areInstalled("snapserver"),
  start: (items) => onFreePorts(2, (ports, folder) => start({ ports, folder, items })),
};

async function start({ ports, folder, items }: { ports: readonly number[]; folder: string; items: number }) {
  const [port = 0, streamPort = 0] = ports;
  const url = `http://127.0.0.1:${port}/jsonrpc`;
  const call = async (method: string, params: unknown): Promise<unknown> => {
    const { text, json } = await post(url, { jsonrpc: "2.0", id: "other", method, params });
    if (json?.result === undefined) throw new Error(text);
    return json.result;
  };
  // It remembers clients that are not connected, so they need not be there at all.
  const groups = Array.from({ length: Math.ceil(items / 3) }, (_, group) => groupOf(group, items));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/server.json"), JSON.stringify({ ConfigVersion: 2, Groups: groups }));
  writeFileSync(join(folder, "empty.conf"), "");
  const daemon = await startDaemon(
    [
      "snapserver",
      `--config=${join(folder, "empty.conf")}`,
      `--server.datadir=${join(folder, "data")}`,
      "--http.bind_to_address=127.0.0.1",
      `--http.port=${port}`,
      "--http.doc_root=",
      "--tcp.enabled=false",
      "--stream.bind_to_address=127.0.0.1",
      `--stream.port=${streamPort}`,
      `--stream.source=pipe://${join(folder, "sound")}?name=default`,
      "--logging.sink=stderr",
    ],
    // Its groups have ids of this start alone: nobody else's server on that port has them.
    { folder, answers: async () => JSON.stringify(await call("Server.GetStatus", {})).includes(groups[0]?.id ?? "") },
  );
  return {
    url,
    env: {},
    call,
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      removeFolder(folder);
    },
  };
}

function groupOf(group: number, items: number) {
  const first = group * 3;
  const clients = Array.from({ length: Math.min(3, items - first) }, (_, place) => clientOf(first + place));
  return { id: randomUUID(), name: numbered("room", group), muted: false, stream_id: "default", clients };
}

function clientOf(number: number): object {
  const mac = `02:00:00:00:${hex(number >> 8)}:${hex(number & 255)}`;
  return {
    id: mac,
    connected: false,
    config: { instance: 1, latency: 0, name: "", volume: { muted: false, percent: number % 3 === 0 ? 30 : 100 } },
    host: { arch: "x86_64", ip: "127.0.0.1", mac, name: numbered("player", number), os: "Debian" },
    lastSeen: { sec: 1_700_000_000, usec: 0 },
    snapclient: { name: "Snapclient", protocolVersion: 2, version: "0.26.0" },
  };
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
