#!/usr/bin/env bash
# Compares modelcache with a Dockerfile written for the same image, side by side in
# one run, and prints the figures as Markdown tables. See README.md.
#
#   run.sh [ROUNDS]   ROUNDS of no-change builds, 10 if not said; a fifth as many cold ones
source "$(dirname "${BASH_SOURCE[0]}")/../tests/engine/lib.sh"
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
for part in lib image process same change; do
  # shellcheck disable=SC1090
  source "$TOP/benches/$part.sh"
done
rounds=${1:-10}
[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "usage: run.sh [ROUNDS]"

WORK=$(mktemp -d)
mkdir "$WORK/samples" "$WORK/empty"
cleanup() {
  "$HERE/buildkitd.sh" remove bench-modelcache
  "$HERE/buildkitd.sh" remove bench-dockerfile
  docker rmi modelcache-bench-{modelcache,locked,dockerfile,builtin} >/dev/null 2>&1 || true
  rm -rf "$WORK"
}
trap cleanup EXIT

begin=$SECONDS
settings
image
process
same "$rounds"
# The index fetches what it has not yet from afar: not in a measured build.
python3 -m pip download -q --no-deps --no-cache-dir -d "$WORK/wheels" -i "$MODELCACHE_INDEX" "uvicorn==$BUMPED" >&2
for ((round = 0; round < (rounds + 4) / 5; round++)); do change "$((round + 1))"; done

printf 'Docker %s, %s cores, load %s; %d s in all.\n\n' "$(docker version -f '{{.Server.Version}}')" \
  "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$((SECONDS - begin))"
image_table
echo
process_table
echo
same_table
echo
change_table
