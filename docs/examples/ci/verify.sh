#!/usr/bin/env bash
# verify.sh: look again at every run that is not over. Nothing is changed. Exit 0 when all are, else the code of the last that is
# not: here 8 is red, since a day has passed and somebody has to look.
set -euo pipefail
"$(dirname "$0")/state.sh"
. "$(dirname "$0")/as-text.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rollcall runs --json --config "$ROLLCALL_CONFIG" >"$work/runs.json"
node -e '
  for (const { run, status, counts } of JSON.parse(fs.readFileSync(process.argv[1], "utf8")).runs) {
    if (status === "open" || status === "damaged") console.log(status, run);
    else if (status === "sealed" && counts.pending > 0) console.log("pending", run);
  }
' "$work/runs.json" >"$work/todo"
worst=0
while read -r status run; do
  case $status in
    pending) as_text rollcall verify "$run" --config "$ROLLCALL_CONFIG" </dev/null || worst=$? ;;
    damaged) as_text rollcall audit verify "$run" --config "$ROLLCALL_CONFIG" </dev/null || worst=$? ;;
    open)
      echo "Run $run was interrupted: resume it." >&2
      worst=8
      ;;
  esac
done <"$work/todo"
exit "$worst"
