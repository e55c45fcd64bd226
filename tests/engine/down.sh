#!/usr/bin/env bash
# Ends what up.sh started, and nothing else.
#
#   down.sh         also removes .engine: images, caches, compiled tools
#   down.sh --keep  keeps it: the next `make engine` takes seconds
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$HERE/process.sh"
source "$HERE/network.sh"
lock
recall
keep=no
if [[ ${1:-} == --keep ]]; then keep=yes; fi

# A container's shim outlives a killed dockerd; it is ours if it runs our file.
end_shims() {
  local exe
  for exe in /proc/[0-9]*/exe; do
    case $(readlink "$exe" 2>/dev/null) in
      "$ENGINE"/bin/containerd* | "$ENGINE"/floor/*/containerd* | "$ENGINE"/below/*/containerd*) kill -KILL "$(cut -d/ -f3 <<<"$exe")" 2>/dev/null || true ;;
    esac
  done
}

if [[ ${MODE:-} == docker ]]; then
  use_docker
  for root in "$ENGINE"/buildkitd/*/; do
    docker buildx rm "modelcache-$(basename "$root")" >/dev/null 2>&1 || true
  done
  docker rm -f "modelcache-registry-$CLONE" >/dev/null 2>&1 || true
fi
# Docker before the rest: it still speaks to the registry while it stops.
end docker
for file in "$ENGINE"/pids/*; do
  name=${file##*/}
  if [[ $name != *.inputs ]]; then end "$name"; fi
done
end_shims
unmount_below "$ENGINE"
if [[ $SOCKETS != "$ENGINE"/* ]]; then unmount_below "$SOCKETS"; fi
network_down
rm -rf "$SOCKETS"
if [[ $keep == no ]]; then rm -rf "$ENGINE"; fi
say "down"
