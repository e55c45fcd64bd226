# shellcheck shell=bash
# Shared by every script here: where things are, how to speak, what is recorded.
# Sourced, never run. Chatter goes to stderr: stdout belongs to `engine-env`.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
# BuildKit mounts nothing below a root that a link leads to.
ENGINE=$(realpath -m "$TOP/.engine")

# A socket's path may have 107 bytes, and containerd adds some 40 to ours: a deep
# clone keeps its sockets under /run instead.
CLONE=$(printf '%s' "$TOP" | sha256sum | cut -c1-8)
SOCKETS=$ENGINE/run
if ((${#SOCKETS} > 50)); then SOCKETS=/run/modelcache-$CLONE; fi

PATH=$ENGINE/bin:$PATH:/usr/local/go/bin:/usr/sbin:/sbin
export PATH

say() { printf 'engine: %s\n' "$*" >&2; }
die() {
  printf 'engine: %s\n' "$*" >&2
  exit 1
}

# One bring-up or tear-down at a time: a second one waits for the first. The lock
# is on the scripts' folder, because .engine itself comes and goes.
lock() {
  exec 9<"$HERE"
  flock 9
}

# remember KEY VALUE: what must outlive this run (mode, ports).
remember() {
  touch "$ENGINE/state"
  grep -v "^$1=" "$ENGINE/state" >"$ENGINE/state.new" || true
  printf '%s=%q\n' "$1" "$2" >>"$ENGINE/state.new"
  mv "$ENGINE/state.new" "$ENGINE/state"
  declare -g "$1=$2"
}

# recall: what `remember` kept, as variables.
recall() {
  # shellcheck disable=SC1091
  if [[ -f $ENGINE/state ]]; then source "$ENGINE/state"; fi
}

# use_docker: the docker command speaks to the engine's Docker. The configuration is
# a folder of ours even where the Docker is not, so that builders of the same name
# in two clones stay apart.
use_docker() { export DOCKER_HOST=$ENDPOINT DOCKER_CONFIG=$ENGINE/config; }

# reachable URL: whether a public service answers, even if only to ask who we are.
reachable() {
  [[ $(curl -s -o /dev/null -w '%{http_code}' --connect-timeout 3 --max-time 6 "$1") =~ ^(2..|401)$ ]]
}

# digest: of what is on stdin.
digest() { sha256sum | cut -d' ' -f1; }

# artefact NAME INPUTS COMMAND...: runs COMMAND unless it already succeeded with
# the same INPUTS. COMMAND must leave nothing half made under its final name, so
# that an interrupted run is simply run again.
artefact() {
  local name=$1 inputs=$2 stamp=$ENGINE/stamps/${1//\//-} begin=$SECONDS
  shift 2
  if [[ -f $stamp && $(<"$stamp") == "$inputs" ]]; then return; fi
  say "$name ..."
  "$@"
  mkdir -p "$ENGINE/stamps"
  printf '%s\n' "$inputs" >"$stamp.new"
  mv "$stamp.new" "$stamp"
  say "$name: $((SECONDS - begin)) s"
}
