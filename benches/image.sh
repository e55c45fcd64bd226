# shellcheck shell=bash
# What a builder downloads before a frontend runs for the first time. Sourced by run.sh.

# from IMAGE TAIL OUTPUT: the image as it is, with more Dockerfile lines, exported.
from() {
  printf 'FROM %s\n%b' "$1" "$2" | docker buildx build --builder modelcache-main --progress quiet \
    --provenance=false --output "$3" -f - "$WORK/empty" >/dev/null || die "$1 cannot be exported"
}

# adopt NAME SOURCE: gives a frontend's image its name in the benchmark.
adopt() {
  docker buildx imagetools create --builder modelcache-main --progress quiet --prefer-index=false -t "$1:1" "$2" ||
    die "the image $2 cannot be copied"
}

# inspect NAME IMAGE: samples the sizes of IMAGE; its layout stays in WORK/NAME.
inspect() {
  from "$2" "" "type=oci,tar=false,dest=$WORK/$1"
  python3 "$BENCHES/oci.py" "$WORK/$1" layers >"$WORK/$1.layers"
  sample "$1.layers" "$(wc -l <"$WORK/$1.layers")"
  sample "$1.compressed" "$(awk '{ bytes += $2 } END { print bytes }' "$WORK/$1.layers")"
  from "$2" "" "type=oci,tar=false,dest=$WORK/$1.zstd,compression=zstd,compression-level=19,force-compression=true"
  sample "$1.zstd" "$(python3 "$BENCHES/oci.py" "$WORK/$1.zstd" layers | awk '{ bytes += $2 } END { print bytes }')"
  from "$2" "" "type=tar,dest=$WORK/$1.tar"
  sample "$1.binary" "$(tar -tvf "$WORK/$1.tar" | awk '$3 > most { most = $3 } END { print most }')"
}

image() {
  local source=docker/dockerfile:1
  if [[ $IMAGES == stand-ins ]]; then source=$MODELCACHE_REGISTRY/$source; fi
  note "frontend images"
  adopt "$OURS" "$MODELCACHE_SYNTAX"
  adopt "$THEIRS" "$source"
  inspect modelcache "$OURS:1"
  inspect dockerfile "$THEIRS:1"
}

image_table() {
  local what name
  head_row "frontend image" modelcache docker/dockerfile:1 ratio
  while read -r what name; do
    row "$name" "$(size "$(median "modelcache.$what")")" "$(size "$(median "dockerfile.$what")")" \
      "$(ratio "$(median "modelcache.$what")" "$(median "dockerfile.$what")")"
  done <<'ROWS'
compressed compressed layers, as pushed (gzip)
zstd the same in zstd, level 19
binary binary
ROWS
  row layers "$(median modelcache.layers)" "$(median dockerfile.layers)" ""
}
