import {
  buildCommand,
  type BaseArgs,
  type BaseFlags,
  type Command,
  type TypedCommandFlagParameters,
  type TypedCommandParameters,
} from "@stricli/core";
import { cleanText } from "../reporters/clean.ts";
import type { Coloured } from "../reporters/screen.ts";
import type { InputOptions } from "../workspace/options.ts";
import { isCi, type Io } from "./io.ts";
import type { ConsentFlags } from "./prompt.ts";
import { changeSets, files, inputs, plans, runs, services } from "./proposals.ts";
import type { Context } from "./verbs.ts";

/** Shared by every command that prints something. */
export type DisplayFlags = {
  readonly json: boolean;
  readonly noColor: boolean;
  readonly logLevel: LogLevel;
};
/** And by every command that works on plans and runs. */
export type WorkspaceFlags = DisplayFlags & {
  readonly config?: string;
};
export type InputFlags = WorkspaceFlags & {
  readonly set?: readonly string[];
  readonly inputs?: string;
};
export type PlanFlags = InputFlags & {
  readonly service?: string;
};

/** And by those that show people the values of items. */
export type ZoneFlags = {
  readonly zone: string;
};

const logLevels = ["debug", "info", "warn", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

type FlagsOf<Flags extends BaseFlags> = TypedCommandFlagParameters<Flags, Context>["flags"] & object;

export const displayFlags = {
  json: { kind: "boolean", default: false, withNegated: false, brief: "Print JSON on stdout, and nothing else there" },
  noColor: { kind: "boolean", default: false, withNegated: false, brief: "No colours (also: NO_COLOR=1)" },
  logLevel: {
    kind: "enum",
    values: logLevels,
    default: "warn",
    brief: "Diagnostics on stderr",
  },
} as const satisfies FlagsOf<DisplayFlags>;

export const workspaceFlags = {
  ...displayFlags,
  config: fileFlag("The config; else ROLLCALL_CONFIG, else ./rollcall.config.yaml"),
} as const satisfies FlagsOf<WorkspaceFlags>;

export const inputFlags = {
  ...workspaceFlags,
  set: {
    kind: "parsed",
    parse: assignment,
    proposeCompletions: inputs,
    optional: true,
    variadic: true,
    placeholder: "name=value",
    brief: "An input of the plan; may be given again for another",
  },
  inputs: fileFlag("A YAML file of inputs"),
} as const satisfies FlagsOf<InputFlags>;

/** For commands by which nothing is sent. */
export const withoutSecretsFlag = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "Leave secret inputs without a value, given or not: nothing is sent that would need one",
} as const;

/** A flag that takes the path of a file; left out: `brief` says what then. */
export function fileFlag(brief: string) {
  return {
    kind: "parsed",
    parse: String,
    proposeCompletions: files,
    optional: true,
    placeholder: "FILE",
    brief,
  } as const;
}

/** `--digest HEX` of a saved change set. */
export function digestFlag(verb: string) {
  return {
    kind: "parsed",
    parse: digestText,
    optional: true,
    placeholder: "HEX",
    brief: `${verb} the change set only if this is its digest, as \`preview --out\` printed it`,
  } as const;
}

/** `--service NAME`, of the services in the config. */
export function serviceFlag(brief: string) {
  return {
    kind: "parsed",
    parse: String,
    proposeCompletions: services,
    optional: true,
    placeholder: "NAME",
    brief,
  } as const;
}

export const planFlags = {
  ...inputFlags,
  service: serviceFlag("Use this service instead of the plan's own"),
} as const satisfies FlagsOf<PlanFlags>;

export const zoneFlags = {
  zone: {
    kind: "parsed",
    parse: timeZone,
    default: "UTC",
    placeholder: "ZONE",
    brief: "Zone in which times are shown: UTC, local, or a name such as Europe/Berlin; JSON keeps Unix seconds",
  },
} as const satisfies FlagsOf<ZoneFlags>;
/** For every command that makes changes. */
export const consentFlags = {
  yes: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Do not ask; not enough for a destructive plan",
  },
  confirm: {
    kind: "parsed",
    parse: wholeNumber(0),
    optional: true,
    placeholder: "N",
    brief: "Agree to exactly N changes; needed for a destructive plan when nobody can be asked",
  },
} as const satisfies FlagsOf<ConsentFlags>;

