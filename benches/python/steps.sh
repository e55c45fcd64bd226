# shellcheck shell=bash
# The steps: changes of the requirements, and builders that have nothing but a registry's
# cache. Sourced by python.sh.

# lock STEP: the lock as it is after STEP, made on another machine's builder: what that
# fetches, the one that builds does not have.
lock() {
  BUILDER=elsewhere measured "$1.lock" elsewhere build modelcache --target lock --output "$WORK/context"
}

# step NAME: one build by each side, pushed. Who begins changes each time.
step() {
  local side
  note "$1"
  lock "$1"
  SIDES=("${SIDES[@]:1}" "${SIDES[0]}")
  for side in "${SIDES[@]}"; do
    measured "$1.$side" "$side" build "$side" --output "type=image,name=$PUSH:$side,push=true"
    pushed "$1.$side" "$side" "$side"
  done
}

# warm_up: the index has what all steps need, so that nobody waits for the one behind it;
# the base image's layers are in the registry.
warm_up() {
  local version
  note "fetching what the index has not"
  for version in 0.27.2 0.28.1; do
    edit "s/^httpx==.*/httpx==$version/"
    python3 -m pip download -q --no-cache-dir -d "$WORK/wheels" -i "$INDEX_URL" httpx==$version itsdangerous==2.2.0 >&2
  done
  rm -rf "$WORK/wheels"
  printf 'FROM python:3.13-slim\n' >"$WORK/Dockerfile"
  for version in 2.5.5 2.5.4; do
    context
    edit "s/^numpy==.*/numpy==$version/"
    build uv --output type=cacheonly
  done
  DOCKERFILE=$WORK/Dockerfile build uv --output "type=image,name=$PUSH:base,push=true"
  layers base | cut -d' ' -f1 >"$WORK/base.seen"
  empty uv
}

changes() {
  local daemon
  for daemon in "${SIDES[@]}" elsewhere; do empty "$daemon"; done
  context
  warm_up
  step cold
  cp "$WORK/context/modelcache.lock.json" "$WORK/lock.json"
  step same
  edit 's/^httpx==.*/httpx==0.28.1/'
  step small
  edit 's/^numpy==.*/numpy==2.5.5/'
  step large
  echo itsdangerous==2.2.0 >>"$WORK/context/requirements.txt"
  step add
  edit '/^sqlalchemy/d'
  step remove
}

# fresh STEP SIDE: the build on an empty daemon with the registry's cache.
fresh() {
  empty "$2"
  measured "$1.$2" "$2" build "$2" --cache-from "type=registry,ref=$PUSH:cache-$2" \
    --output "type=image,name=$PUSH:$2,push=true"
  pushed "$1.$2" "$2" "$2"
}

fresh_builders() {
  local side
  note "fresh builders"
  for side in "${SIDES[@]}"; do
    measured "export.$side" "$side" build "$side" --output type=cacheonly \
      --cache-to "type=registry,ref=$PUSH:cache-$side,mode=max"
  done
  for side in "${SIDES[@]}"; do fresh fresh-same "$side"; done
  edit 's/^httpx==.*/httpx==0.27.2/'
  lock fresh-small
  for side in "${SIDES[@]}"; do fresh fresh-small "$side"; done
  for side in pip uv elsewhere; do "$HERE/buildkitd.sh" remove "bench-$side"; done
}

# rows STEP TITLE
rows() {
  local side what cells
  for what in time cpu bytes pushed; do
    cells=()
    for side in modelcache pip uv; do cells+=("$(cell "$1.$side.$what" "$what")"); done
    case $what in
      time) row "**$2**" time "${cells[@]}" ;;
      cpu) row "" CPU "${cells[@]}" ;;
      bytes) row "" "from the index" "${cells[@]}" ;;
      pushed) row "" "pushed" "${cells[@]}" ;;
    esac
  done
  if [[ -f $WORK/samples/$1.lock.time ]]; then
    row "" "lock, on another builder" "$(cell "$1.lock.time" time), $(cell "$1.lock.bytes" bytes)" "" ""
  fi
}

# cell NAME KIND
cell() {
  if [[ ! -f $WORK/samples/$1 ]]; then
    printf –
  elif [[ $2 == time || $2 == cpu ]]; then
    median "$1" | awk '{ printf "%.2f s", $1 / 1000 }'
  else
    size "$(median "$1")"
  fi
}

changes_table() {
  head_row "change" "" modelcache "pip, cache mount" "uv, cache mount"
  rows cold "everything, on an empty daemon"
  rows same "nothing"
  rows small "httpx 0.28.0 to 0.28.1"
  rows large "numpy 2.5.4 to 2.5.5"
  rows add "itsdangerous added"
  rows remove "sqlalchemy removed"
}

fresh_table() {
  head_row "fresh builder, registry cache" "" modelcache "pip, cache mount" "uv, cache mount"
  row "**the cache exported**" time "$(cell export.modelcache.time time)" "$(cell export.pip.time time)" "$(cell export.uv.time time)"
  rows fresh-same "nothing changed"
  rows fresh-small "httpx 0.28.1 to 0.27.2"
}
