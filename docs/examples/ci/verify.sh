#!/usr/bin/env bash
# verify.sh: look again at every run that is not over, one that waits for a person among them. Nothing is changed. Exit 0 when all are, else the code of the last that is
# not: here 8 is red, since a day has passed and somebody has to look.
set -euo pipefail
"$(dirname "$0")/state.sh"
. "$(dirname "$0")/as-text.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rollcall runs --json --config "$ROLLCALL_CONFIG" >"$work/runs.json"
node -e '
  const { runs } = JSON.parse(fs.readFileSync(process.argv[1], "utf8"));
  // What a rerun or an undo has taken up is looked for there.
  const takenUp = new Set(runs.flatMap(({ from }) => (from && from.kind !== "change-set" ? [from.run] : [])));
  const toGoOn = ["person", "window", "held", "interrupted"];
  for (const { run, status, counts, notStarted, exit } of runs) {
    if (status === "open" || status === "damaged") console.log(status, run);
    else if (status === "sealed" && counts.pending > 0) console.log("pending", run);
    else if (status !== "sealed" || takenUp.has(run)) continue;
    else if (exit === 8 || toGoOn.some((reason) => notStarted[reason] > 0)) console.log("waits", run);
  }
' "$work/runs.json" >"$work/todo"
worst=0
while read -r status run; do
  case $status in
    pending) as_text rollcall verify "$run" --config "$ROLLCALL_CONFIG" </dev/null || worst=$? ;;
    damaged) as_text rollcall audit verify "$run" --config "$ROLLCALL_CONFIG" </dev/null || worst=$? ;;
    waits)
      echo "Run $run waits, for a person, a window or busy items: rollcall show $run says for what. Then resume, rerun or undo it." >&2
      worst=8
      ;;
    open)
      echo "Run $run was interrupted: resume it." >&2
      worst=8
      ;;
  esac
done <"$work/todo"
exit "$worst"
