// The loop at scale: npm run bench:scale -- [devices …]   (10000 and 1000000 when left out)
// Needs what `npm run build` makes. Simulator and program run as processes of their own. Ratios are of the largest size over the smallest.
import { setTimeout as sleep } from "node:timers/promises";
import { finished, firstLine, openRig } from "./rig.mjs";

const sizes = process.argv.slice(2).map(Number);
if (sizes.some((size) => !Number.isInteger(size) || size < 100))
  throw new Error("Sizes are whole numbers from 100 on.");
if (sizes.length === 0) sizes.push(10_000, 1_000_000);
sizes.sort((left, right) => left - right);

const runs = [];
for (const size of sizes) runs.push(await wholeRun(size));
const [least, most] = [runs[0], runs.at(-1)];
if (least !== most) {
  const ratio = (name) => (most[name] / least[name]).toFixed(2);
  say(
    `memory, ${most.size} over ${least.size} devices: client ${ratio("client")} x, simulator ${ratio("simulator")} x`,
  );
}
await killedRun(most.size);

/** Apply from login to the confirmed end, then check the record. */
async function wholeRun(size) {
  const rig = await openRig(size);
  try {
    const run = okay(await finished(rig.rollcall("apply", "plan.yaml", "--yes")), "apply");
    const phases = await rig.phases();
    const stats = await rig.stats();
    const audit = okay(await finished(rig.rollcall("audit", "verify", "latest")), "audit verify");
    const simulator = await rig.close();
    const { selected } = phases.find(({ type }) => type === "enumerated");
    if (stats.applied !== selected || stats.devicesChanged !== selected)
      throw new Error(`lost or doubled: ${stats.applied}`);
    const lasted = secondsBetween(phases);
    const change = lasted("consent", "wave end");
    say(`${size} devices, ${selected} changed once each`);
    say(`  read the list ${lasted("start", "enumerated").toFixed(1)} s, change ${change.toFixed(1)} s`, [
      `${Math.round(selected / change)}/s`,
      `verify ${lasted("pass begin", "end").toFixed(1)} s`,
      `whole job ${run.seconds.toFixed(1)} s`,
    ]);
    say(`  peak memory: client ${mib(run.peak)}, simulator ${mib(simulator)}`);
    say(`  audit verify ${audit.seconds.toFixed(1)} s, ${mib(audit.peak)}`);
    return { size, client: run.peak, simulator };
  } finally {
    await rig.close();
  }
}

/** Kill an apply in the middle, go on with it, and check its record. */
async function killedRun(size) {
  const rig = await openRig(size);
  try {
    const running = rig.rollcall("apply", "plan.yaml", "--yes");
    running.process.stdout.resume();
    while ((await rig.stats()).devicesChanged < size / 4) await sleep(50);
    running.process.kill("SIGKILL");
    await running.ended;
    const { devicesChanged: before } = await rig.stats();
    const resumed = rig.rollcall("resume", "latest", "--json");
    await firstLine(resumed, '"type":"resume"');
    const opened = (performance.now() - resumed.began) / 1000;
    await firstLine(resumed, '"type":"intent"');
    const sent = (performance.now() - resumed.began) / 1000;
    say(`${size} devices, killed after ${before} changes`);
    say(`  resume: record read after ${opened.toFixed(1)} s, first new intent after ${sent.toFixed(1)} s`);
    const run = okay(await resumed.ended, "resume");
    const { devicesChanged, applied } = await rig.stats();
    say(`  whole resume ${run.seconds.toFixed(1)} s, ${mib(run.peak)}`, [
      `${devicesChanged} changed, ${applied - devicesChanged} of them applied twice`,
    ]);
    const audit = okay(await finished(rig.rollcall("audit", "verify", "latest")), "audit verify");
    say(`  audit verify ${audit.seconds.toFixed(1)} s, ${mib(audit.peak)}`);
  } finally {
    await rig.close();
  }
}

function okay(ended, what) {
  if (ended.code !== 0) throw new Error(`${what} ended with ${ended.code}: ${ended.said}`);
  return ended;
}

function secondsBetween(records) {
  const timeOf = (name) => {
    const [type, phase] = name.split(" ");
    return records.findLast((record) => record.type === type && record.phase === phase).up;
  };
  return (from, to) => (timeOf(to) - timeOf(from)) / 1000;
}

function mib(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function say(line, more = []) {
  console.log([line, ...more].join(", "));
}
