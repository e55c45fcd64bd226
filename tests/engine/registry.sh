# shellcheck shell=bash
# The registry: holds what is pushed, and stands in for Docker Hub where that is
# out of reach. Sourced after process.sh.

fetch_registry() { unpacked docker-registry "$ENGINE/docker-registry"; }

# registry_process: Debian's docker-registry on a loopback port.
registry_process() {
  artefact "fetch the registry" debian fetch_registry
  port registry REGISTRY_PORT 5000
  mkdir -p "$ENGINE/registry"
  cat >"$ENGINE/registry.yml" <<YML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $ENGINE/registry}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$REGISTRY_PORT"}
YML
  service registry "$(cat "$ENGINE/registry.yml")" \
    "$ENGINE/docker-registry/usr/bin/docker-registry" serve "$ENGINE/registry.yml"
  ready registry listening "$REGISTRY_PORT"
}

# registry_container: the same as a container, for a Docker that we did not start:
# its daemon may be on a machine of its own, whose loopback only it can reach.
registry_container() {
  local name=modelcache-registry-$CLONE
  if [[ $(docker inspect -f '{{.State.Running}}' "$name" 2>/dev/null) != true ]]; then
    docker rm -f "$name" >/dev/null 2>&1 || true
    docker run -d --name "$name" -p 127.0.0.1::5000 registry:2 >/dev/null ||
      die "the registry image registry:2 cannot be run on this Docker"
  fi
  remember REGISTRY_PORT "$(docker port "$name" 5000/tcp | head -n 1 | sed 's/.*://')"
}
