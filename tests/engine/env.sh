#!/usr/bin/env bash
# Prints the engine's environment as `export` lines for a shell, and nothing else:
#   eval "$(make -s engine-env)"
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"

put() { printf 'export %s=%q\n' "$1" "$2"; }

registry=127.0.0.1:$REGISTRY_PORT
hub=http://127.0.0.1:$HUB_PORT
index=http://127.0.0.1:$INDEX_PORT/simple/
flags="--network host --build-arg HF_ENDPOINT=$hub --build-arg PIP_INDEX_URL=$index"

put DOCKER_HOST "$ENDPOINT"
put DOCKER_CONFIG "$ENGINE/config"
if [[ $MODE == embedded ]]; then
  put BUILDKIT_HOST "unix://$SOCKETS/main.sock"
  # Behind an inspecting proxy only the machine's own bundle knows the CA.
  bundle=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
  if [[ -f $bundle ]]; then flags="--secret id=ca-certificates,src=$bundle $flags"; fi
else
  put BUILDKIT_HOST "docker-container://buildx_buildkit_mc-$CLONE-main"
  # This Docker asks Docker Hub for myorg/modelcache:1: tell it where the image is.
  flags="$flags --build-arg BUILDKIT_SYNTAX=$registry/myorg/modelcache:1"
fi
put BUILDX_BUILDER default
put MODELCACHE_SYNTAX "$registry/myorg/modelcache:1"
put MODELCACHE_BUILD_FLAGS "$flags"
put MODELCACHE_REGISTRY "$registry"
put MODELCACHE_HUB "$hub"
put MODELCACHE_INDEX "$index"
put MODELCACHE_HUB_LOG "$ENGINE/log/hub.requests"
put MODELCACHE_INDEX_LOG "$ENGINE/log/index.requests"
put MODELCACHE_HUB_ROOT "$ENGINE/hub"
# shellcheck disable=SC2016 # expanded by the shell that reads it
printf 'export PATH=%q:"$PATH"\n' "$ENGINE/bin"
