import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { RunnerError } from "../../core/model/errors.ts";
import { formatVersion } from "../../core/model/events.ts";
import { cleanJson } from "../../reporters/clean.ts";
import type { FaultRule } from "../../simulator/faults.ts";
import type { Simulator } from "../../simulator/server.ts";
import type { Io } from "../io.ts";
import { files } from "../proposals.ts";
import { defineCommand, displayFlags, durationMs, offsetMs, wholeNumber, type DisplayFlags } from "../options.ts";
import { untilStopped } from "../signals.ts";

export type SimulateFlags = DisplayFlags & {
  readonly devices: number;
  readonly seed: number;
  readonly port: number;
  readonly latency: number;
  readonly lag: number;
  readonly commandTime: number;
  readonly visaTtl: number;
  readonly clockOffset: number;
  readonly maxPage?: number;
  readonly faults?: string;
  readonly witness?: "full" | "counts";
};

const flag = { kind: "parsed" } as const;

/** A witness that keeps every request of a larger fleet's changes would take gigabytes. */
const mostWitnessed = 100_000;

export const command = defineCommand<SimulateFlags, []>({
  sentence: "Start a local service to try plans against, with faults and delays if you like",
  parameters: {
    flags: {
      ...displayFlags,
      devices: { ...flag, parse: wholeNumber(0), default: "1000", placeholder: "N", brief: "How many devices" },
      seed: {
        ...flag,
        parse: wholeNumber(0),
        default: "7",
        placeholder: "N",
        brief: "Same seed, same devices and faults",
      },
      port: {
        ...flag,
        parse: wholeNumber(0, 65_535),
        default: "0",
        placeholder: "N",
        brief: "Port on 127.0.0.1; 0: any free one",
      },
      latency: { ...flag, parse: durationMs, default: "0", placeholder: "50ms", brief: "How long every call takes" },
      lag: { ...flag, parse: durationMs, default: "0", placeholder: "2s", brief: "How far lists lag behind changes" },
      commandTime: {
        ...flag,
        parse: durationMs,
        default: "50ms",
        placeholder: "50ms",
        brief: "How long a device takes to carry out a remote command",
      },
      visaTtl: { ...flag, parse: durationMs, default: "15m", placeholder: "15m", brief: "How long a session lives" },
      clockOffset: { ...flag, parse: offsetMs, default: "0", placeholder: "5m", brief: "How wrong its clock is" },
      maxPage: {
        ...flag,
        parse: wholeNumber(1),
        optional: true,
        placeholder: "N",
        brief: "Cut longer pages, silently",
      },
      faults: {
        ...flag,
        parse: String,
        proposeCompletions: files,
        optional: true,
        placeholder: "FILE",
        brief: "What goes wrong: a YAML list of rules",
      },
      witness: {
        kind: "enum",
        values: ["full", "counts"],
        optional: true,
        brief: "Keep every request, or only counts; counts above 100000 devices",
      },
    },
  },
  run: simulate,
});

/** Run the simulator until somebody stops it. */
export async function simulate(io: Io, flags: SimulateFlags): Promise<number> {
  await using simulator = await started(flags, await faultsOf(io, flags.faults));
  const { url, port, nodeUrl: node, rootPartner: partner } = simulator;
  const told = { v: formatVersion, type: "simulator", url, port, node, login: await login(), partner };
  io.stdout.write(`${flags.json ? cleanJson(told) : usage(simulator, flags)}\n`);
  await untilStopped(io.signals);
  return 0;
}

async function started(flags: SimulateFlags, faults: readonly FaultRule[]): Promise<Simulator> {
  const { startSimulator } = await import("../../simulator/server.ts");
  const { devices, seed, port, latency, lag, commandTime, visaTtl, clockOffset, maxPage } = flags;
  const witness = witnessOf(flags);
  const times = { latencyMs: latency, lagMs: lag, commandMs: commandTime };
  const service = { witness, ...times, visaTtlMs: visaTtl, clockOffsetMs: clockOffset, faults };
  try {
    return await startSimulator({ devices, seed, port, ...service, ...(maxPage === undefined ? {} : { maxPage }) });
  } catch (error) {
    if (!isPortTrouble(error)) throw error;
    throw new RunnerError("usage", `The simulator can not listen on port ${port}: ${reasonOf(error)}`, {
      cause: error,
      hint: "Leave --port out to get a free one.",
    });
  }
}

async function login(): Promise<object> {
  return (await import("../../simulator/server.ts")).defaultLogin;
}

function isPortTrouble(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "EADDRINUSE" || code === "EACCES" || code === "ERR_SOCKET_BAD_PORT";
}

function witnessOf({ witness, devices }: SimulateFlags): "full" | "counts" {
  return witness ?? (devices > mostWitnessed ? "counts" : "full");
}

function usage({ url, nodeUrl, rootPartner: partner }: Simulator, flags: SimulateFlags): string {
  const kept =
    witnessOf(flags) === "counts" ? ["Its witness keeps only counts (/stats), no requests (/witness).", ""] : [];
  return [
    `Simulator with ${flags.devices} devices at ${url} (customer ${partner}; Ctrl-C ends it). In rollcall.config.yaml:`,
    "",
    "services:",
    "  simulator:",
    "    kind: simulator",
    `    url: ${url}`,
    "",
    ...kept,
    "Then run a plan with --service simulator; the login is built in.",
    `What is asked of the devices themselves goes to their node, ${nodeUrl}, which is found by itself.`,
  ].join("\n");
}

async function faultsOf(io: Io, file: string | undefined): Promise<readonly FaultRule[]> {
  if (file === undefined) return [];
  const { parseFaults } = await import("../../simulator/faults.ts");
  try {
    return parseFaults(await readFile(resolve(io.cwd, file), "utf8"));
  } catch (error) {
    throw new RunnerError("usage", `${file}: ${reasonOf(error)}`, {
      cause: error,
      hint: "The file is a YAML list, such as: [{ fault: http-503, nth: 1 }]",
    });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
