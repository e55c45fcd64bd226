#!/usr/bin/env bash
# The main job on a fresh machine: an image built from a manifest, then run with no
# network, a read-only root and a uid that the image does not know. Says what came
# from where, what was downloaded, and how long each part took.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
model=sentence-transformers/all-MiniLM-L6-v2
example=examples/embeddings
image=modelcache-demo
cd "$TOP"

# timed NAME COMMAND...: runs COMMAND and adds its time to the closing table.
table=()
timed() {
  local name=$1 begin
  begin=$(date +%s%N)
  shift
  "$@"
  table+=("$(printf '%-28s %7.1f s' "$name" "$((($(date +%s%N) - begin) / 100000000))e-1")")
}

# show COMMAND...: prints a command as a person would type it, then runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# traffic LOG LINES: requests and bytes that a double has served since it had LINES.
traffic() {
  tail -n "+$(($2 + 1))" "$1" | awk '{ n++; bytes += $NF } END { printf "%d requests, %.1f MB", n, bytes / 1e6 }'
}

lines() { if [[ -f $1 ]]; then wc -l <"$1"; else echo 0; fi; }

timed "engine" "$HERE/up.sh"
timed "frontend image" "$HERE/frontend.sh"
recall
eval "$("$HERE/env.sh")"
read -ra flags <<<"$MODELCACHE_BUILD_FLAGS"

case $MODE in
  docker) echo "Docker:   the one that runs on this machine" ;;
  *) echo "Docker:   the embedded engine, Docker $(docker version -f '{{.Server.Version}}')" ;;
esac
case $IMAGES in
  docker-hub) echo "Images:   Docker Hub" ;;
  *) echo "Images:   stand-ins made from Debian packages (Docker Hub cannot be reached)" ;;
esac
if reachable "https://huggingface.co/api/models/$model"; then
  echo "Models:   the public hub"
  public=yes
  read -ra flags <<<"${MODELCACHE_BUILD_FLAGS/--build-arg HF_ENDPOINT=$MODELCACHE_HUB/}"
else
  echo "Models:   the test double, with the genuine files (the public hub cannot be reached)"
  public=no
fi
echo "Packages: this machine's package index, through a counting cache"

hub_before=$(lines "$MODELCACHE_HUB_LOG")
index_before=$(lines "$MODELCACHE_INDEX_LOG")
timed "docker buildx build" show docker buildx build --load -f "$example/modelcache.yaml" -t "$image" "${flags[@]}" "$example"
timed "docker run, offline" show docker run --rm --network none --read-only --tmpfs /tmp --user 12345:12345 \
  "$image" python /app/check.py

printf '\nDownloaded by this build\n'
if [[ $public == yes ]]; then
  echo "  model hub      not counted: the public one was used"
else
  echo "  model hub      $(traffic "$MODELCACHE_HUB_LOG" "$hub_before")"
fi
echo "  package index  $(traffic "$MODELCACHE_INDEX_LOG" "$index_before")"
printf '\nTime\n'
printf '  %s\n' "${table[@]}"
