import type { FactOf } from "./events.ts";

/** Everything the changes of a saved change set were reviewed under. */
export interface SavedHeader {
  /** Wall ms: when the list was read, and until when the changes may be applied. */
  readonly created: number;
  readonly expires: number;
  /** The facts of the run that previewed them. */
  readonly start: FactOf<"start">;
  readonly enumerated: FactOf<"enumerated">;
  readonly selected: FactOf<"selected">;
  /** The plan's text. */
  readonly plan: string;
}
