# shellcheck shell=bash
# What the frontend's process costs on the daemon: CPU time and peak memory. Its image
# is wrapped so that the process reports on itself, in the daemon's log. Sourced by run.sh.

# wrap NAME IMAGE: pushes IMAGE:measured, with measure as its entrypoint.
wrap() {
  local entrypoint
  entrypoint=$(python3 "$BENCHES/oci.py" "$WORK/$1" entrypoint)
  (cd "$BENCHES/measure" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$WORK/wrap/measure" .) ||
    die "benches/measure does not compile"
  printf 'FROM %s\nCOPY measure /measure\nENTRYPOINT ["/measure", %s\n' "$2:1" "${entrypoint#[}" |
    docker buildx build --builder modelcache-main --progress quiet --provenance=false \
      --output "type=image,name=$2:measured,push=true" -f - "$WORK/wrap" >/dev/null ||
    die "the image $2:measured cannot be pushed"
}

# daemon_log DAEMON: what that daemon has said so far.
daemon_log() {
  if [[ $MODE == embedded ]]; then cat "$ENGINE/log/buildkitd-$1.log"; else docker logs "buildx_buildkit_mc-$CLONE-$1" 2>&1; fi
}

# reports DAEMON: what measure has written there, one line a process.
reports() { daemon_log "$1" | grep -o 'measured cpu_us=.*' || true; }

# measured NAME DAEMON COMMAND...: samples what the frontend's process cost that
# COMMAND, a build, has started on DAEMON.
measured() {
  local name=$1 daemon=$2 before
  before=$(reports "$daemon" | wc -l)
  shift 2
  TAG=measured "$@"
  [[ $(reports "$daemon" | tail -n "+$((before + 1))") =~ cpu_us=([0-9]+)\ peak_kib=([0-9]+)\ floor_kib=([0-9]+) ]] ||
    die "the frontend's report is not in the daemon's log"
  sample "$name.cpu" "${BASH_REMATCH[1]}"
  sample "$name.peak" "${BASH_REMATCH[2]}"
  sample floor "${BASH_REMATCH[3]}"
}

process() {
  note "frontend process"
  mkdir -p "$WORK/wrap"
  wrap modelcache "$OURS"
  wrap dockerfile "$THEIRS"
}

process_table() {
  local state
  head_row "frontend process, min / median / max" modelcache docker/dockerfile:1 ratio
  for state in cold same; do
    row "CPU time, ${state/same/warm}" "$(spread "$state.modelcache.cpu" ms 1000)" "$(spread "$state.dockerfile.cpu" ms 1000)" \
      "$(ratio "$(median "$state.modelcache.cpu")" "$(median "$state.dockerfile.cpu")")"
    row "peak memory, ${state/same/warm}" "$(spread "$state.modelcache.peak" MB 976.5625)" "$(spread "$state.dockerfile.peak" MB 976.5625)" \
      "$(ratio "$(median "$state.modelcache.peak")" "$(median "$state.dockerfile.peak")")"
  done
  printf '\nA peak counts only above what the wrapper itself held: %s.\n' "$(spread floor MB 976.5625)"
}
