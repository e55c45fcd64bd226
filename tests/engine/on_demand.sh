#!/usr/bin/env bash
# What takes its time to make or to fetch, for the tests that ask for it: stand-in base images,
# and the data of libraries.
#
#   on_demand.sh torch   python:3.13-torch: Debian's CPU build of torch, and sentence-transformers
#   on_demand.sh arm64   python:3.13-slim for arm64 too, under the one name
#   on_demand.sh musl    python:3.13-alpine: Python compiled for musl
#   on_demand.sh data    files that tiktoken and NLTK download, which a Python package ships
#
# `arm64` also registers an emulator with the kernel: so the machine runs arm64 programs
# from then on, until it is started anew.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
for part in packages bases suite musl; do
  # shellcheck disable=SC1090
  source "$HERE/$part.sh"
done
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
((EUID == 0)) || die "these images are made by root"
command -v apt-get >/dev/null || die "these images are made of Debian's packages: apt-get is missing"
lock
use_docker
mkdir -p "$ENGINE/tmp"
repository=127.0.0.1:$REGISTRY_PORT/library/python
recipe=$(digest <"$HERE/bases.sh")

# torch_image: pip must not bring a torch of its own, with gigabytes for graphics cards: it
# finds Debian's. Of Debian's other modules it must know nothing: some are too old for it, and
# it cannot remove what dpkg put there; its own come first on the path.
torch_image() {
  local work flags
  work=$(mktemp -d -p "$ENGINE/tmp")
  read -ra flags < <(eval "$("$HERE/env.sh")" && echo "$MODELCACHE_BUILD_FLAGS")
  cat >"$work/Dockerfile" <<DOCKERFILE
FROM $repository:3.13-torch-bare
ARG PIP_INDEX_URL
RUN --mount=type=secret,id=ca-certificates \
    if [ -f /run/secrets/ca-certificates ]; then export PIP_CERT=/run/secrets/ca-certificates; fi; \
    export PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1; \
    cd /usr/lib/python3/dist-packages && find . -maxdepth 1 -name '*-info' ! -name 'torch-*' ! -name 'numpy-*' -exec rm -r {} + && \
    pip install sentence-transformers==6.2.0 transformers==5.23.0 && \
    python -c 'import sentence_transformers'
DOCKERFILE
  docker buildx build --builder modelcache-main --progress plain --provenance=false --push "${flags[@]}" \
    -t "$repository:3.13-torch" "$work" >"$ENGINE/log/torch.log" 2>&1 ||
    die "python:3.13-torch cannot be made; see $ENGINE/log/torch.log"
  rm -rf "$work"
}

# emulate_arm64: the kernel hands arm64 programs to qemu, in containers too.
emulate_arm64() {
  packages qemu-user-static binfmt-support arch-test
  if [[ ! -e /proc/sys/fs/binfmt_misc/status ]]; then
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || die "this kernel cannot be taught to run arm64 programs (binfmt_misc)"
  fi
  if ! arch-test arm64 >/dev/null; then update-binfmts --enable qemu-aarch64; fi
  arch-test arm64 >/dev/null || die "arm64 programs do not run under qemu"
}

# both_platforms: one name for the two images.
both_platforms() {
  docker buildx imagetools create --builder modelcache-main -t "$repository:3.13-slim" "$repository:3.13-slim" "$repository:3.13-slim-arm64" \
    >"$ENGINE/log/arm64.log" 2>&1 || die "python:3.13-slim cannot be made an index; see $ENGINE/log/arm64.log"
}

# fetch_data: the genuine files, as `data/tiktoken/SHA1` and `data/nltk/FOLDER/NAME/…`.
fetch_data() {
  local work static
  work=$(mktemp -d -p "$ENGINE/tmp")
  python3 -m pip download -q --no-deps --only-binary :all: -d "$work" "$1" >&2 ||
    die "the Python package $1 cannot be downloaded"
  python3 -m zipfile -e "$work"/*.whl "$work/wheel"
  static=$work/wheel/llama_index/core/_static
  rm -rf "$ENGINE/data"
  mkdir "$work/data"
  mv "$static/tiktoken_cache" "$work/data/tiktoken"
  mv "$static/nltk_cache" "$work/data/nltk"
  mv "$work/data" "$ENGINE/data"
  rm -rf "$work"
}

case ${1:-} in
  data)
    artefact "fetch the data of libraries" llama-index-core==0.12.52 fetch_data llama-index-core==0.12.52
    ;;
  torch)
    artefact "Debian with torch" "$recipe" python_image trixie 3.13-torch-bare "$NATIVE" python3-torch
    artefact "python:3.13-torch" "$recipe $(declare -f torch_image | digest)" torch_image
    ;;
  arm64)
    [[ $NATIVE == amd64 ]] || die "arm64 is emulated on amd64 only; this machine is $NATIVE"
    emulate_arm64
    # Docker Hub's image is for both.
    if [[ $IMAGES == docker-hub ]]; then exit; fi
    artefact "python:3.13-slim for arm64" "$recipe" python_image trixie 3.13-slim-arm64 arm64
    artefact "python:3.13-slim for both" "$recipe" both_platforms
    ;;
  musl)
    # Docker Hub's own.
    if [[ $IMAGES == docker-hub ]]; then exit; fi
    artefact "python:3.13-alpine" "$(cat "$HERE/musl.sh" "$HERE/musl/Cargo.lock" | digest)" musl_image
    ;;
  *) die "usage: on_demand.sh torch|arm64|musl|data" ;;
esac
