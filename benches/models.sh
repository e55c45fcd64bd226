#!/usr/bin/env bash
# Builds manifests of 25, 50 and 100 models of 20 files each on an empty daemon, and
# prints what the frontend's process and the builds take, as a Markdown table.
# Linear is when a column grows as the number of models does.
#
#   models.sh [COUNT...]   other numbers of models
source "$(dirname "${BASH_SOURCE[0]}")/../tests/engine/lib.sh"
# shellcheck source=../tests/engine/process.sh
source "$HERE/process.sh"
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
eval "$("$HERE/env.sh")"
counts=("${@:-25 50 100}")
read -ra counts <<<"${counts[*]}"
daemon=bench-models
WORK=$(mktemp -d)
HUB=
cleanup() {
  if [[ -n $HUB ]]; then kill "$HUB" 2>/dev/null || true; fi
  "$HERE/buildkitd.sh" remove $daemon
  rm -rf "$WORK"
}
trap cleanup EXIT

# models COUNT: that many repositories on the hub, and a manifest that names them. A model
# has 20 files: weights with a true header, a config, and 18 small files.
models() {
  mkdir -p "$WORK/context"
  python3 - "$WORK" "$1" <<'PYTHON'
import json, pathlib, struct, sys

work, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
lines = ["# syntax=myorg/modelcache:1", "base: python:3.13-slim", "models:"]
for number in range(count):
    name = f"bench/of-{count}-number-{number}"
    lines.append(f"  - {name}")
    folder = work / "hub" / name
    folder.mkdir(parents=True)
    data = f"{name} ".encode() * 4096
    header = json.dumps({"w": {"dtype": "U8", "shape": [len(data)], "data_offsets": [0, len(data)]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + data)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "name": name}))
    for part in range(18):
        (folder / f"part-{part}.json").write_text(json.dumps({"name": name, "part": part}))
(work / "context" / "modelcache.yaml").write_text("\n".join(lines) + "\n")
PYTHON
  rm -f "$WORK/context/modelcache.lock.json"
}

# hub: a double of our own, so that nobody else's requests are counted. Sets HUB and hub.
hub() {
  local number=7010
  while listening $number || listening $((number + 1)); do number=$((number + 2)); done
  mkdir -p "$WORK/hub"
  "$ENGINE/bin/hub" -listen "127.0.0.1:$number" -cdn "localhost:$((number + 1))" -root "$WORK/hub" -log "$WORK/requests" &
  HUB=$! hub=http://127.0.0.1:$number
  until listening $number; do kill -0 $HUB || die "the hub double does not start"; done
}

# measured_frontend: the frontend's image with benches/measure around it, whose report on CPU
# time and memory the daemon writes to its log. Sets `image`.
measured_frontend() {
  image=$MODELCACHE_REGISTRY/bench/models:measured
  mkdir "$WORK/wrap"
  (cd "$TOP/benches/measure" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$WORK/wrap/measure" .) ||
    die "benches/measure does not compile"
  printf 'FROM %s\nCOPY measure /measure\nENTRYPOINT ["/measure", "/modelcache", "frontend"]\n' "${FRONTEND:-$MODELCACHE_SYNTAX}" |
    docker buildx build --builder modelcache-$daemon --progress quiet --provenance=false \
      --output "type=image,name=$image,push=true" -f - "$WORK/wrap" >/dev/null
}

# reports: what benches/measure has written to the daemon's log, one line a process.
reports() {
  if [[ $MODE == embedded ]]; then cat "$ENGINE/log/buildkitd-$daemon.log"; else docker logs "buildx_buildkit_mc-$CLONE-$daemon" 2>&1; fi |
    grep -o 'measured cpu_us=.*' || true
}

# build ARGUMENT...: one build; sets `took` (s), `cpu` (ms), `peak` (MB), `requests`, `ops`.
build() {
  local begin before asked
  before=$(reports | wc -l)
  asked=$(wc -l <"$WORK/requests")
  begin=${EPOCHREALTIME/./}
  docker buildx build --builder modelcache-$daemon --progress rawjson --network host --build-arg "HF_ENDPOINT=$hub" \
    --build-arg "BUILDKIT_SYNTAX=$image" -f "$WORK/context/modelcache.yaml" "$@" "$WORK/context" >"$WORK/build.log" 2>&1 ||
    { tail -n 20 "$WORK/build.log" >&2 && die "the build failed"; }
  took=$(awk -v us=$((${EPOCHREALTIME/./} - begin)) 'BEGIN { printf "%.1f", us / 1e6 }')
  requests=$(($(wc -l <"$WORK/requests") - asked))
  ops=$(grep -o '"digest":"sha256:[0-9a-f]*"' "$WORK/build.log" | sort -u | wc -l)
  [[ $(reports | tail -n "+$((before + 1))") =~ cpu_us=([0-9]+)\ peak_kib=([0-9]+)\ floor_kib=([0-9]+) ]] ||
    die "the frontend's report is not in the daemon's log"
  cpu=$((BASH_REMATCH[1] / 1000)) peak=$((BASH_REMATCH[2] / 1024))
}

"$HERE/buildkitd.sh" start $daemon >/dev/null
measured_frontend
hub
printf '| models × 20 files | build | time | frontend CPU | frontend peak | vertices shown | requests |\n| --- | --- | --- | --- | --- | --- | --- |\n'
line() { printf '| %d | %s | %s s | %d ms | %d MB | %d | %d |\n' "$1" "$2" "$took" "$cpu" "$peak" "$ops" "$requests"; }
for count in "${counts[@]}"; do
  models "$count"
  build --output type=cacheonly && line "$count" "cold"
  build --output type=cacheonly && line "$count" "warm, no lock"
  build --target lock --output "$WORK/context" && line "$count" "lock"
  build --output type=cacheonly && line "$count" "warm, locked"
  build --output type=cacheonly && line "$count" "the same again"
done
