#!/usr/bin/env bash
# The oldest Docker that modelcache supports: Debian 13's Docker Engine 26.1 with BuildKit 0.13,
# and the image store of that time, which lays no layers over each other without copying. And one
# below the floor: Debian 12's Docker Engine 20.10 with BuildKit 0.8.
#
#   floor.sh start [below]    starts it (or finds it running), prints its address
#   floor.sh remove [below]   ends it and removes all that it has but its programs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for part in process packages bases suite; do
  # shellcheck disable=SC1090
  source "$HERE/$part.sh"
done
recall

usage="usage: floor.sh start|remove [below]"
name=${2:-floor}
# Debian 13's runc is for a newer C library than a machine may have: the engine's own does.
case $#$name in
  1floor) suite=trixie wanted=(docker.io containerd) libraries=() driver= ;;
  2below) suite=bookworm wanted=(docker.io containerd runc) libraries=(libdevmapper1.02.1 libseccomp2) driver=vfs ;;
  *) die "$usage" ;;
esac
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
((EUID == 0)) || die "a second Docker Engine is started by root"
command -v apt-get >/dev/null || die "the oldest Docker Engine is Debian's: apt-get is missing"
root=$ENGINE/$name/root
sockets=$SOCKETS/$name

# fetch_floor NAME SUITE PACKAGE...: Debian's own files, as they are.
fetch_floor() {
  local name=$1 work
  work=$(mktemp -d -p "$ENGINE/tmp")
  debian_files "$2" "$work" "" "${@:3}"
  rm -rf "${ENGINE:?}/$name/bin"
  mkdir -p "$ENGINE/$name/bin"
  find "$work"/debian/usr/{,s}bin -type f \
    '(' -name dockerd -o -name containerd -o -name containerd-shim-runc-v2 -o -name runc ')' \
    -exec cp -t "$ENGINE/$name/bin" '{}' +
  rm -rf "$work"
}

# configuration: daemon.json. Its containers have the host's network or none.
configuration() {
  cat <<JSON
{
  "data-root": "$root",
  "exec-root": "$sockets/exec",
  "pidfile": "$sockets/docker.pid",
  "storage-driver": "$driver",
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
  packages "${libraries[@]}"
  artefact "fetch Docker Engine of $suite" "$(declare -f fetch_floor debian_files suite_files | digest)" \
    fetch_floor "$name" "$suite" "${wanted[@]}"
  PATH=$ENGINE/$name/bin:$PATH
  configuration >"$ENGINE/$name/daemon.json"
  if ! alive "$name"; then rm -f "$sockets/docker.pid"; fi
  service "$name" "$(<"$ENGINE/$name/daemon.json")" dockerd --config-file "$ENGINE/$name/daemon.json"
  ready "$name" docker -H "unix://$sockets/docker.sock" version
  printf 'unix://%s\n' "$sockets/docker.sock"
}

remove() {
  end "$name"
  unmount_below "$root"
  unmount_below "$sockets"
  rm -rf "$root" "$sockets"
}

case $1 in
  start | remove) "$1" ;;
  *) die "$usage" ;;
esac
