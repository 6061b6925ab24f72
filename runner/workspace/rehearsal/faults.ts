import { RunnerError } from "../../core/model/errors.ts";
import type { FaultProfile, RehearsalFaults } from "../../core/model/rehearsed.ts";

const none: RehearsalFaults = {
  ...{ timeout: 0, lostAfterApply: 0, ignored: 0, reject: 0, throttle: 0 },
  ...{ lateMs: 0, busyMs: 10 * 60_000 },
};

const faultProfiles = {
  none,
  usual: { ...none, timeout: 0.02, lostAfterApply: 0.01, throttle: 0.002 },
  rough: { ...none, timeout: 0.05, lostAfterApply: 0.03, throttle: 0.02, reject: 0.02, ignored: 0.005 },
  "late-visibility": { ...none, lateMs: 5 * 60_000 },
} as const satisfies Record<FaultProfile, RehearsalFaults>;

/** A profile, with single settings in place of its own. @throws {RunnerError} `usage`: they can not be. */
export function faultsOf(profile: FaultProfile, settings: Partial<RehearsalFaults> = {}): RehearsalFaults {
  const known = (faultProfiles as Readonly<Record<string, RehearsalFaults>>)[profile];
  if (known === undefined) throw unusable(`${JSON.stringify(profile)} is no profile of faults`);
  const faults = { ...known, ...settings };
  for (const name of ["timeout", "lostAfterApply", "ignored", "reject", "throttle"] as const)
    if (!(faults[name] >= 0 && faults[name] <= 1))
      throw unusable(`${name} is a share from 0 to 1, not ${faults[name]}`);
  for (const name of ["lateMs", "busyMs"] as const)
    if (!(faults[name] >= 0 && Number.isFinite(faults[name])))
      throw unusable(`${name} is a number of milliseconds, not ${faults[name]}`);
  const { timeout, lostAfterApply, ignored } = faults;
  if (timeout + lostAfterApply + ignored > 1)
    throw unusable(
      `timeout (${percent(timeout)}), lost-after-apply (${percent(lostAfterApply)}) and ignored (${percent(ignored)}) together are more than all calls`,
      `What is not given is as in the profile ${profile}: give all three, or take the profile none.`,
    );
  return faults;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

function unusable(why: string, hint = `Profiles are ${Object.keys(faultProfiles).join(", ")}.`): RunnerError {
  return new RunnerError("usage", `The faults of a rehearsal can not be: ${why}.`, { hint });
}
