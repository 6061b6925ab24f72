#!/usr/bin/env bash
# check.sh PLAN…: say whether everything still is as these plans want it. Nothing is changed. Exit 0, or the code of the last
# plan that says otherwise: 2 is drift.
set -euo pipefail
"$(dirname "$0")/state.sh"
. "$(dirname "$0")/inputs.sh"
. "$(dirname "$0")/as-text.sh"
worst=0
for plan in "$@"; do
  if ! inputs_of "$plan"; then
    worst=3
    continue
  fi
  as_text rollcall check "$plan" "${inputs[@]}" --config "$ROLLCALL_CONFIG" --without-secrets </dev/null || worst=$?
done
exit "$worst"
