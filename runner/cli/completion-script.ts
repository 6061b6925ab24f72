import { completeWord } from "./verbs.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * A script that asks `rollcall` itself, as it was typed, what the word at the cursor may become. A word that ends in `/` or `=`
 * goes on, so no blank follows it.
 */
export function completionScript(shell: Shell): string {
  return `${scripts[shell].join("\n")}\n`;
}

const bash = [
  "# Completion of rollcall for bash. Load it with: source <(rollcall completion bash)",
  "_rollcall() {",
  '  local rest="${COMP_LINE:0:COMP_POINT}" breaks="${COMP_WORDBREAKS//[!=:@]/}" words=() cut="" place last word each',
  "  # bash cuts words at = : @ as well: they are put together again, up to the cursor.",
  "  for ((place = 0; place <= COMP_CWORD; place++)); do",
  '    word="${COMP_WORDS[place]}"',
  "    last=${#words[@]}",
  "    if ((place == 0)) || [[ $rest == [[:space:]]* ]]; then",
  '      rest="${rest#"${rest%%[![:space:]]*}"}"',
  '      words[last]="${rest:0:${#word}}"',
  "    else",
  '      words[last - 1]+="${rest:0:${#word}}"',
  "    fi",
  '    rest="${rest:${#word}}"',
  "  done",
  "  last=$((${#words[@]} - 1))",
  '  word="${words[last]}"',
  "  # It replaces only what stands behind the last of them.",
  '  [[ -n $breaks && $word == *[$breaks]* ]] && cut="${word%"${word##*[$breaks]}"}"',
  '  for ((place = 1; place <= last; place++)); do words[place]="${words[place]//[\\\\\\"\\\']/}"; done',
  "  COMPREPLY=()",
  "  while IFS= read -r each; do",
  "    each=\"${each%%$'\\t'*}\"",
  '    each="${each#"$cut"}"',
  "    if [[ $word == [\\\"\\']* ]]; then",
  "      # Inside quotes nothing is added that a shell could take for more than a name.",
  "      [[ $each == *[\\\"\\'\\\\\\$\\`!]* ]] && continue",
  "    else",
  '      case "$each" in *[!A-Za-z0-9_./:=,@+%~-]*) printf -v each %q "$each" ;; esac',
  '      [[ $each == *[/=] ]] || each+=" "',
  "    fi",
  '    COMPREPLY+=("$each")',
  `  done < <("\${1/#\\~/$HOME}" ${completeWord} "\${words[@]:1}" 2>/dev/null)`,
  "}",
  "complete -o nospace -F _rollcall rollcall",
];

const zsh = [
  "#compdef rollcall",
  "# Completion of rollcall for zsh. Load it, after compinit, with: source <(rollcall completion zsh)",
  "_rollcall() {",
  "  local line value",
  "  local -a whole open",
  `  for line in "\${(@f)$("\${words[1]/#\\~/$HOME}" ${completeWord} "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do`,
  "    value=\"${line%%$'\\t'*}\"",
  "    [[ -n $value ]] || continue",
  "    line=\"${value//:/\\\\:}:${line#*$'\\t'}\"",
  '    if [[ $value == *[/=] ]]; then open+=("$line"); else whole+=("$line"); fi',
  "  done",
  "  _describe -t words rollcall whole -- open -S ''",
  "}",
  'if [[ ${funcstack[1]} == _rollcall ]]; then _rollcall "$@"; else compdef _rollcall rollcall; fi',
];

const fish = [
  "# Completion of rollcall for fish. Load it with: rollcall completion fish | source",
  "function __rollcall_words",
  "    set -l words (commandline -opc)",
  "    set -l program $words[1]",
  "    set -e words[1]",
  "    set -l partial (commandline -ct)",
  `    $program ${completeWord} $words "$partial" 2>/dev/null`,
  "end",
  "complete -c rollcall -e",
  "complete -c rollcall -f -a '(__rollcall_words)'",
];

const scripts: Readonly<Record<Shell, readonly string[]>> = { bash, zsh, fish };
