#!/usr/bin/env bash
# Brings the engine up, or finds it up: a Docker to build and run with, a registry,
# a BuildKit daemon, and the test doubles. Run again after an interruption, it goes on.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for part in process packages tools network docker registry bases doubles; do
  # shellcheck disable=SC1090
  source "$HERE/$part.sh"
done
lock
begin=$SECONDS
[[ $(uname -s) == Linux ]] || die "the engine runs on Linux: its processes are followed through /proc"
mkdir -p "$ENGINE/tmp" "$ENGINE/log"
rm -rf "${ENGINE:?}/tmp/"*
recall

if [[ -z ${MODE:-} ]]; then
  if docker_works; then MODE=docker; else MODE=embedded; fi
fi

if [[ $MODE == docker ]]; then
  if [[ -z ${ENDPOINT:-} ]]; then adopt_docker; fi
  use_docker
  docker_works || die "the Docker that this engine was set up with is gone: make engine-down, then try again"
  need_go
  artefact "compile buildctl" "$(digest <"$HERE/tools/go.sum")" compile_buildctl
  registry_container
  remember IMAGES docker-hub
else
  [[ $EUID == 0 ]] || die "no working Docker with buildx, and the embedded engine needs root: start Docker (Engine 26 or newer), or run as root"
  command -v apt-get >/dev/null || die "no working Docker with buildx, and the embedded engine needs Debian's packages: start Docker (Engine 26 or newer)"
  tools
  registry_process
  docker_process
  # The mirror hands on what it has not: without stand-ins, that is everything.
  if [[ -z ${IMAGES:-} ]]; then
    packages curl
    if reachable https://registry-1.docker.io/v2/; then remember IMAGES docker-hub; else remember IMAGES stand-ins; fi
  fi
  if [[ $IMAGES == stand-ins ]]; then base_images; fi
fi
remember MODE "$MODE"
doubles
"$HERE/buildkitd.sh" start main >/dev/null
if ((SECONDS - begin > 5)); then say "up after $((SECONDS - begin)) s"; fi
