import type { Digest, ItemId, RunId } from "./item.ts";
import type { ItemState } from "./outcome.ts";

/**
 * `change-set`: reviewed in another run, saved, and applied exactly so; the digests are those of `saved`.
 * `rerun`: the items of another run that were in these states, looked at anew. `undo`: takes another run back.
 * `undoes`: what was saved, or is taken up again, takes a run back.
 */
export type Origin =
  | {
      readonly kind: "change-set";
      readonly run: RunId;
      readonly estate: string;
      readonly digest: Digest;
      readonly changeSet: Digest;
      /** Wall ms. */
      readonly expires: number;
      /** Unix seconds: when that run began. What a plan calls `run` is that run, since its requests were made there. */
      readonly began: number;
      readonly undoes?: Undone;
    }
  | { readonly kind: "rerun"; readonly run: RunId; readonly only: readonly ItemState[]; readonly undoes?: Undone }
  | ({ readonly kind: "undo" } & Undone);

/** A run that is taken back, as its record stood up to `seq`. `only`: these of its items; left out: all. */
export interface Undone {
  readonly run: RunId;
  readonly seq: number;
  readonly only?: readonly ItemId[];
}
