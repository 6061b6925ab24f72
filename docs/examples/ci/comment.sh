#!/usr/bin/env bash
# comment.sh FILE: add a comment to the pull request (GitHub) or merge request (GitLab) of this job. Each preview is a comment of
# its own, so that what was reviewed stays readable. The token goes in by a file: the arguments of a process can be seen by others.
set -euo pipefail
file=$1
# A pull request may have brought the file, or a link to one of the runner's, in which the token for comments stands too.
if [ ! -f "$file" ] || [ -L "$file" ] || [ -L "${file%/*}" ] || git ls-files --error-unmatch -- "$file" >/dev/null 2>&1; then
  echo "There is no file $file that the job before has made: nothing is posted." >&2
  exit 3
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node -e 'process.stdout.write(JSON.stringify({ body: fs.readFileSync(process.argv[1], "utf8") }))' "$file" >"$work/body.json"

if [ "${GITHUB_ACTIONS:-}" = true ]; then
  url=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
  printf 'Authorization: Bearer %s\n' "$COMMENT_TOKEN" >"$work/headers"
else
  url=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
  printf 'PRIVATE-TOKEN: %s\n' "$COMMENT_TOKEN" >"$work/headers"
fi
printf 'Content-Type: application/json\n' >>"$work/headers"
curl --fail --silent --show-error --max-time 60 --output /dev/null --header "@$work/headers" --data-binary "@$work/body.json" "$url"
