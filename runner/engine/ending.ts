import type { FactOf } from "../core/model/events.ts";
import { isConserved } from "../core/tally/counts.ts";
import { exitCodesOf } from "../core/tally/exit.ts";
import { notStartedReasons } from "../core/tally/not-started.ts";
import type { Parts } from "./job.ts";

/** The end record: counts that add up to the enumeration, or the run is not green. */
export function ending({ book }: Parts): FactOf<"end"> {
  const { state } = book;
  const { counts, open } = state.counts();
  const notStarted = notStartedReasons(state);
  const conserved = state.selection !== undefined && isConserved(counts, open, state.selection);
  const { interrupted } = state;
  const collateral = collateralOf(state);
  const fails = collateral?.checked === true && collateral.fails === true;
  const gate = state.badGate === undefined ? {} : { gate: state.badGate };
  const gone = state.selection?.gone === undefined ? {} : { gone: state.selection.gone.count };
  const exits = exitCodesOf({ counts, notStarted, open, conserved, interrupted, collateral: fails, ...gate, ...gone });
  return {
    ...{ type: "end", counts, notStarted, conserved, sealed: open === 0, exit: exits[0] ?? 0, exits },
    ...(collateral && { collateral }),
    ...gate,
    ...gone,
    ...(state.gapMs === undefined ? {} : { gapMs: state.gapMs }),
  };
}

/** Its totals; the rest stands in the record of it. */
function collateralOf({ collateral }: Parts["book"]["state"]): FactOf<"end">["collateral"] {
  if (collateral === undefined) return undefined;
  if (!collateral.checked) return { checked: false, why: collateral.why };
  const { rows, found, touched, untouched, appeared, vanished, fails } = collateral;
  return { checked: true, rows, found, touched, untouched, appeared, vanished, ...(fails && { fails }) };
}
