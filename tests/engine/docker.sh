# shellcheck shell=bash
# Docker: one that works already, or the embedded engine. Sourced after network.sh.

# The oldest Engine API whose BuildKit (0.13, Engine 26) modelcache supports.
API_FLOOR=1.45

# docker_works: whether the Docker of whoever called is one to build with. The
# embedded engine, met again through the exported environment, is not theirs.
docker_works() {
  local api
  command -v docker >/dev/null || return 1
  [[ ${DOCKER_HOST:-} != "unix://$SOCKETS/docker.sock" ]] || return 1
  api=$(timeout 10 docker version -f '{{.Server.APIVersion}}' 2>/dev/null) || return 1
  printf '%s\n' "$API_FLOOR" "$api" | sort -CV || return 1
  docker buildx version >/dev/null 2>&1
}

# adopt_docker: what `use_docker` needs to know of a Docker that works already. Its
# user's configuration (logins, plugins) is linked, never copied.
adopt_docker() {
  local entry theirs=${DOCKER_CONFIG:-$HOME/.docker}
  remember ENDPOINT "${DOCKER_HOST:-$(docker context inspect -f '{{.Endpoints.docker.Host}}')}"
  mkdir -p "$ENGINE/config"
  for entry in "$theirs"/*; do
    if [[ -e $entry && ${entry##*/} != buildx ]]; then ln -sfn "$entry" "$ENGINE/config/"; fi
  done
}

# docker_config: daemon.json; "bip" is not set, since the bridge is ours.
docker_config() {
  cat <<JSON
{
  "data-root": "$ENGINE/docker",
  "exec-root": "$SOCKETS/docker",
  "pidfile": "$SOCKETS/docker.pid",
  "hosts": ["unix://$SOCKETS/docker.sock"],
  "bridge": "$BRIDGE",
  "iptables": false,
  "ip6tables": false,
  "userland-proxy-path": "$ENGINE/bin/docker-proxy",
  "registry-mirrors": ["http://127.0.0.1:$REGISTRY_PORT"],
  "insecure-registries": ["127.0.0.1:$REGISTRY_PORT"],
  "builder": {"gc": {"enabled": false}},
  "log-level": "warn"
}
JSON
}

# fetch_init: what `docker run --init` puts into a container as its first process.
fetch_init() {
  unpacked tini "$ENGINE/tini"
  cp "$ENGINE/tini/usr/bin/tini-static" "$ENGINE/bin/docker-init"
}

# docker_process: the embedded Docker Engine; it starts its own containerd.
docker_process() {
  artefact "fetch docker-init" debian fetch_init
  network_up
  mkdir -p "$SOCKETS" "$ENGINE/config"
  [[ -f $ENGINE/config/config.json ]] || echo '{}' >"$ENGINE/config/config.json"
  docker_config >"$ENGINE/daemon.json"
  remember ENDPOINT "unix://$SOCKETS/docker.sock"
  use_docker
  if ! alive docker; then rm -f "$SOCKETS/docker.pid"; fi
  service docker "$(cat "$ENGINE/daemon.json")" dockerd --config-file "$ENGINE/daemon.json"
  ready docker docker version
}