/** For every command that may have to wait for somebody or something. */
export type WaitFlags = {
  readonly wait?: number;
};
export const waitFlags = {
  wait: {
    kind: "parsed",
    parse: durationMs,
    optional: true,
    placeholder: "TIME",
    brief:
      "How long to wait for a person or a change window before the run ends, to be resumed; else on a terminal as long as it takes, in scripts for a window only",
  },
} as const satisfies FlagsOf<WaitFlags>;

/** The positional word `PLAN`. */
export const planWord = {
  brief: "Path of the plan",
  parse: String,
  proposeCompletions: plans,
  placeholder: "PLAN",
} as const;
/** The positional word `CHANGESET`. */
export const changeSetWord = {
  brief: "Path of a change set that `preview --out` saved",
  parse: String,
  proposeCompletions: changeSets,
  placeholder: "CHANGESET",
} as const;
/** The positional word `RUN`. */
export const runWord = {
  brief: "A run: its id, the beginning of one, or latest",
  parse: String,
  proposeCompletions: runs,
  placeholder: "RUN",
} as const;

/** A command: its flags, and what to do with them once all of them are understood. */
export function defineCommand<Flags extends BaseFlags, Args extends BaseArgs>(spec: {
  readonly sentence: string;
  readonly parameters: TypedCommandParameters<Flags, Args, Context>;
  readonly run: (io: Io, flags: Flags, ...args: Args) => Promise<number>;
}): Command<Context> {
  return buildCommand<Flags, Args, Context>({
    docs: { brief: spec.sentence },
    parameters: spec.parameters,
    func(flags, ...args) {
      this.job = () => spec.run(this.io, flags, ...args);
    },
  });
}

/** A word that is one of a few. */
export function oneOf<Word extends string>(...allowed: readonly Word[]) {
  return {
    parse: (text: string): Word => {
      const found = allowed.find((word) => word === text);
      if (found !== undefined) return found;
      throw new Error(
        `expected ${allowed.slice(0, -1).join(", ")} or ${allowed.at(-1)}, found ${JSON.stringify(text)}`,
      );
    },
    proposeCompletions: () => allowed,
  };
}

/** A whole number from `least` on, up to `most` if there is a most. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    // What is ordinary is only said of a number that is too small, or too great, for just that.
    const isNumber = /^-?\d+$/.test(text);
    const from = (isNumber && number < least) || least > 0 ? ` from ${least}` : "";
    const upTo = (isNumber && number > most) || most < Number.MAX_SAFE_INTEGER ? ` up to ${most}` : "";
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new Error(`expected a whole number${from}${upTo}, found ${JSON.stringify(text)}`);
  };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration with its unit, in ms: `50ms`, `2s`, `1.5m`, `15m`, `1h`; `0` needs none. */
export function durationMs(text: string): number {
  const ms = offsetMs(text);
  if (ms >= 0) return ms;
  throw new Error(`expected a duration that is not negative, such as 5m, found ${JSON.stringify(text)}`);
}

/** The same, and to the other side: `-5m`. */
export function offsetMs(text: string): number {
  const match = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match !== null) return Number(match[1]) * (unitMs[match[2] ?? ""] ?? 1);
  if (text === "0") return 0;
  throw new Error(`expected a duration such as 50ms, 2s or 15m, found ${JSON.stringify(text)}`);
}

/** A zone by name; `local` is this machine's. UTC is what the record and the service use, so that is the default everywhere. */
export function timeZone(text: string): string {
  if (text === "local") return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new Error(`expected UTC, local or the name of a zone such as Europe/Berlin, found ${JSON.stringify(text)}`);
  }
}

