#!/usr/bin/env bash
# What each kind of change of a Python environment costs: by modelcache with a lock, by the
# usual Dockerfile with pip, and by one with uv, step by step on daemons of their own, in
# one run. Prints Markdown tables. See README.md.
#
#   python.sh [small|medium] [ROUNDS]   the set of packages (benches/python/), and how often
#                                       builds of what is unchanged are repeated; medium 10
source "$(dirname "${BASH_SOURCE[0]}")/../tests/engine/lib.sh"
# shellcheck source=../tests/engine/process.sh
source "$HERE/process.sh"
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
eval "$("$HERE/env.sh")"
for part in lib python/measure python/steps python/start; do
  # shellcheck disable=SC1090
  source "$TOP/benches/$part.sh"
done
SET=${1:-medium} rounds=${2:-10}
[[ -f $BENCHES/python/$SET.txt && $rounds =~ ^[1-9][0-9]*$ ]] || die "usage: python.sh [small|medium] [ROUNDS]"

WORK=$(mktemp -d)
mkdir "$WORK/samples"
SERVERS=()
cleanup() {
  local side
  for side in modelcache pip uv elsewhere; do "$HERE/buildkitd.sh" remove "bench-$side"; done
  if ((${#SERVERS[@]})); then kill "${SERVERS[@]}" 2>/dev/null || true; fi
  docker rmi modelcache-bench-compiled modelcache-bench-plain >/dev/null 2>&1 || true
  if [[ -n ${REGISTRY_CONTAINER:-} ]]; then docker rm -f "$REGISTRY_CONTAINER" >/dev/null; fi
  rm -rf "$WORK"
}
trap cleanup EXIT

begin=$SECONDS
servers
changes
fresh_builders
unchanged "$rounds"
starts
printf 'Set %s: %d wheels, %s. %s cores, load %s; %d s in all.\n\n' "$SET" "$(wheels)" "$(size "$(wheel_bytes)")" \
  "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$((SECONDS - begin))"
changes_table
echo
fresh_table
echo
unchanged_table
echo
starts_table
