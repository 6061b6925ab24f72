#!/usr/bin/env bash
# apply.sh FOLDER OUT: ACTION=apply makes the changes of FOLDER/DIGEST.ndjson, once; ACTION=resume goes on with RUN. Runs in a
# checkout of the default branch. OUT gets the reports.
#   DIGEST   what the reviewer has seen in the comment
#   CONFIRM  the number of items, for a destructive plan
#   ROLLCALL_STATE  the folder that keeps the record of all runs from job to job
set -euo pipefail
folder=$1
out=$2
mkdir -p "$out"
here=$(dirname "$0")
. "$here/inputs.sh"
. "$here/as-text.sh"
"$here/state.sh"

refuse() {
  echo "$1" >&2
  exit 5
}

# What is applied is what was merged: `apply --of` compares the change set with the plan of this checkout that the preview has
# named, with its inputs, and with the files that these name. Sets `plan` and `inputs`.
find_merged() {
  local wanted file
  wanted=$(cat "$1" 2>/dev/null) || refuse "There is no $1: preview the plan again."
  while IFS= read -r -d '' file; do
    if [ "$file" = "$wanted" ]; then
      plan=$file
      inputs_of "$plan"
      return
    fi
  done < <(git ls-files -z -- "${ROLLCALL_PLANS:-plans}")
  refuse "The plan of this change set is not in this checkout: merge it first."
}

newest() {
  rollcall runs --json --config "$ROLLCALL_CONFIG" | node -p 'JSON.parse(fs.readFileSync(0, "utf8")).runs[0]?.run ?? ""'
}

before=$(newest)
code=0
case $ACTION in
  apply)
    [[ $DIGEST =~ ^[0-9a-f]{64}$ ]] || refuse "DIGEST has to be the 64 characters of the comment."
    changes=$folder/$DIGEST.ndjson
    [ -f "$changes" ] || refuse "There is no change set $DIGEST in what that preview has left."
    find_merged "$folder/$DIGEST.plan"
    # Signatures that were merged count: docs/approval.md.
    for signature in "approvals/$DIGEST.ndjson.approval-"*.json; do
      if [ -f "$signature" ]; then cp "$signature" "$folder/"; fi
    done
    consent=(--yes)
    if [ -n "${CONFIRM:-}" ]; then consent=(--confirm "$CONFIRM"); fi
    as_text rollcall apply "$changes" --digest "$DIGEST" --of "./$plan" "${inputs[@]}" "${consent[@]}" --wait 30m --config "$ROLLCALL_CONFIG" || code=$?
    run=$(newest)
    ;;
  resume)
    [[ $RUN =~ ^[0-9]{8}T[0-9]{6}Z-[a-z2-7]{5}$ ]] || refuse "RUN has to be the id of a run."
    as_text rollcall resume "$RUN" --wait 30m --config "$ROLLCALL_CONFIG" || code=$?
    run=$RUN
    ;;
  *) refuse "ACTION is apply or resume." ;;
esac

# Refused before it began: there is no run to report.
if [ "$ACTION" = resume ] || [ "$run" != "$before" ]; then
  rollcall report "$run" --config "$ROLLCALL_CONFIG" --format html --force --out "$out/report.html"
  rollcall report "$run" --config "$ROLLCALL_CONFIG" --format junit --force --out "$out/junit.xml"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then with_commands rollcall report "$run" --config "$ROLLCALL_CONFIG" --format github; fi
fi

# 8: nothing is wrong, and something is still to come. GitHub knows no yellow; GitLab does (allow_failure).
if [ "$code" = 8 ] && [ "${GITHUB_ACTIONS:-}" = true ]; then
  echo "::warning title=Rollcall::Not over yet (exit code 8). The scheduled job looks again."
  exit 0
fi
exit "$code"