const mostLifeMs = 10 * 365 * 86_400_000;

/** A duration from a second to ten years in ms; days and weeks too: `8h`, `3d`, `1w`. */
export function lifeMs(text: string): number {
  const days = /^(\d+(?:\.\d+)?)([dw])$/.exec(text);
  const ms = days === null ? durationMs(text) : Number(days[1]) * (days[2] === "w" ? 7 : 1) * 86_400_000;
  if (ms >= 1000 && ms <= mostLifeMs) return Math.round(ms);
  throw new Error(`expected a duration from a second to ten years, such as 8h or 3d, found ${JSON.stringify(text)}`);
}

/** A moment as people write it, in wall ms: `2026-01-31`, `2026-01-31T22:00Z`, `2026-01-31T22:00+01:00`; without a zone UTC is meant. */
export function instantMs(text: string): number {
  const ms = calendarMs(text);
  if (ms !== undefined) return ms;
  throw new Error(`expected a moment such as 2026-01-31T22:00Z, found ${JSON.stringify(text)}`);
}

/** A moment in the past, in wall ms: a day or a time as above, or how long ago: `30d`. */
export function sinceMs(text: string): number {
  if (/^\d+(\.\d+)?[a-z]/.test(text)) return Date.now() - lifeMs(text);
  const ms = calendarMs(text);
  if (ms !== undefined) return ms;
  throw new Error(
    `expected a day such as 2026-01-31, a time, or how long ago such as 30d, found ${JSON.stringify(text)}`,
  );
}

/** Undefined: it is no moment, or of a day that no calendar has, which `Date.parse` takes for another one. */
function calendarMs(text: string): number | undefined {
  const [whole, date, time = "00:00", zone = "Z"] =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}${zone}`);
  const isOfCalendar = new Date(Date.parse(`${date}T00:00Z`) || 0).toISOString().startsWith(date ?? "?");
  return whole !== undefined && !Number.isNaN(ms) && isOfCalendar ? ms : undefined;
}

/** The inputs a command line gives, for the workspace. */
export function inputsOf(flags: InputFlags & { readonly service?: string }): InputOptions {
  return {
    ...(flags.set === undefined ? {} : { set: flags.set }),
    ...(flags.inputs === undefined ? {} : { inputsFile: flags.inputs }),
    ...(flags.service === undefined ? {} : { service: flags.service }),
  };
}

/** A complete command line that does `words` in the same surroundings: same program, same config. */
export function commandLine(io: Io, flags: { readonly config?: string }, words: readonly string[]): string {
  const config = flags.config === undefined ? [] : ["--config", flags.config];
  return [io.program, ...[...words, ...config].map(quoted)].join(" ");
}

/** Which streams take colour: NO_COLOR and --no-color win, then FORCE_COLOR, then whether a person looks at it. */
export function coloured(io: Io, flags: { readonly noColor: boolean }): Coloured {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  if (flags.noColor || (NO_COLOR !== undefined && NO_COLOR !== "")) return { stdout: false, stderr: false };
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return { stdout: true, stderr: true };
  const wanted = FORCE_COLOR !== "0" && TERM !== "dumb" && !isCi(io.env);
  return { stdout: wanted && io.stdout.isTTY === true, stderr: wanted && io.stderr.isTTY === true };
}

/** A digest as `preview --out` prints it. */
function digestText(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new Error(`expected the 64 characters that preview --out printed, found ${JSON.stringify(text)}`);
}

/** `name=value`. */
export function assignment(text: string): string {
  if (/^[^=\s]+=/.test(text)) return text;
  throw new Error(`expected name=value, found ${JSON.stringify(text)}`);
}

/** As a shell reads it; what is no character of a line stands there as an escape. */
function quoted(word: string): string {
  if (cleanText(word) !== word) return `$'${word.replace(/[^ -~]|['\\]/gu, escapeOf)}'`;
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function escapeOf(character: string): string {
  if (/['\\]/.test(character)) return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
