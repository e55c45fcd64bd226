#!/usr/bin/env bash
# An empty BuildKit daemon of one's own, for tests that need a fresh or a second one.
#
#   buildkitd.sh start NAME    starts it (or finds it running), makes the buildx
#                              builder modelcache-NAME for it, prints its address
#   buildkitd.sh remove NAME   ends it and removes its cache and its builder
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/process.sh"
recall

usage="usage: buildkitd.sh start|remove NAME (letters, digits, - and _)"
[[ $# == 2 && $2 =~ ^[A-Za-z0-9_-]+$ ]] || die "$usage"
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
verb=$1 name=$2 builder=modelcache-$2
# BuildKit mounts folders of its root by their true paths, and fails where a link leads to it.
root=$(realpath -m "$ENGINE/buildkitd/$name")
socket=$SOCKETS/$name.sock
use_docker

# buildkitd.toml. Cache collection is off: a test counts on what it built before.
# The host's network is the containers', and may be asked for by name.
configuration() {
  echo 'insecure-entitlements = ["network.host"]'
  if [[ $MODE == embedded ]]; then
    cat <<TOML
root = "$root"
[grpc]
address = ["unix://$socket"]
[worker.containerd]
enabled = false
[registry."docker.io"]
mirrors = ["127.0.0.1:$REGISTRY_PORT"]
TOML
  fi
  cat <<TOML
[worker.oci]
gc = false
networkMode = "host"
[registry."127.0.0.1:$REGISTRY_PORT"]
http = true
TOML
}

start_process() {
  mkdir -p "$root" "$SOCKETS"
  configuration >"$root/buildkitd.toml"
  service "buildkitd-$name" "$(<"$root/buildkitd.toml")" buildkitd --config "$root/buildkitd.toml"
  ready "buildkitd-$name" buildctl --addr "unix://$socket" debug workers
  docker buildx inspect "$builder" >/dev/null 2>&1 ||
    docker buildx create --name "$builder" --driver remote "unix://$socket" >/dev/null
  printf 'unix://%s\n' "$socket"
}

remove_process() {
  docker buildx rm "$builder" >/dev/null 2>&1 || true
  end "buildkitd-$name"
  unmount_below "$root"
  rm -rf "$root" "$socket"
}

# With a Docker that is not ours the daemon is a container of buildx's making, with
# this clone in its name.
node=mc-$CLONE-$name
start_container() {
  mkdir -p "$root"
  configuration >"$root/buildkitd.toml"
  docker buildx inspect "$builder" >/dev/null 2>&1 ||
    docker buildx create --name "$builder" --node "$node" --driver docker-container --driver-opt network=host \
      --buildkitd-config "$root/buildkitd.toml" >/dev/null
  docker buildx inspect --bootstrap "$builder" >/dev/null
  printf 'docker-container://buildx_buildkit_%s\n' "$node"
}

remove_container() {
  docker buildx rm "$builder" >/dev/null 2>&1 || true
  rm -rf "$root"
}

kind=process
if [[ $MODE == docker ]]; then kind=container; fi
case $verb in
  start | remove) "${verb}_$kind" ;;
  *) die "$usage" ;;
esac
