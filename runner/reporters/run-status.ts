import type { RunSummary, Worker } from "../core/model/told.ts";

interface Standing extends Pick<RunSummary, "status" | "rehearsed"> {
  readonly worker?: Worker | undefined;
  /** Wall ms. Left out: it did not come to its end. */
  readonly ended?: number | undefined;
  /** Whether the list of one that sent nothing was read whole. Left out: nobody asked. */
  readonly isListRead?: boolean;
}

/** Where a run stands, in a word or two. An open one is in somebody's hands, or waits for `resume`. */
export function statusText({ status, worker, ended, isListRead, rehearsed }: Standing): string {
  if (status === "unreadable") return "can not be read";
  if (rehearsed === true && status !== "damaged") return status === "open" ? "rehearsed in part" : "rehearsed";
  if (status === "previewed" && isListRead === false) return "list not read";
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
