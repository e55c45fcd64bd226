# shellcheck shell=bash
# A build after which nothing has changed, on the Docker that users have. Sourced by run.sh.

# tree SIDE: every path of the image: mode, owner, size, name.
tree() {
  build "$1" "$EXAMPLE" --output "type=tar,dest=$WORK/tree.tar"
  tar --numeric-owner -tvf "$WORK/tree.tar" | awk '{ $4 = $5 = ""; print }' | sort >"$WORK/$1.tree"
}

# solved SIDE ARGUMENT...: one build of the example; the side `locked` is modelcache with a lock.
solved() {
  local side=$1
  shift
  if [[ $side == locked ]]; then build modelcache "$WORK/locked" "$@"; else build "$side" "$EXAMPLE" "$@"; fi
}

# same ROUNDS: the sides take turns, so that what else the machine does meets all alike.
same() {
  local round side
  note "nothing changed: $1 rounds"
  cp -r "$EXAMPLE" "$WORK/locked"
  build modelcache "$WORK/locked" --target lock --output "$WORK/locked"
  for side in modelcache locked dockerfile builtin; do
    solved "$side" --output type=cacheonly
    solved "$side" --load -t "modelcache-bench-$side"
  done
  tree modelcache
  tree dockerfile
  for ((round = 0; round < $1; round++)); do
    for side in modelcache locked dockerfile builtin; do
      counted "solve.$side" timed "solve.$side" solved "$side" --output type=cacheonly
      timed "load.$side" solved "$side" --load -t "modelcache-bench-$side"
    done
  done
}

# same_row TITLE SAMPLES SIDE: a row in which SIDE stands for modelcache.
same_row() {
  row "$1" "$(spread "$2.$3" s 1000)" "$(spread "$2.dockerfile" s 1000)" "$(spread "$2.builtin" s 1000)" \
    "$(ratio "$(median "$2.$3")" "$(median "$2.dockerfile")")" \
    "$(ratio "$(median "$2.$3")" "$(median "$2.builtin")")"
}

same_table() {
  local side requests=()
  head_row "no change, min / median / max" modelcache docker/dockerfile:1 "built-in Dockerfile" ratio "ratio to built-in"
  same_row "solve only (\`type=cacheonly\`), no lock" solve modelcache
  same_row "solve only, locked" solve locked
  same_row "solve and load (\`--load\`), no lock" load modelcache
  same_row "solve and load, locked" load locked
  for side in modelcache locked dockerfile builtin; do
    requests+=("$(least "solve.$side.hub.requests") + $(least "solve.$side.index.requests")")
  done
  row "requests to hub + index, no lock" "${requests[0]}" "${requests[2]}" "${requests[3]}" "" ""
  row "requests to hub + index, locked" "${requests[1]}" "${requests[2]}" "${requests[3]}" "" ""
  printf '\nBoth images have %d paths; %d lines of their listings (mode, owner, size, path) differ.\n' \
    "$(wc -l <"$WORK/modelcache.tree")" "$(comm -3 "$WORK/modelcache.tree" "$WORK/dockerfile.tree" | wc -l)"
}
