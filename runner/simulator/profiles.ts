import type { Effect } from "./devices.ts";
import type { Members } from "./params.ts";
import { findProfile, ownProfiles, profiles } from "./products.ts";
import { Records } from "./records.ts";

/** What can be changed about a backup profile. */
export interface ProfileValues {
  /** Schedules, data sources, filters: an object nobody here looks into. */
  readonly profileData: Members;
  /** Counts up with every change. */
  readonly version: number;
}

/** One backup profile at one instant. */
export interface ProfileView extends ProfileValues {
  readonly id: number;
  readonly partnerId: number;
  readonly name: string;
}

/** The backup profiles and all that was ever changed about them. Their names stay: device lists show them. */
export class ProfileRecords {
  readonly #records = new Records<ProfileValues>(
    profileIds.map((id) => [id, { profileData: dataAtBirth(id), version: 3 }]),
  );

  /** The profile as it was at `asOf` (ms since boot; now when left out). Undefined: no such profile. */
  get(id: number, asOf = Infinity): ProfileView | undefined {
    const [offer, values] = [findProfile(id), this.#records.get(id, asOf)];
    return offer === undefined || values === undefined ? undefined : { ...offer, ...values };
  }

  /** All profiles, by id. */
  all(asOf = Infinity): ProfileView[] {
    return profileIds.flatMap((id) => this.get(id, asOf) ?? []);
  }

  /** Undefined, and nothing done, when there is no such profile. */
  change(id: number, profileData: Members): Effect | undefined {
    const version = (this.#records.get(id)?.version ?? 0) + 1;
    return this.#records.change(id, { profileData, version });
  }
}

const profileIds: readonly number[] = [...Object.values(profiles), ...Object.values(ownProfiles)];

const vault = {
  LocalSpeedVaultMode: "NetworkShare",
  Location: "\\\\nas\\vault",
  UserName: "backup",
  Password: "vault-password",
};

function dataAtBirth(id: number): Members {
  const source = id === profiles.servers ? "ServerFileSystem" : "WorkstationFileSystem";
  return {
    TemporaryFolderPath: null,
    Language: null,
    BackupSchedule: null,
    BackupDataSourceSettings: [
      {
        Policy: "AllowedManualConfiguration",
        SelectionCollection: null,
        DataSource: source,
        ExclusionFilter: "*.tmp|*.bak",
        SelectionModification: null,
      },
    ],
    LocalSpeedVaultSettings: id === ownProfiles.vault ? vault : null,
    BandwidthSettings: null,
    AutomaticSelection: null,
    AutoUpdatePolicy: null,
    HighFrequentBackupSchedule: null,
  };
}
