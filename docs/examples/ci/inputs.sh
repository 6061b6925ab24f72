# To be sourced: `inputs_of PLAN` sets the array `inputs` to the flags for the NAME.inputs.yaml beside the plan. A link could lead
# out of the checkout, to a file of the runner's that the preview would show.
. "$(dirname "${BASH_SOURCE[0]}")/paths.sh"
inputs_of() {
  local file=${1%.yaml}.inputs.yaml
  inputs=()
  if is_linked "$file"; then
    printf '%q is a symbolic link, or a folder above it is: put the inputs there themselves.\n' "$file" >&2
    return 3
  fi
  if [ -e "$file" ]; then inputs=(--inputs "./$file"); fi
}

# For plans of a pull request. One could declare the name of a secret as that of a text, and show it; and nothing of what is done with
# them needs a secret.
without_given_inputs() {
  local name names
  names=$(compgen -v ROLLCALL_INPUT_ || true)
  if [ -n "$names" ]; then
    echo "${names//$'\n'/, }: any plan of the pull request could show this. A secret input is ROLLCALL_SECRET_NAME, in the jobs that apply; others stand in NAME.inputs.yaml." >&2
    return 3
  fi
  for name in $(compgen -v ROLLCALL_SECRET_ || true); do unset "$name"; done
}
