# shellcheck shell=bash
# Shared by the benchmarks: one build by one frontend, what it took, and how samples
# become cells of a table. Sourced by run.sh after the engine's lib.sh.

BENCHES=$TOP/benches
# shellcheck disable=SC2034 # same.sh and change.sh build it
EXAMPLE=$TOP/examples/embeddings
MODEL=sentence-transformers/all-MiniLM-L6-v2

die() {
  printf 'bench: %s\n' "$*" >&2
  exit 1
}
note() { printf 'bench: %s\n' "$*" >&2; }

# settings: what every build of either side is given. Both frontends come from the
# local registry under names of ours, so that neither has a longer way, and a
# frontend pushed meanwhile does not change what is measured.
settings() {
  local revision
  eval "$("$HERE/env.sh")"
  read -ra FLAGS <<<"${MODELCACHE_BUILD_FLAGS%--build-arg BUILDKIT_SYNTAX=*}"
  revision=$(curl -sf "$MODELCACHE_HUB/api/models/$MODEL" | json '["sha"]')
  DOCKERFILE_FLAGS=(--build-arg "REVISION=$revision"
    --build-arg "PIP_TRUSTED_HOST=$(cut -d/ -f3 <<<"$MODELCACHE_INDEX")")
  OURS=$MODELCACHE_REGISTRY/bench/modelcache
  THEIRS=$MODELCACHE_REGISTRY/bench/dockerfile
}

# json PATH: a value out of the JSON on stdin, by a Python subscript.
json() { python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

# build SIDE CONTEXT ARGUMENT...: one quiet build of the example. SIDE is
# modelcache, dockerfile (the same frontend image as users name on line 1) or
# builtin (the Dockerfile frontend inside the daemon). TAG chooses a frontend image.
build() {
  local side=$1 context=$2 flags=("${FLAGS[@]}")
  shift 2
  case $side in
    modelcache) flags+=(-f "$context/modelcache.yaml" --build-arg "BUILDKIT_SYNTAX=$OURS:${TAG:-1}") ;;
    dockerfile) flags+=("${DOCKERFILE_FLAGS[@]}" -f "$BENCHES/dockerfile/Dockerfile" --build-arg "BUILDKIT_SYNTAX=$THEIRS:${TAG:-1}") ;;
    builtin) flags+=("${DOCKERFILE_FLAGS[@]}" -f "$BENCHES/dockerfile/Dockerfile") ;;
  esac
  docker buildx build --progress quiet "${flags[@]}" "$@" "$context" >"$WORK/build.log" 2>&1 || {
    cat "$WORK/build.log" >&2
    die "the build by $side failed"
  }
}

# sample NAME VALUE: one more measurement of NAME.
sample() { printf '%s\n' "$2" >>"$WORK/samples/$1"; }

# timed NAME COMMAND...: samples the milliseconds that COMMAND takes as NAME.
timed() {
  local name=$1 begin=${EPOCHREALTIME/./}
  shift
  "$@"
  sample "$name" "$(((${EPOCHREALTIME/./} - begin) / 1000))"
}

# counted NAME COMMAND...: samples the requests and body bytes that the hub and the
# index serve meanwhile, as NAME.hub.requests and so on.
counted() {
  local name=$1 hub index
  shift
  hub=$(lines "$MODELCACHE_HUB_LOG") index=$(lines "$MODELCACHE_INDEX_LOG")
  "$@"
  served "$name.hub" "$MODELCACHE_HUB_LOG" "$hub"
  served "$name.index" "$MODELCACHE_INDEX_LOG" "$index"
}

lines() { if [[ -f $1 ]]; then wc -l <"$1"; else echo 0; fi; }

# served NAME LOG LINES: of what came into LOG after LINES.
served() {
  sample "$1.requests" "$(tail -n "+$(($3 + 1))" "$2" | wc -l)"
  sample "$1.bytes" "$(tail -n "+$(($3 + 1))" "$2" | awk '{ bytes += $NF } END { print bytes + 0 }')"
}

# quantiles NAME: minimum, median and maximum.
quantiles() {
  sort -n "$WORK/samples/$1" |
    awk '{ v[NR] = $1 } END { print v[1], (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[NR] }'
}

# least NAME: for counts, to which other builds on this machine can only add.
least() { quantiles "$1" | cut -d' ' -f1; }

median() { quantiles "$1" | cut -d' ' -f2; }

# spread NAME UNIT DIVISOR: a cell "min / median / max UNIT".
spread() { quantiles "$1" | awk -v unit="$2" -v by="$3" '{ printf "%.2f / **%.2f** / %.2f %s", $1 / by, $2 / by, $3 / by, unit }'; }

# ratio A B: a cell, of two numbers.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "–" }'; }

# size BYTES: a cell.
size() { awk -v bytes="$1" 'BEGIN { if (bytes < 1e5) printf "%.1f kB", bytes / 1e3; else printf "%.2f MB", bytes / 1e6 }'; }

# row CELL...: a line of a Markdown table.
row() {
  local cell
  for cell; do printf '| %s ' "$cell"; done
  printf '|\n'
}

# head_row CELL...: the first two lines of one.
head_row() {
  row "$@"
  row "${@/*/---}"
}
