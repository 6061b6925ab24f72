import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { machineRate } from "../../runner/runs/machine-rate.ts";
import { silentLog } from "../support/rpc-server.ts";

const endpoint = "https://api.example.test/jsonapi";
const newPlace = (): string => mkdtempSync(join(tmpdir(), "rate-"));
const one = { perMinute: 60, slots: 1 };

describe("the rate of a service, kept on this machine", () => {
  it("is one for all runs of one endpoint, and another for another", () => {
    const folder = join(newPlace(), "rollcall");
    const log = silentLog();
    const [first, second] = [1, 2].map(() => machineRate(endpoint, { perMinute: 60, log, folder }));
    const other = machineRate("https://api.example.test/other", { perMinute: 60, log, folder });
    expect(first!.take(one).slots).toBe(1);
    expect(second!.take(one)).toMatchObject({ slots: 0 });
    expect(second!.take(one).waitMs).toBeGreaterThan(900);
    expect(other.take(one).slots).toBe(1);
    expect(log.warnings).toEqual([]);
  });

  it("brings a pause and a slowed rate of one run to all others", () => {
    const folder = join(newPlace(), "rollcall");
    const [first, second] = [1, 2].map(() => machineRate(endpoint, { perMinute: 6000, log: silentLog(), folder }));
    first!.hold(5000);
    expect(first!.throttled({ perMinute: 6000, measured: undefined, sentAgoMs: 0 })).toBe(3000);
    const grant = second!.take({ perMinute: 6000, slots: 1 });
    expect(grant).toMatchObject({ slots: 0, slowedTo: 3000 });
    expect(grant.heldMs).toBeGreaterThan(4900);
  });

  it("is closed to other users and leaves nothing lying about", () => {
    const folder = join(newPlace(), "rollcall");
    const rate = machineRate(endpoint, { perMinute: 600_000, log: silentLog(), folder });
    for (let call = 0; call < 50; call++) rate.hold(0);
    const [name] = readdirSync(folder);
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(join(folder, name!));
    expect(files.length).toBeLessThanOrEqual(4);
    for (const file of files) expect(lstatSync(join(folder, name!, file)).mode & 0o777).toBe(0o600);
  });

  it("touches no disk before it is asked", () => {
    const place = newPlace();
    machineRate(endpoint, { perMinute: 60, log: silentLog(), folder: join(place, "rollcall") });
    expect(readdirSync(place)).toEqual([]);
  });

  const hostile: Readonly<Record<string, (place: string, folder: string) => void>> = {
    "a link to a folder of somebody else": (place, folder) => {
      mkdirSync(join(place, "elsewhere"), { mode: 0o700 });
      symlinkSync(join(place, "elsewhere"), folder);
    },
    "a link to nowhere": (place, folder) => symlinkSync(join(place, "nowhere"), folder),
    "a file": (_, folder) => writeFileSync(folder, ""),
    "a folder that everybody may write to": (_, folder) => {
      mkdirSync(folder);
      chmodSync(folder, 0o777);
    },
    "a place where everybody can rename everything": (place) => chmodSync(place, 0o777),
    "a place that is not there": (place) => rmSync(place, { recursive: true }),
  };
  for (const [what, prepare] of Object.entries(hostile)) {
    it(`${what}: it is said once, and the run keeps its rate by itself`, () => {
      const place = newPlace();
      const folder = join(place, "rollcall");
      prepare(place, folder);
      const log = silentLog();
      const rate = machineRate(endpoint, { perMinute: 60, log, folder });
      expect(rate.take(one).slots).toBe(1);
      expect(rate.take(one)).toMatchObject({ slots: 0 });
      expect(log.warnings.length).toBe(1);
      expect(log.warnings[0]).toMatch(/^The rate is kept by this run alone/);
    });
  }

  it("a disk that breaks in the middle: the same", () => {
    const folder = join(newPlace(), "rollcall");
    const log = silentLog();
    const rate = machineRate(endpoint, { perMinute: 60, log, folder });
    expect(rate.take(one).slots).toBe(1);
    rmSync(folder, { recursive: true });
    rate.take(one);
    expect(rate.take(one).slots).toBe(0);
    expect(log.warnings.length).toBe(1);
  });
});
