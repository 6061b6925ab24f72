import { openWorkspace, PlanError, RunnerError } from "rollcall";

const [file = "plans/cove/assign-product.yaml"] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

try {
  await using workspace = await openWorkspace();
  const inputs = { partner: 4001, from: 3, to: 4 };
  const plan = await workspace.loadPlan(file, { service: "simulator", inputs });

  for await (const event of workspace.preview(plan)) {
    if (event.type === "preview") console.log(`${event.counts.selected} of ${event.counts.rows} would change`);
  }

  const changes = workspace.apply(plan, {
    consent: ({ counts }) => counts.selected <= 500,
    stop: stop.signal,
  });
  for await (const event of changes) {
    if (event.type === "outcome" && event.kind !== "accepted") console.log(`${event.id}: ${event.kind}`);
    if (event.type === "end") {
      console.log(`${event.counts.confirmed} confirmed`);
      process.exitCode = event.exit;
    }
  }
} catch (error) {
  if (!(error instanceof RunnerError)) throw error;
  const problems = error instanceof PlanError ? error.problems : [];
  for (const { line, column, message } of problems) console.error(`${line}:${column} ${message}`);
  if (problems.length === 0) console.error(error.message, error.hint ?? "");
  process.exitCode = error.exitCode;
}
