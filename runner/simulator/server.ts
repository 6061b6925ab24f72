import { setMaxListeners } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Api } from "./api.ts";
import { Commands } from "./commands.ts";
import { snapshot } from "./device.ts";
import type { DeviceView } from "./device.ts";
import { Devices } from "./devices.ts";
import type { Effect } from "./devices.ts";
import { checkFaults } from "./faults.ts";
import type { FaultRule } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import type { DeviceValues } from "./fleet.ts";
import { removeItem } from "./items.ts";
import { PartnerRecords } from "./partner-records.ts";
import type { PartnerValues, PartnerView } from "./partner-records.ts";
import { rootPartnerId } from "./partners.ts";
import { ProfileRecords, type ProfileView } from "./profiles.ts";
import { serve, serveNode } from "./routes.ts";
import type { Site } from "./routes.ts";
import { Selections } from "./selections.ts";
import { Tokens } from "./tokens.ts";
import { loginUserId, UserRecords } from "./users.ts";
import type { UserValues, UserView } from "./users.ts";
import { Visas } from "./visas.ts";
import { Witness, type WitnessKeeps } from "./witness.ts";
import type { Login, World } from "./world.ts";

/** The login the built-in `simulator` service uses. */
export const defaultLogin: Login = {
  partner: "Rollcall Demo (demo@example.com)",
  username: "simulator",
  password: "simulator",
};

export interface SimulatorOptions {
  /** 0, the default: any free one. */
  readonly port?: number;
  /** How many devices there are at the start; 1000 when left out. */
  readonly devices?: number;
  /** Same seed, same fleet and same luck with faults; 7 when left out. */
  readonly seed?: number;
  /** How long every request takes; half of it before anything happens. */
  readonly latencyMs?: number;
  readonly login?: Login;
  /** 15 minutes when left out. */
  readonly visaTtlMs?: number;
  /** How far lists lag behind changes. */
  readonly lagMs?: number;
  /** How far answers by id lag behind changes. */
  readonly byIdLagMs?: number;
  /** How wrong the clock of the service is: in the Date header and in visas. */
  readonly clockOffsetMs?: number;
  /** Longer pages are cut to this, without a word. */
  readonly maxPage?: number;
  readonly faults?: readonly FaultRule[];
  /** Refuse parameters nobody knows, instead of ignoring them. */
  readonly strictParams?: boolean;
  /** What the witness keeps; `full`, an entry a request, when left out. */
  readonly witness?: WitnessKeeps;
  /** Unix seconds that the times of devices are counted back from; the start of today (UTC) when left out. */
  readonly epoch?: number;
  /** How long a device that is there takes to carry out a remote command; 50 when left out. */
  readonly commandMs?: number;
}

export interface Simulator extends AsyncDisposable {
  /** Where to POST. */
  readonly url: string;
  readonly port: number;
  /** Where to POST to the storage node that every device lives on. */
  readonly nodeUrl: string;
  readonly witness: Witness;
  /** The partner of the login, above all devices. */
  readonly rootPartner: number;
  /** Ids of the devices there are now, rising. */
  ids(): number[];
  /** Undefined: never there, or removed. */
  device(id: number): DeviceView | undefined;
  /** A partner as it was at `up` (ms since boot), or is. Undefined: no such partner. */
  partner(id: number, up?: number): PartnerView | undefined;
  /** A user as it was at `up` (ms since boot), or is. Undefined: not there. */
  user(id: number, up?: number): UserView | undefined;
  /** A backup profile as it was at `up` (ms since boot), or is. Undefined: no such profile. */
  profile(id: number, up?: number): ProfileView | undefined;
  /** Ids of the users there are now, in sight of the login or not; rising. */
  userIds(): number[];
  /** Another editor changes a device. @throws Error when there is no such device. */
  edit(id: number, values: Partial<DeviceValues>): void;
  /** Another editor writes a profile. @throws Error when there is no such profile. */
  editProfile(id: number, profileData: Readonly<Record<string, unknown>>): void;
  /** Another editor changes a partner. @throws Error when there is no such partner. */
  editPartner(id: number, values: Partial<PartnerValues>): void;
  /** Another editor changes a user. @throws Error when there is no such user. */
  editUser(id: number, values: Partial<UserValues>): void;
  /** A device comes online, and carries out the commands that waited for it. @throws Error when there is no such device. */
  online(id: number): void;
  /** Another editor removes a device or a user. @throws Error when there is none of this id. */
  remove(id: number): void;
  /** Replaces all rules; their counts start from zero. @throws Error for a rule that `parseFaults` would refuse. */
  setFaults(rules: readonly FaultRule[]): void;
  /** Cuts all connections; what was still going to happen does not. */
  close(): Promise<void>;
}

