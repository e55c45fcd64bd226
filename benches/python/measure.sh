# shellcheck shell=bash
# An index and a registry of the benchmark's own, and one build with all that it took.
# Sourced by python.sh.

# shellcheck disable=SC2034 # steps.sh takes turns
SIDES=(modelcache pip uv)
FRONTEND=${FRONTEND:-$MODELCACHE_SYNTAX}

# free_port FROM: the first port that nobody listens on.
free_port() {
  local number=$1
  while listening "$number"; do number=$((number + 1)); done
  echo "$number"
}

# servers: an index that nobody else asks, and a registry that is thrown away with all
# that is pushed to it. Sets INDEX_URL, INDEX_LOG and PUSH.
servers() {
  local number
  number=$(free_port 7030)
  INDEX_URL=http://127.0.0.1:$number/simple/ INDEX_LOG=$WORK/index.requests
  "$ENGINE/bin/index" -listen "127.0.0.1:$number" -upstream "$MODELCACHE_INDEX" -cache "$WORK/index" -log "$INDEX_LOG" &
  SERVERS+=($!)
  until listening "$number"; do kill -0 "${SERVERS[-1]}" || die "the index double does not start"; done
  if [[ $MODE == docker ]]; then
    REGISTRY_CONTAINER=$(docker run -d -p 127.0.0.1::5000 registry:2)
    PUSH=127.0.0.1:$(docker port "$REGISTRY_CONTAINER" 5000/tcp | head -n 1 | sed 's/.*://')/bench
  else
    number=$(free_port 7050)
    printf '%s\n' "version: 0.1" "log: {level: warn, accesslog: {disabled: true}}" \
      "storage: {filesystem: {rootdirectory: $WORK/registry}}" "http: {addr: \"127.0.0.1:$number\"}" >"$WORK/registry.yml"
    "$ENGINE/docker-registry/usr/bin/docker-registry" serve "$WORK/registry.yml" >"$WORK/registry.log" 2>&1 &
    SERVERS+=($!)
    until listening "$number"; do kill -0 "${SERVERS[-1]}" || die "the registry does not start"; done
    PUSH=127.0.0.1:$number/bench
  fi
}

# context: the folder that is built, with the set as it is at first.
context() {
  mkdir -p "$WORK/context"
  cp "$BENCHES/python/$SET.txt" "$WORK/context/requirements.txt"
  cp "$BENCHES/python/modelcache.yaml" "$WORK/context/"
  echo 'print("ready")' >"$WORK/context/main.py"
}

# edit SED: changes the requirements.
edit() { sed -i "$1" "$WORK/context/requirements.txt"; }

# build SIDE ARGUMENT...: one build on the daemon BUILDER. A Dockerfile is read by the
# frontend inside the daemon.
build() {
  local side=$1 flags=(--network host --build-arg "PIP_INDEX_URL=$INDEX_URL")
  shift
  if [[ $MODELCACHE_BUILD_FLAGS =~ --secret\ ([^ ]+) ]]; then flags+=(--secret "${BASH_REMATCH[1]}"); fi
  if [[ $side == modelcache ]]; then
    flags+=(--build-arg "BUILDKIT_SYNTAX=$FRONTEND" -f "${MANIFEST:-$WORK/context/modelcache.yaml}")
  else
    # pip keeps what comes by plain http only from a host that it trusts.
    flags+=(--build-arg "PIP_TRUSTED_HOST=$(cut -d/ -f3 <<<"$INDEX_URL")" -f "${DOCKERFILE:-$BENCHES/python/$side.Dockerfile}")
  fi
  docker buildx build --builder "modelcache-bench-${BUILDER:-$side}" --progress "${PROGRESS:-plain}" --provenance=false \
    "${flags[@]}" "$@" "$WORK/context" >"$WORK/build.log" 2>&1 || {
    tail -n 40 "$WORK/build.log" >&2
    die "the build by $side failed"
  }
}

# cpu DAEMON: ticks that a daemon, and every process that it has waited for, took.
# Nothing where the daemon is in a container.
cpu() {
  local pid
  if [[ -f $ENGINE/pids/buildkitd-bench-$1 ]]; then
    read -r pid _ <"$ENGINE/pids/buildkitd-bench-$1"
    sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 + $14 + $15 }'
  fi
}

# measured NAME DAEMON COMMAND...: samples what COMMAND takes: NAME.time, .cpu, .bytes
# and .requests of the index.
measured() {
  local name=$1 daemon=$2 cpu asked begin
  shift 2
  cpu=$(cpu "$daemon") asked=$(lines "$INDEX_LOG") begin=${EPOCHREALTIME/./}
  "$@"
  sample "$name.time" "$(((${EPOCHREALTIME/./} - begin) / 1000))"
  if [[ -n $cpu ]]; then sample "$name.cpu" "$((($(cpu "$daemon") - cpu) * 1000 / $(getconf CLK_TCK)))"; fi
  served "$name" "$INDEX_LOG" "$asked"
}

# layers REFERENCE: digest and compressed bytes of each layer of a pushed image.
layers() {
  curl -sf -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' \
    "http://${PUSH%/*}/v2/${PUSH#*/}/manifests/$1" |
    python3 -c 'import json, sys; [print(it["digest"], it["size"]) for it in json.load(sys.stdin)["layers"]]'
}

# pushed NAME SIDE TAG: samples the bytes of layers that SIDE has not pushed before.
pushed() {
  cat "$WORK/base.seen" >>"$WORK/$2.seen"
  layers "$3" >"$WORK/layers"
  grep -vFf "$WORK/$2.seen" "$WORK/layers" >"$WORK/new" || true
  sample "$1.pushed" "$(awk '{ bytes += $2 } END { print bytes + 0 }' "$WORK/new")"
  sample "$1.layers" "$(wc -l <"$WORK/new")"
  cut -d' ' -f1 "$WORK/new" >>"$WORK/$2.seen"
}

# empty DAEMON: starts it with nothing in it.
empty() {
  "$HERE/buildkitd.sh" remove "bench-$1"
  "$HERE/buildkitd.sh" start "bench-$1" >/dev/null
}
