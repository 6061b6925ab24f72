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
