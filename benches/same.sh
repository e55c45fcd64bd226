# shellcheck shell=bash
# A build after which nothing has changed, on the Docker that users have. Sourced by run.sh.

# tree SIDE: every path of the image: mode, owner, size, name.
tree() {
  build "$1" "$EXAMPLE" --output "type=tar,dest=$WORK/tree.tar"
  tar --numeric-owner -tvf "$WORK/tree.tar" | awk '{ $4 = $5 = ""; print }' | sort >"$WORK/$1.tree"
}

# same ROUNDS: the sides take turns, so that what else the machine does meets all alike.
same() {
  local round side
  note "nothing changed: $1 rounds"
  for side in modelcache dockerfile builtin; do
    build "$side" "$EXAMPLE" --output type=cacheonly
    build "$side" "$EXAMPLE" --load -t "modelcache-bench-$side"
  done
  tree modelcache
  tree dockerfile
  for ((round = 0; round < $1; round++)); do
    for side in modelcache dockerfile builtin; do
      counted "solve.$side" timed "solve.$side" build "$side" "$EXAMPLE" --output type=cacheonly
      timed "load.$side" build "$side" "$EXAMPLE" --load -t "modelcache-bench-$side"
    done
  done
}

same_row() {
  row "$1" "$(spread "$2.modelcache" s 1000)" "$(spread "$2.dockerfile" s 1000)" "$(spread "$2.builtin" s 1000)" \
    "$(ratio "$(median "$2.modelcache")" "$(median "$2.dockerfile")")" \
    "$(ratio "$(median "$2.modelcache")" "$(median "$2.builtin")")"
}

same_table() {
  local side requests=()
  head_row "no change, min / median / max" modelcache docker/dockerfile:1 "built-in Dockerfile" ratio "ratio to built-in"
  same_row "solve only (\`type=cacheonly\`)" solve
  same_row "solve and load (\`--load\`)" load
  for side in modelcache dockerfile builtin; do
    requests+=("$(least "solve.$side.hub.requests") + $(least "solve.$side.index.requests")")
  done
  row "requests to hub + index" "${requests[@]}" "" ""
  printf '\nBoth images have %d paths; %d lines of their listings (mode, owner, size, path) differ.\n' \
    "$(wc -l <"$WORK/modelcache.tree")" "$(comm -3 "$WORK/modelcache.tree" "$WORK/dockerfile.tree" | wc -l)"
}
