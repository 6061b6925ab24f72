#!/usr/bin/env bash
# changed-plans.sh BASE: the plans that differ from BASE, each followed by a NUL byte, in the current checkout.
# A plan differs too when its NAME.test.yaml or NAME.inputs.yaml does, or a CSV file that one of the three names. Plans that are
# gone are left out, and so is what a symbolic link stands for, at whichever part of its path: it could lead out of the checkout.
set -euo pipefail
. "$(dirname "$0")/paths.sh"
base=$1
plans=${ROLLCALL_PLANS:-plans}

# The plan that a file below the plans belongs to.
plan_of() {
  case $1 in
    *.test.yaml) printf '%s.yaml\0' "${1%.test.yaml}" ;;
    *.inputs.yaml) printf '%s.yaml\0' "${1%.inputs.yaml}" ;;
    *.yaml) printf '%s\0' "$1" ;;
  esac
}

# Every YAML file that names a CSV file; where none does, those beside it.
users_of() {
  git --literal-pathspecs grep --untracked -lzF -e "${1##*/}" -- "$plans" && return
  local file
  if is_linked "$1"; then return; fi
  for file in "${1%/*}"/*.yaml; do printf '%s\0' "$file"; done
}

concerned() {
  local file user
  while IFS= read -r -d '' file; do
    case $file in
      *.csv) while IFS= read -r -d '' user; do plan_of "$user"; done < <(users_of "$file") ;;
      *) plan_of "$file" ;;
    esac
  done
}

# To a file first: a base that git does not know must end the job, and not look like "nothing changed".
list=$(mktemp)
trap 'rm -f "$list"' EXIT
git --literal-pathspecs diff --name-only --no-renames -z "$base...HEAD" -- "$plans" >"$list"
concerned <"$list" | sort -zu | while IFS= read -r -d '' plan; do
  if [ -f "$plan" ] && ! is_linked "$plan"; then printf '%s\0' "$plan"; fi
done
