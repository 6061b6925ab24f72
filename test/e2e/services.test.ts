import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { exampleFor } from "../support/example.ts";
import { aria2 } from "../support/servers/aria2.ts";
import { deluge } from "../support/servers/deluge.ts";
import type { Program } from "../support/servers/program.ts";
import { transmission } from "../support/servers/transmission.ts";
import { tryton } from "../support/servers/tryton.ts";
import { programs } from "../support/servers.ts";

interface Job {
  readonly inputs: readonly string[];
  /** Of ten items. */
  readonly confirmed: number;
  readonly already?: number;
}

const jobs: Readonly<Record<string, Job>> = {
  aria2: { inputs: ["limit=1 MiB"], confirmed: 6, already: 4 },
  deluge: { inputs: ["speed=100"], confirmed: 6, already: 4 },
  nzbget: { inputs: ["category=keep", "priority=50"], confirmed: 4 },
  snapserver: { inputs: ["volume=30"], confirmed: 6, already: 4 },
  transmission: { inputs: ["label=keep", "priority=-1"], confirmed: 4 },
  // Four parties speak German, and are none of those without a language.
  tryton: { inputs: ["language=en"], confirmed: 6 },
};

function jobOf({ name }: Program) {
  const job = jobs[name];
  if (job === undefined) throw new Error(`nothing is tried on ${name}`);
  const given = job.inputs.flatMap((input) => ["--set", input]);
  const command = (verb: string, ...more: readonly string[]) => [verb, "plan.yaml", ...given, ...more];
  return { already: 0, ...job, command };
}

for (const program of programs) {
  describe.runIf(program.isAvailable)(`the example for ${program.name}`, () => {
    it("changes what it is about, proves it, and finds nothing to do the second time", async () => {
      const { command, confirmed, already } = jobOf(program);
      await using server = await program.start(10);
      const example = exampleFor(program.name, server);
      expect(await example.run(command("validate"))).toMatchObject({ exit: 0, stderr: "" });
      expect(await example.run(command("preview", "--detailed-exitcode"))).toMatchObject({ exit: 2 });
      expect(await example.run(command("apply", "--yes"))).toMatchObject({ exit: 0 });
      expect(await example.counts()).toMatchObject({ confirmed, already });
      expect(await example.run(command("apply", "--yes"))).toMatchObject({ exit: 0 });
      expect(await example.counts()).toMatchObject({ confirmed: 0, already: confirmed + already });
      expect(await example.run(["audit", "verify", "latest"])).toMatchObject({ exit: 0 });
    });
  });
}

/** A few changes a second, so that something can happen between two of them. */
const slowly = (plan: string): string => `${plan}pace: { concurrency: 1, rate: 5/s }\n`;

/** While a run is under way on thirty items, `happens`; it has to come in the middle. */
async function inTheMiddle<Server extends Awaited<ReturnType<Program["start"]>>>(
  program: Program<Server>,
  changed: (server: Server) => Promise<number>,
  happens: (server: Server) => Promise<void>,
): Promise<void> {
  await using server = await program.start(30);
  const example = exampleFor(program.name, server, slowly);
  const before = await changed(server);
  const run = example.run(jobOf(program).command("apply", "--yes"));
  while ((await changed(server)) < before + 2) await sleep(20);
  expect(await changed(server)).toBeLessThan(before + 8);
  await happens(server);
  expect(await run).toMatchObject({ exit: 0 });
  expect((await example.counts()).confirmed).toBeGreaterThanOrEqual(10);
}

const withValue = (answer: unknown, value: string): number => JSON.stringify(answer).split(value).length - 1;

describe("a session that ends in the middle of a run", () => {
  it.runIf(tryton.isAvailable)("is renewed by the login, where somebody set the password anew", () =>
    inTheMiddle(
      tryton,
      async (server) =>
        withValue(await server.call("model.party.party.search_read", [[], 0, null, null, ["lang.code"], {}]), `"en"`),
      (server) => server.endSessions(),
    ),
  );

  it.runIf(transmission.isAvailable)("is renewed by a header, where the service started anew", () =>
    inTheMiddle(
      transmission,
      async (server) => withValue(await server.call("torrent-get", { fields: ["bandwidthPriority"] }), ":-1"),
      (server) => server.restart(),
    ),
  );

  it.runIf(deluge.isAvailable)("is made whole again, where only a part of it is lost", () =>
    inTheMiddle(
      deluge,
      async (server) => withValue(await server.call("core.get_torrents_status", [{}, ["max_download_speed"]]), ":100}"),
      // The cookie holds; the daemon has to be connected again, and nobody but the run does it.
      (server) => server.restart(),
    ),
  );
});

describe("a wrong password", () => {
  for (const program of [tryton, transmission, deluge, aria2])
    it.runIf(program.isAvailable)(`is refused by ${program.name} before anything is read`, async () => {
      await using server = await program.start(1);
      const example = exampleFor(program.name, server);
      const wrong = Object.fromEntries(Object.keys(server.env).map((name) => [name, "wrong"]));
      expect(await example.run(jobOf(program).command("preview"), wrong)).toMatchObject({ exit: 4 });
    });
});

it.runIf(aria2.isAvailable)(
  "does not take a success for a change: aria2 accepts a number, and leaves it at that",
  async () => {
    await using server = await aria2.start(3);
    const example = exampleFor("aria2", server, (plan) => plan.replace("${{ string(set.limit) }}", "${{ set.limit }}"));
    expect(await example.run(["apply", "plan.yaml", "--set", "limit=500 KB", "--yes"])).toMatchObject({ exit: 7 });
    expect(await example.counts()).toMatchObject({ diverged: 3, confirmed: 0 });
  },
);
