import { openWorkspace } from "rollcall";
import { lamps } from "./provider.ts";
import { startLamps } from "./service.ts";

await startLamps(Number(process.argv[2] ?? 8766));
await using workspace = await openWorkspace({ providers: [lamps] });
const plan = await workspace.loadPlan("dim.yaml", { inputs: { most: 40 } });

let run = "";
for await (const event of workspace.apply(plan, { consent: () => true })) {
  if (event.type === "run") run = event.run;
  if (event.type === "outcome" && event.kind === "lost") console.log(`${event.id}: no answer, so it is read back`);
  if (event.type === "end") console.log(`${event.counts.confirmed} confirmed, exit ${event.exit}`);
}
const { ok, records } = await workspace.audit(run);
console.log(`the record of ${records} entries is ${ok ? "whole and unchanged" : "not to be trusted"}`);
