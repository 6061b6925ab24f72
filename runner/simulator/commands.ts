import { setTimeout as sleep } from "node:timers/promises";
import type { Devices } from "./devices.ts";
import type { DeviceValues } from "./fleet.ts";

/** Something a device tells of itself. `Time` in Unix seconds. */
export interface AuditRecord {
  readonly Id: number;
  readonly Operation: string;
  readonly Details: string;
  readonly Time: number;
}

interface Command {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface CommandsOptions {
  /** How long a device that is there takes. */
  readonly delayMs: number;
  readonly clockOffsetMs: number;
  /** Aborted when the simulator closes: what waits then never happens. */
  readonly closing: AbortSignal;
}

/** Seen within so many seconds before the fleet's "today": the device is there. */
const recently = 3 * 86_400;

/** Remote commands: queued by the service, and carried out by the device when it is there, which may be never. */
export class Commands {
  readonly #devices: Devices;
  readonly #options: CommandsOptions;
  readonly #queued = new Map<number, Command[]>();
  readonly #audits = new Map<number, AuditRecord[]>();
  #count = 0;

  constructor(devices: Devices, options: CommandsOptions) {
    this.#devices = devices;
    this.#options = options;
  }

  /** @returns The number of the command. */
  queue(device: number, command: Command): number {
    this.#queued.set(device, [...(this.#queued.get(device) ?? []), command]);
    if (this.#isThere(device)) {
      const closed = (): undefined => undefined; // nothing else can interrupt a pause
      sleep(this.#options.delayMs, undefined, { signal: this.#options.closing }).then(
        () => this.#carryOut(device),
        closed,
      );
    }
    return ++this.#count;
  }

  /** The device comes online: it does at once what was waiting. False: there is no such device. */
  online(device: number): boolean {
    if (this.#devices.change(device, { lastTimestamp: this.#seconds() }) === undefined) return false;
    this.#carryOut(device);
    return true;
  }

  /** What was carried out, the oldest first. */
  audit(device: number): readonly AuditRecord[] {
    return this.#audits.get(device) ?? [];
  }

  #isThere(id: number): boolean {
    const device = this.#devices.get(id);
    return device !== undefined && device.lastTimestamp >= device.fleet.epoch - recently;
  }

  #carryOut(device: number): void {
    const commands = this.#queued.get(device) ?? [];
    this.#queued.delete(device);
    for (const { name, parameters } of commands) {
      const values = name === "set settings" ? settingsOf(parameters) : {};
      if (Object.keys(values).length > 0) this.#devices.change(device, values);
      const records = this.#audits.get(device) ?? [];
      // Names only: a value can be a password.
      const Details = [...parameters.keys()].join(", ");
      records.push({ Id: records.length + 1, Operation: `execute command: ${name}`, Details, Time: this.#seconds() });
      this.#audits.set(device, records);
    }
  }

  #seconds(): number {
    return Math.floor((Date.now() + this.#options.clockOffsetMs) / 1000);
  }
}

/** The days that a periodicity stands for, as the columns show them. */
const daysOf: ReadonlyMap<string, number> = new Map([
  ["0", 127],
  ["1", 36],
  ["2", 32],
  ["3", 0],
]);

function settingsOf(parameters: ReadonlyMap<string, string>): Partial<DeviceValues> {
  const mailAddress = parameters.get("MailAddress");
  const mailDays = daysOf.get(parameters.get("MailSendPeriodicity") ?? "");
  return { ...(mailAddress === undefined ? {} : { mailAddress }), ...(mailDays === undefined ? {} : { mailDays }) };
}
