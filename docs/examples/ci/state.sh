#!/usr/bin/env bash
# state.sh: have the record of this checkout kept in ROLLCALL_STATE, which outlives the job. `.rollcall` lies beside the config.
# Each script that runs Rollcall on the default branch begins with it: a record in the checkout would be gone with the next one.
set -euo pipefail
state=$(dirname "$ROLLCALL_CONFIG")/.rollcall
if [ ! -d "${ROLLCALL_STATE:-}" ]; then
  echo "ROLLCALL_STATE (${ROLLCALL_STATE:-}) is no folder of this runner. Without it nobody knows what was applied already." >&2
  exit 3
fi
if [ -e "$state" ] && [ ! -L "$state" ]; then
  echo "$state is in the checkout: take it out of the repository." >&2
  exit 3
fi
ln -sfn "$ROLLCALL_STATE" "$state"
