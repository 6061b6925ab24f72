# To be sourced: `inputs_of PLAN` sets the array `inputs` to the flags for the NAME.inputs.yaml beside the plan. A link could lead
# out of the checkout, to a file of the runner's that the preview would show.
inputs_of() {
  local file=${1%.yaml}.inputs.yaml
  inputs=()
  if [ -L "$file" ]; then
    printf '%s is a symbolic link: put the inputs there themselves.\n' "$file" >&2
    return 3
  fi
  if [ -e "$file" ]; then inputs=(--inputs "./$file"); fi
}
