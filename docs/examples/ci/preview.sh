#!/usr/bin/env bash
# preview.sh BASE OUT: preview every changed plan. OUT is made anew, and gets, for the artefact of the job:
#   changes/DIGEST.ndjson   what would be applied, a file a plan
#   changes/DIGEST.plan     the path of that plan
#   comment.md              the body of a comment, below 60 000 bytes
#   junit/N.xml             for platforms that show tests
# The records of the previews themselves stay in the job.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/inputs.sh"
. "$here/as-text.sh"
base=$1
out=$2
state=$(dirname "$ROLLCALL_CONFIG")/.rollcall
room=60000  # GitHub takes 65 536 characters
most_told=12

# First of all: what the pull request has put there never becomes the artefact of this job.
fresh_folder "$out"
if [ -e "$state" ]; then
  echo "There is a $state already: previews of a pull request begin without any." >&2
  exit 3
fi
without_given_inputs
mkdir "$out/changes" "$out/junit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/changed-plans.sh" "$base" >"$work/plans"
mapfile -d '' -t plans <"$work/plans"
count=${#plans[@]}
told=$((count < most_told ? count : most_told))
share=$((told > 0 ? room / told - 1000 : 0))

{
  echo "## Rollcall"
  echo
  if [ "$count" = 0 ]; then echo "No plan was added or changed: there is nothing to preview."; fi
  if [ "$count" -gt "$told" ]; then echo "$count plans have changed; $told are shown. All change sets are in the artefact of the job."; fi
} >"$out/comment.md"

# What can be said of a plan: as code, in which nothing is a link or a mention, and no character ends it.
readable() { printf '`%s`' "$(printf '%s' "${1//[^A-Za-z0-9 .@_\/-]/?}" | cut -c 1-200)"; }

worst=0
number=0
for plan in "${plans[@]}"; do
  number=$((number + 1))
  code=0
  inputs_of "$plan" || code=$?
  if [ "$code" = 0 ]; then
    as_text rollcall preview "./$plan" "${inputs[@]}" --config "$ROLLCALL_CONFIG" --out "$work/changes.ndjson" --expires "${ROLLCALL_EXPIRES:-3d}" --without-secrets </dev/null || code=$?
  fi
  if [ "$code" != 0 ]; then worst=$code; fi

  : >"$work/page.md"
  if [ -d "$state/runs" ]; then
    rollcall report latest --config "$ROLLCALL_CONFIG" --format md --max-bytes "$((share < 4000 ? 4000 : share))" >"$work/page.md"
    rollcall report latest --config "$ROLLCALL_CONFIG" --format junit --out "$out/junit/$number.xml"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then with_commands rollcall report latest --config "$ROLLCALL_CONFIG" --format github; fi
    mv "$state" "$work/record-$number"
  fi
  digest=
  if [ -f "$work/changes.ndjson" ]; then
    digest=$(tail -n 1 "$work/changes.ndjson" | grep -o '[0-9a-f]\{64\}')
    mv "$work/changes.ndjson" "$out/changes/$digest.ndjson"
    printf '%s' "$plan" >"$out/changes/$digest.plan"
  fi
  if [ "$number" -gt "$told" ]; then continue; fi
  {
    echo
    echo "---"
    echo
    echo "**Plan** $(readable "$plan"), exit code $code"
    echo
    cat "$work/page.md"
    echo
    if [ -n "$digest" ]; then
      echo "Digest to approve and to apply: \`$digest\`"
    else
      echo "Nothing can be applied: the log of the job says why."
    fi
  } >>"$out/comment.md"
done
exit "$worst"
