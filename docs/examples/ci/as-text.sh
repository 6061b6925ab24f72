#!/usr/bin/env bash
# To be sourced. GitHub takes each line of a job's log that begins with :: or ##[ for a command to the runner, and names and values of
# a pull request or of the service can begin so.

# Run a command; whatever it says is only text. All of it goes to one stream: of two, the end could come before what it ends.
as_text() {
  local code=0 token
  if [ "${GITHUB_ACTIONS:-}" != true ]; then
    "$@" || code=$?
    return "$code"
  fi
  token=$(node -p 'crypto.randomUUID()')
  echo "::stop-commands::$token"
  "$@" 2>&1 || code=$?
  echo
  echo "::$token::"
  return "$code"
}

# The same for one whose output is commands, each made so that no value can begin one: only its errors are text.
with_commands() {
  local code=0 said
  if [ "${GITHUB_ACTIONS:-}" != true ]; then
    "$@" || code=$?
    return "$code"
  fi
  said=$(mktemp)
  "$@" 2>"$said" || code=$?
  if [ -s "$said" ]; then as_text cat "$said"; fi
  rm -f "$said"
  return "$code"
}
