import type { Device } from "./device.ts";
import { hash, pick } from "./random.ts";
import { activeSources, statistic } from "./statistic-values.ts";

/** One backup of one data source. Sizes in bytes, times in Unix seconds. */
interface Session {
  readonly Id: number;
  readonly PluginId: string;
  readonly Type: string;
  readonly Status: string;
  readonly Flags: null;
  readonly StartTime: number;
  /** 0 while it runs. */
  readonly EndTime: number;
  readonly SelectedCount: number;
  readonly SelectedSize: number;
  /** Not to be relied on: a session that failed as a whole says none. */
  readonly ErrorsCount: number;
  readonly BuildVersion: string;
  readonly TransientValues: null;
}

/** A session with what queries know of it by number. */
export interface NumberedSession {
  readonly session: Session;
  readonly plugin: number;
  readonly status: number;
}

/** Errors of one session that are alike. */
export interface ErrorGroup {
  readonly Id: number;
  readonly SessionId: number;
  readonly Code: number;
  readonly Text: string;
  readonly Filename: string;
  readonly Count: number;
  readonly Time: number;
}

const days = 28;
const day = 86_400;

/** The sessions of the last 28 days, the newest first: the same that the colour bar and the last status show. */
export function sessionsOf(device: Device): readonly NumberedSession[] {
  return Array.from({ length: days }, (_, ago) => ago).flatMap((ago) =>
    activeSources(device).map((source) => sessionOf(device, source, ago)),
  );
}

/** What went wrong in one session, or in all of them (0). */
export function errorsOf(device: Device, sessionId: number): readonly ErrorGroup[] {
  const sessions = sessionsOf(device).filter(({ session }) => sessionId === 0 || session.Id === sessionId);
  return sessions.flatMap((one) => errorGroups(device, one));
}

function sessionOf(device: Device, source: number, ago: number): NumberedSession {
  const status = Number(String(statistic(device, { source, field: 8 }) ?? "").at(-1 - ago) ?? 5);
  const started = device.lastTimestamp - ago * day;
  const took = Number(statistic(device, { source, field: 12 }) ?? 60);
  const id = 1 + ago * 32 + source;
  const session = {
    Id: id,
    PluginId: plugins[source] ?? "Undefined",
    Type: "Backup",
    Status: statuses[status] ?? "Undefined",
    Flags: null,
    StartTime: started,
    EndTime: started + took,
    SelectedCount: Number(statistic(device, { source, field: 1 }) ?? 0),
    SelectedSize: Number(statistic(device, { source, field: 3 }) ?? 0),
    ErrorsCount:
      status === completedWithErrors ? 1 + pick(device.fleet.seed, device.place, { salt: 200 + id, count: 4 }) : 0,
    BuildVersion: "25.1.0.24000",
    TransientValues: null,
  };
  return { session, plugin: source, status };
}

function errorGroups(device: Device, { session, status }: NumberedSession): ErrorGroup[] {
  const count = status === failed ? 1 : session.ErrorsCount;
  return Array.from({ length: count }, (_, place) => ({
    Id: session.Id * 8 + place,
    SessionId: session.Id,
    Code: status === failed ? 120 : 32,
    Text: status === failed ? "The backup could not be started" : "The file is used by another process",
    Filename: status === failed ? "" : `C:\\Users\\data-${place}.pst`,
    Count: 1 + (hash(device.fleet.seed, device.place, 300 + session.Id + place) % 3),
    Time: session.StartTime + 30 + place,
  }));
}

const failed = 2;
const completedWithErrors = 8;

const statuses: Readonly<Record<number, string>> = { 2: "Failed", 5: "Completed", 8: "CompletedWithErrors" };

/** Names of data sources, by number. */
const plugins: Readonly<Record<number, string>> = {
  1: "FileSystem",
  5: "SharePointOnline",
  7: "VssSystemState",
  10: "VssMsSql",
  19: "ExchangeOnline",
  20: "OneDriveOnline",
  23: "TeamsOnline",
};