/**
 * Start an HTTP server on 127.0.0.1 that behaves as the Cove API is known to. `POST /jsonapi` is the API; `GET /witness`
 * (a JSON line for each request) and `GET /stats` tell another process what really happened. The storage node of the devices
 * is a second server, on a port of its own.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for every request that waits
  const node = createServer();
  node.keepAliveTimeout = 0;
  const nodeHost = `127.0.0.1:${await listening(node, 0)}`;
  const world = createWorld(options, { nodeHost, closing: closing.signal });
  const { devices, partners, users, profiles } = world;
  const witness = new Witness((id, up) => view(devices, id, up), {
    keeps: options.witness ?? "full",
    placeOf: (id) => devices.fleet.placeOf(id),
  });
  const visas = new Visas(
    { partnerId: world.rootPartner, userId: world.userId, roleId: 1 },
    { ttlMs: options.visaTtlMs ?? 15 * 60_000, clockOffsetMs: options.clockOffsetMs ?? 0 },
  );
  const api = new Api({ world, visas, witness, latencyMs: options.latencyMs ?? 0, closing: closing.signal });
  api.setFaults(checkFaults(options.faults ?? []));
  const site: Site = { api, witness, clockOffsetMs: options.clockOffsetMs ?? 0, closing: closing.signal };
  const server = createServer((request, response) => {
    serve(site, request, response);
  });
  // A client that keeps a connection for its next request must not find it closed: that would be a fault nobody asked for.
  server.keepAliveTimeout = 0;
  node.on("request", (request, response) => {
    serveNode(site, request, response);
  });
  const close = async () => {
    closing.abort();
    for (const one of [server, node]) {
      one.closeAllConnections();
      if (one.listening) await new Promise((resolve) => one.close(resolve));
    }
  };
  const port = await listening(server, options.port ?? 0).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}/jsonapi`,
    port,
    nodeUrl: `http://${nodeHost}/repserv_json`,
    witness,
    rootPartner: world.rootPartner,
    ids: () => devices.ids(),
    device: (id) => view(devices, id, Infinity),
    partner: (id, up) => partners.get(id, up),
    user: (id, up) => users.get(id, up),
    profile: (id, up) => profiles.get(id, up),
    userIds: () => users.all().map(({ id }) => id),
    edit: (id, values) => witness.edited("edit", existing("device", id, devices.change(id, values))),
    editPartner: (id, values) => witness.edited("edit", existing("partner", id, partners.change(id, values))),
    editUser: (id, values) => witness.edited("edit", existing("user", id, users.change(id, values))),
    editProfile: (id, data) => witness.edited("edit", existing("profile", id, profiles.change(id, data))),
    online: (id) => {
      if (!world.commands.online(id)) throw new Error(`the simulator has no device ${id}; ids() lists those there are`);
    },
    remove: (id) => witness.edited("remove", existing("device", id, removeItem(world, id))),
    setFaults: (rules) => api.setFaults(checkFaults(rules)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const daySeconds = 86_400;

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

function createWorld(
  options: SimulatorOptions,
  { nodeHost, closing }: { readonly nodeHost: string; readonly closing: AbortSignal },
): World {
  const login = options.login ?? defaultLogin;
  const today = Math.floor((Date.now() + (options.clockOffsetMs ?? 0)) / 1000 / daySeconds) * daySeconds;
  const [seed, epoch] = [options.seed ?? 7, options.epoch ?? today];
  const fleet = new Fleet({ devices: options.devices ?? 1000, seed, rootName: login.partner, epoch });
  const devices = new Devices(fleet);
  return {
    fleet,
    devices,
    selections: new Selections(devices),
    partners: new PartnerRecords(fleet.partners, { seed, epoch }),
    users: new UserRecords(fleet.partners, { seed, epoch, username: login.username }),
    profiles: new ProfileRecords(),
    tokens: new Tokens(),
    commands: new Commands(devices, {
      delayMs: options.commandMs ?? 50,
      clockOffsetMs: options.clockOffsetMs ?? 0,
      closing,
    }),
    nodeHost,
    login,
    rootPartner: rootPartnerId,
    userId: loginUserId,
    lagMs: options.lagMs ?? 0,
    byIdLagMs: options.byIdLagMs ?? 0,
    clockOffsetMs: options.clockOffsetMs ?? 0,
    maxPage: options.maxPage ?? Infinity,
    strictParams: options.strictParams ?? false,
  };
}

function view(devices: Devices, id: number, up: number): DeviceView | undefined {
  const device = devices.get(id, up);
  return device === undefined ? undefined : snapshot(device);
}

function existing(kind: "device" | "partner" | "user" | "profile", id: number, effect: Effect | undefined): Effect {
  const where =
    kind === "device" ? "; ids() lists those there are" : kind === "user" ? "; userIds() lists those there are" : "";
  if (effect === undefined) throw new Error(`the simulator has no ${kind} ${id}${where}`);
  return effect;
}
