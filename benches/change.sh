# shellcheck shell=bash
# What each kind of change costs, on daemons of the benchmark's own. Sourced by run.sh.

# The version of uvicorn, a small package, that the example is moved to.
BUMPED=0.53.0

# step CHANGE SIDE: one build after CHANGE, measured in every way, down to the image's
# finished layers.
step() {
  local -x BUILDX_BUILDER=modelcache-bench-$2
  counted "$1.$2" timed "$1.$2" measured "$1.$2" "bench-$2" build "$2" "$WORK/context" --output type=image,push=false
}

# layers CHANGE SIDE: samples the bytes of layers that no earlier call for SIDE has
# seen: what a push would send.
layers() {
  local -x BUILDX_BUILDER=modelcache-bench-$2
  build "$2" "$WORK/context" --provenance=false --output "type=oci,tar=false,dest=$WORK/layout"
  touch "$WORK/$2.seen"
  python3 "$BENCHES/oci.py" "$WORK/layout" layers | grep -vFf "$WORK/$2.seen" >"$WORK/new" || true
  sample "$1.$2.pushed" "$(awk '{ bytes += $2 } END { print bytes + 0 }' "$WORK/new")"
  cut -d' ' -f1 "$WORK/new" >>"$WORK/$2.seen"
  rm -rf "$WORK/layout"
}

# each COMMAND...: for one side after the other; who goes first changes every time, so
# that what else the machine does meets both alike.
each() {
  SIDES=("${SIDES[1]}" "${SIDES[0]}")
  "$@" "${SIDES[0]}"
  "$@" "${SIDES[1]}"
}

# empty SIDE: its daemon, with nothing in it.
empty() {
  "$HERE/buildkitd.sh" remove "bench-$1"
  "$HERE/buildkitd.sh" start "bench-$1" >/dev/null
  rm -f "$WORK/$1.seen"
}

# change ROUND: a cold build, builds without a change, and each kind of change.
change() {
  local number
  note "what a change costs: round $1"
  # Whoever built cold first in the last round finds the files in memory in this one.
  SIDES=(modelcache dockerfile)
  if (($1 % 2)); then SIDES=(dockerfile modelcache); fi
  rm -rf "$WORK/context"
  cp -r "$EXAMPLE" "$WORK/context"
  each empty
  each step cold
  each layers cold
  for number in {1..5}; do each step same; done
  for number in {1..3}; do
    printf '# %s\n' "$1.$number" >>"$WORK/context/main.py"
    each step code
  done
  each layers code
  sed -i "s/^uvicorn==.*/uvicorn==$BUMPED/" "$WORK/context/requirements.txt"
  each step bump
  each layers bump
}

# change_rows CHANGE TITLE
change_rows() {
  local what name
  row "**$2**: time, min / median / max" "$(spread "$1.modelcache" s 1000)" "$(spread "$1.dockerfile" s 1000)" \
    "$(ratio "$(median "$1.modelcache")" "$(median "$1.dockerfile")")"
  while read -r what name; do
    row "$name" "$(size "$(least "$1.modelcache.$what")")" "$(size "$(least "$1.dockerfile.$what")")" \
      "$(ratio "$(least "$1.modelcache.$what")" "$(least "$1.dockerfile.$what")")"
  done <<'ROWS'
hub.bytes from the hub
index.bytes from the index
pushed new layers, compressed
ROWS
}

change_table() {
  head_row "change" modelcache "docker/dockerfile:1" ratio
  change_rows cold "everything, on an empty daemon"
  change_rows code "a line of code"
  change_rows bump "a small package's version"
}
