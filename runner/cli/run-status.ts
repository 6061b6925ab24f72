import type { RunSummary } from "../core/model/told.ts";

/** Where a run stands, in a word or two. An open one is in somebody's hands, or waits for `resume`. */
export function statusText({ status, worker, ended }: RunSummary): string {
  if (status === "unreadable") return "can not be read";
  if (status !== "open") return status;
  switch (worker?.is) {
    case "running":
      return `running (pid ${worker.pid})`;
    case "unseen":
      return `open (pid ${worker.pid} on ${worker.host})`;
    case "gone":
      return "died, resume it";
    case undefined:
      return ended === undefined ? "died, resume it" : "open, resume it";
  }
}
