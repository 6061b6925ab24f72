#!/usr/bin/env bash
# To be sourced. A pull request may bring links, of files and of folders, that lead out of its checkout. The parts of a path are cut
# off here and not by `dirname`: what it prints loses the line breaks at its end, and names may have some.

# Whether a path below the current folder is a link, or goes through one. One that lies elsewhere is the runner's own.
is_linked() {
  local path=${1#"$PWD"/}
  path=${path#./}
  case $path in /*) return 1 ;; esac
  while [ -n "$path" ]; do
    if [ -L "$path" ]; then return 0; fi
    case $path in */*) path=${path%/*} ;; *) return 1 ;; esac
  done
  return 1
}

# An empty folder that was not there before: whatever is in its place goes away, links as links.
fresh_folder() {
  local path=${1%/} parent=.
  case $path in */*) parent=${path%/*} ;; esac
  if [ -z "$path" ] || is_linked "$parent" || [[ $(pwd -P)/ = "$(realpath -m -- "$parent")/${path##*/}"/* ]]; then
    printf '%q can not be made anew: name a folder that no link leads to, and that does not hold the checkout.\n' "$path" >&2
    return 3
  fi
  rm -rf -- "$path"
  mkdir -- "$path"
}
