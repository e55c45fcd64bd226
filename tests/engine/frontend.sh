#!/usr/bin/env bash
# frontend.sh [hello]: compiles the frontend, or the example of buildkit-frontend, as one static
# binary and pushes its image to the engine's registry as myorg/modelcache:1, or myorg/hello:1.
# Nothing is done where nothing changed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
recall
[[ -n ${MODE:-} ]] || die "the engine is not up: make engine"
command -v cargo >/dev/null || PATH=$PATH:$HOME/.cargo/bin
command -v cargo >/dev/null || die "Rust is missing: cargo compiles the frontend (see rust-version in Cargo.toml)"
use_docker
case ${1:-} in
  "") program=modelcache package=(--bin modelcache) folder="" dockerfile=Dockerfile.frontend ;;
  hello) program=hello package=(-p buildkit-frontend --example hello) folder=/examples dockerfile=frontend/examples/Dockerfile ;;
  *) die "usage: frontend.sh [hello]" ;;
esac
image=127.0.0.1:$REGISTRY_PORT/myorg/$program:1

# compile: sets `binary`. musl where it is installed, else glibc linked statically: a frontend opens
# no socket and looks up no name, so that glibc needs nothing at run time.
compile() {
  local host target
  host=$(rustc -vV | sed -n 's/^host: //p')
  target=${host%-gnu}-musl
  if [[ ! -d $(rustc --print sysroot)/lib/rustlib/$target ]]; then
    target=$host
    export RUSTFLAGS="-C target-feature=+crt-static"
    # Here Rust links with lld: equal functions are kept once, relative relocations are packed.
    [[ $host != x86_64-* ]] || RUSTFLAGS+=" -C link-arg=-Wl,--icf=all,--pack-dyn-relocs=relr"
  fi
  cargo build -q --locked --profile dist "${package[@]}" --target "$target" >&2 || die "$program does not compile"
  binary=$(cargo metadata --format-version 1 --no-deps --offline | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/$target/dist$folder/$program
}

# Time and compression are fixed, so that an equal binary is an equal image and no
# builder pulls it twice.
push() {
  local work
  work=$(mktemp -d -p "$ENGINE/tmp")
  cp "$binary" "$work/$program"
  SOURCE_DATE_EPOCH=0 docker buildx build --builder modelcache-main --progress quiet --provenance=false \
    -f "$TOP/$dockerfile" --build-context "binary=$work" \
    --output "type=image,name=$image,push=true,rewrite-timestamp=true,compression-level=9,force-compression=true" \
    "$work" >/dev/null || die "the image $program cannot be pushed"
  rm -rf "$work"
}

cd "$TOP"
begin=$SECONDS
compile
if ((SECONDS - begin > 2)); then say "compile $program: $((SECONDS - begin)) s"; fi
lock
# The registry's own identity, since a container's content goes with the container.
identity=process
if [[ $MODE == docker ]]; then identity=$(docker inspect -f '{{.Id}}' "modelcache-registry-$CLONE"); fi
artefact "push $program" "$(digest <"$binary") $(digest <"$TOP/$dockerfile") $identity" push
