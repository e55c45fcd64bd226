#!/usr/bin/env bash
# The oldest Docker that modelcache supports: Debian 13's Docker Engine 26.1 with BuildKit 0.13,
# and the image store of that time, which lays no layers over each other without copying.
#
#   floor.sh start    starts it (or finds it running), prints its address
#   floor.sh remove   ends it and removes all that it has but its programs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for part in process packages bases suite; do
  # shellcheck disable=SC1090
  source "$HERE/$part.sh"
done
recall

usage="usage: floor.sh start|remove"
[[ $# == 1 ]] || die "$usage"
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
((EUID == 0)) || die "a second Docker Engine is started by root"
command -v apt-get >/dev/null || die "the oldest Docker Engine is Debian's: apt-get is missing"
root=$ENGINE/floor/root
sockets=$SOCKETS/floor

# fetch_floor: Debian's own files, as they are; its runc is for a newer C library.
fetch_floor() {
  local work
  work=$(mktemp -d -p "$ENGINE/tmp")
  debian_files trixie "$work" "" docker.io containerd
  rm -rf "$ENGINE/floor/bin"
  mkdir -p "$ENGINE/floor/bin"
  cp "$work"/debian/usr/sbin/dockerd "$work"/debian/usr/bin/{containerd,containerd-shim-runc-v2} "$ENGINE/floor/bin/"
  rm -rf "$work"
}

# configuration: daemon.json. Its containers have the host's network or none.
configuration() {
  cat <<JSON
{
  "data-root": "$root",
  "exec-root": "$sockets/exec",
  "pidfile": "$sockets/docker.pid",
  "hosts": ["unix://$sockets/docker.sock"],
  "bridge": "none",
  "iptables": false,
  "ip6tables": false,
  "registry-mirrors": ["http://127.0.0.1:$REGISTRY_PORT"],
  "insecure-registries": ["127.0.0.1:$REGISTRY_PORT"],
  "log-level": "warn"
}
JSON
}

start() {
  lock
  mkdir -p "$ENGINE/tmp" "$root" "$sockets"
  artefact "fetch the oldest Docker Engine" "$(declare -f fetch_floor debian_files suite_files | digest)" fetch_floor
  PATH=$ENGINE/floor/bin:$PATH
  configuration >"$ENGINE/floor/daemon.json"
  if ! alive floor; then rm -f "$sockets/docker.pid"; fi
  service floor "$(<"$ENGINE/floor/daemon.json")" dockerd --config-file "$ENGINE/floor/daemon.json"
  ready floor docker -H "unix://$sockets/docker.sock" version
  printf 'unix://%s\n' "$sockets/docker.sock"
}

remove() {
  end floor
  unmount_below "$root"
  unmount_below "$sockets"
  rm -rf "$root" "$sockets"
}

case $1 in
  start | remove) "$1" ;;
  *) die "$usage" ;;
esac
