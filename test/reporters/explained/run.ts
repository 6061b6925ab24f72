import type { ExplainedRun } from "../../../runner/core/model/explained.ts";
import { runId } from "../../../runner/core/model/item.ts";

/** A run that is explained. */
export const explained = (types: ExplainedRun["types"]): ExplainedRun => ({
  run: runId("20261123T204700Z-k3m7q"),
  plan: "assign-product",
  planFile: "/w/.rollcall/runs/20261123T204700Z-k3m7q/plan.yaml",
  service: "simulator",
  endpoint: "http://127.0.0.1:4711/jsonapi",
  list: "EnumerateAccountStatistics",
  now: 1_795_000_000,
  status: "previewed",
  types,
});
