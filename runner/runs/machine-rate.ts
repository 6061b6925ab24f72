import { createHash, randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { reasonOf } from "../core/model/reason.ts";
import type { Log } from "../core/model/ports.ts";
import type { RateSource, RateStore } from "../core/model/pace-ports.ts";
import { ownStore, SharedRate } from "../core/schedule/shared-rate.ts";
import { privateFolder } from "../ledger/atomic.ts";
import { errnoOf } from "../ledger/disk-error.ts";
import { currentOwner } from "./owner.ts";
import { Versions } from "./versions.ts";

export interface MachineRateOptions {
  /** The service's own limit, calls a minute. */
  readonly perMinute: number | undefined;
  readonly log: Log;
  /** Left out: the user's own on this machine. */
  readonly folder?: string;
}

/**
 * The pace of an endpoint, shared by all runs of this user on this machine, in whatever folder they keep their records. The
 * disk is touched when it is first asked. Where that can not be, it is said once, and the pace is this process's own.
 */
export function machineRate(
  endpoint: string,
  { perMinute, log, folder = userFolder() }: MachineRateOptions,
): RateSource {
  const store = storeOrOwn(() => openStore(folder, endpoint), log);
  // Machine-wide; it stands still while the machine sleeps, which makes a wait longer, never shorter.
  const up = (): number => Number(process.hrtime.bigint()) / 1e6;
  return new SharedRate({ store, up, boot: currentOwner().boot, id: randomUUID(), perMinute });
}

/** The same for every session of a user, so it does not follow the environment: what cron starts finds it as well. */
function userFolder(): string {
  const id = process.getuid?.();
  return id === undefined ? join(tmpdir(), `rollcall-${userInfo().username}`) : `/tmp/rollcall-${id}`;
}

function openStore(folder: string, endpoint: string): RateStore {
  ownFolder(folder);
  return new Versions(join(folder, fileNameOf(endpoint)));
}

/** Others may write to the folder above it and put there what they like: it has to be a folder, ours, and closed to them. */
function ownFolder(path: string): void {
  try {
    mkdirSync(path, { mode: privateFolder });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw cause;
  }
  const id = process.getuid?.();
  const found = lstatSync(path);
  if (!found.isDirectory()) throw new Error(`${path} is no folder`);
  if (id === undefined) return;
  if (found.uid !== id) throw new Error(`${path} belongs to another user`);
  if ((found.mode & 0o077) !== 0) throw new Error(`${path} is open to other users: chmod 700 ${path}`);
  const { mode } = statSync(dirname(path));
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)
    throw new Error(`in ${dirname(path)} everybody can rename what belongs to others: chmod +t ${dirname(path)}`);
}

/** Equal for equal endpoints only. */
function fileNameOf(endpoint: string): string {
  const { protocol, host, pathname } = new URL(endpoint);
  const exact = createHash("sha256").update(`${protocol}//${host}${pathname}`).digest("hex").slice(0, 16);
  return `rate-${host.replace(/[^a-z0-9]+/gi, "-").slice(0, 40)}-${exact}`;
}

function storeOrOwn(open: () => RateStore, log: Log): RateStore {
  let store: RateStore | undefined;
  const onDisk = <T>(work: (store: RateStore) => T): T => {
    try {
      return work((store ??= open()));
    } catch (cause) {
      log.warn(
        { why: reasonOf(cause) },
        `The rate is kept by this run alone, since what runs on this machine share can not be used (${reasonOf(cause)}): other runs do not see its calls. Put that right, or start no other run of this service.`,
      );
      store = ownStore();
      return work(store);
    }
  };
  return {
    read: () => onDisk((one) => one.read()),
    replace: (version, text) => onDisk((one) => one.replace(version, text)),
  };
}
