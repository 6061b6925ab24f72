import type { RunEvent } from "../../core/model/events.ts";

/** Shows a run while it happens. It must never throw for what an event says, and never wait: the run is pulled by its reader. */
export interface LiveReporter {
  take(event: RunEvent): void;
  /** The run is over, or failed: nothing more is drawn. */
  close(): void;
}

/** Ms of any steadily rising clock. */
export type Stopwatch = () => number;
