import { formatVersion } from "../../core/model/events.ts";
import type { FaultProfile, RehearsalFaults, RehearsedGate } from "../../core/model/rehearsed.ts";
import { cleanJson } from "../../reporters/clean.ts";
import { rehearsedText } from "../../reporters/rehearsed.ts";
import { openDesk, tellNotes, tellWarnings } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  defineCommand,
  durationMs,
  fileFlag,
  inputsOf,
  instantMs,
  planFlags,
  planWord,
  wholeNumber,
  zoneFlags,
  type PlanFlags,
  type ZoneFlags,
} from "../options.ts";
import { runs } from "../proposals.ts";
import { Interruption } from "../signals.ts";

export type RehearseFlags = PlanFlags &
  ZoneFlags & {
    readonly from?: string;
    readonly run?: string;
    readonly faults: FaultProfile;
    readonly fault?: readonly Partial<RehearsalFaults>[];
    readonly latency?: number;
    readonly seed: number;
    readonly gate: RehearsedGate;
    readonly at?: number;
    readonly keep?: string;
  };

const notGreenExit = 2;

export const command = defineCommand<RehearseFlags, [string]>({
  sentence: "Try a plan on a stand-in for its service: how long it takes, and what would stop it",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      from: fileFlag("The list: the inventory.ndjson of an earlier run; no network"),
      run: {
        kind: "parsed",
        parse: String,
        proposeCompletions: runs,
        optional: true,
        placeholder: "RUN",
        brief: "The list: that of an earlier run of this plan; no network",
      },
      faults: {
        kind: "enum",
        values: ["none", "usual", "rough", "late-visibility"],
        default: "usual",
        brief: "How the service behaves",
      },
      fault: {
        kind: "parsed",
        parse: faultSetting,
        proposeCompletions: () => Object.keys(settings).map((name) => `${name}=`),
        optional: true,
        variadic: true,
        placeholder: "name=value",
        brief: "One setting instead of the profile's: timeout=2%, lost-after-apply=1%, late=5m; may be given again",
      },
      latency: {
        kind: "parsed",
        parse: durationMs,
        optional: true,
        placeholder: "TIME",
        brief: "How long a call takes; else as in an earlier run of the plan, or 300ms",
      },
      seed: {
        kind: "parsed",
        parse: wholeNumber(0),
        default: "1",
        placeholder: "N",
        brief: "The same number gives the same faults",
      },
      gate: {
        kind: "enum",
        values: ["pass", "fail", "inconclusive"],
        default: "pass",
        brief: "What the plan's gate is taken to find",
      },
      at: {
        kind: "parsed",
        parse: instantMs,
        optional: true,
        placeholder: "TIME",
        brief: "When it begins, such as 2026-01-31T22:00Z; else when the list was read",
      },
      keep: fileFlag("Keep its record in this folder, which must be empty or new"),
    },
    positional: { kind: "tuple", parameters: [planWord] },
  },
  run: rehearse,
});

/** Go through a plan without its service. Exit 0; 2 where `apply` would not end with 0; 3 when it can not be rehearsed. */
export async function rehearse(io: Io, flags: RehearseFlags, file: string): Promise<number> {
  const { from, run, faults: profile, fault = [], latency, seed, gate, at, keep } = flags;
  await using desk = await openDesk(io, flags);
  const { screen } = desk;
  const plan = await desk.loadPlan(file, { ...inputsOf(flags), withoutSecrets: true });
  tellNotes(plan, { desk, flags, file });
  tellWarnings(plan, { desk, flags, file });
  using interruption = new Interruption(io.signals, () => undefined);
  if (from === undefined && run === undefined)
    screen.note(`Reading the list of ${plan.plan.service} once; no change is sent.`);
  const rehearsal = await desk.workspace.rehearse(plan, {
    ...{
      profile,
      seed,
      gate,
      stop: interruption.stop,
      faults: Object.assign({}, ...fault) as Partial<RehearsalFaults>,
    },
    ...(from !== undefined && { from }),
    ...(run !== undefined && { run }),
    ...(latency !== undefined && { latencyMs: latency }),
    ...(at !== undefined && { at }),
    ...(keep !== undefined && { keep }),
  });
  const { width, tableWidth, paint } = screen;
  screen.result(
    flags.json
      ? cleanJson({ v: formatVersion, type: "rehearsal", ...rehearsal })
      : rehearsedText(rehearsal, { zone: flags.zone, width, tableWidth, paint }),
  );
  return rehearsal.exit === 0 ? 0 : notGreenExit;
}

const settings = {
  timeout: share("timeout"),
  "lost-after-apply": share("lostAfterApply"),
  ignored: share("ignored"),
  reject: share("reject"),
  throttle: share("throttle"),
  late: (text: string) => ({ lateMs: durationMs(text) }),
  busy: (text: string) => ({ busyMs: durationMs(text) }),
} as const satisfies Record<string, (text: string) => Partial<RehearsalFaults>>;

/** `timeout=2%`, `late=5m`. */
export function faultSetting(text: string): Partial<RehearsalFaults> {
  const [, name = "", value = ""] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
  if (Object.hasOwn(settings, name)) return settings[name as keyof typeof settings](value);
  throw new Error(`expected one of ${Object.keys(settings).join(", ")} with =value, found ${JSON.stringify(text)}`);
}

function share(name: keyof RehearsalFaults): (text: string) => Partial<RehearsalFaults> {
  return (text) => {
    const percent = Number(/^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text)?.[1] ?? NaN);
    if (percent <= 100) return { [name]: percent / 100 };
    throw new Error(`expected a share such as 2%, found ${JSON.stringify(text)}`);
  };
}
