import type { MethodResult } from "./envelope.ts";
import type { Commands } from "./commands.ts";
import type { Effect, Devices } from "./devices.ts";
import type { Fleet } from "./fleet.ts";
import type { Members } from "./params.ts";
import type { PartnerRecords } from "./partner-records.ts";
import type { ProfileRecords } from "./profiles.ts";
import type { Selections } from "./selections.ts";
import type { Tokens } from "./tokens.ts";
import type { UserRecords } from "./users.ts";

/** Who may log in; all three must match exactly. */
export interface Login {
  readonly partner: string;
  readonly username: string;
  readonly password: string;
}

/** All that the methods of the API read and change. */
export interface World {
  readonly fleet: Fleet;
  readonly devices: Devices;
  readonly selections: Selections;
  readonly partners: PartnerRecords;
  readonly users: UserRecords;
  readonly profiles: ProfileRecords;
  readonly tokens: Tokens;
  readonly commands: Commands;
  /** Where the node of every device listens. */
  readonly nodeHost: string;
  readonly login: Login;
  /** The partner of the login: nothing outside its subtree may be seen or touched. */
  readonly rootPartner: number;
  readonly userId: number;
  /** How old lists, and answers by id, are (ms). */
  readonly lagMs: number;
  readonly byIdLagMs: number;
  /** How wrong the clock of the service is. */
  readonly clockOffsetMs: number;
  /** Longer pages are cut to this, without a word. */
  readonly maxPage: number;
  /** Refuse parameters nobody knows. */
  readonly strictParams: boolean;
}

/** How a fault bends an answer; all empty when there is none. */
export interface Bend {
  readonly staleMs?: number;
  readonly cap?: number;
  readonly firstPage?: boolean;
  readonly emptyPage?: boolean;
  /** Another host than the right one, where a device is said to live. */
  readonly nodeHost?: string;
  /** Leave out the row of this device, or else the row at this place of the page. */
  readonly drop?: { readonly device: number | undefined; readonly row: number };
}

/** What a method did. */
export interface Done {
  readonly result: MethodResult;
  /** What it changed, and when. */
  readonly effect?: Effect;
  /** The same, of a call about several devices. */
  readonly effects?: readonly Effect[];
  /** The instant (ms since boot) of the data a read served. */
  readonly asOf?: number;
  /** Devices that belong into the answer and that a fault left out. */
  readonly hidden?: readonly number[];
}

/** @throws ApiError when the service refuses. */
export type Method = (world: World, params: Members, bend: Bend) => Done;
