#!/usr/bin/env bash
# validate.sh BASE: check every changed plan, and try its test if it has one. No network, no credentials.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/inputs.sh"
. "$here/as-text.sh"
without_given_inputs
format=text
if [ "${GITHUB_ACTIONS:-}" = true ]; then format=github; fi

list=$(mktemp)
trap 'rm -f "$list"' EXIT
"$here/changed-plans.sh" "$1" >"$list"
worst=0
while IFS= read -r -d '' plan; do
  if ! inputs_of "$plan"; then
    worst=3
    continue
  fi
  with_commands rollcall validate "./$plan" "${inputs[@]}" --config "$ROLLCALL_CONFIG" --format "$format" </dev/null || worst=$?
  if is_linked "${plan%.yaml}.test.yaml"; then
    printf '%q is a symbolic link: put the test there itself.\n' "${plan%.yaml}.test.yaml" >&2
    worst=3
  elif [ -f "${plan%.yaml}.test.yaml" ]; then
    as_text rollcall test "./$plan" --config "$ROLLCALL_CONFIG" </dev/null || worst=$?
  fi
done <"$list"
exit "$worst"
