# shellcheck shell=bash
# The programs: Docker Engine, containerd, runc, BuildKit, buildx and the docker
# command, compiled from the Go modules tools/ and runc/. Sourced after lib.sh.

# version MODULE: as go.mod pins it, without the decoration that only Go needs.
version() {
  (cd "$HERE/tools" && go list -m -f '{{.Version}}' "$1") | sed 's/^v//; s/+incompatible$//'
}

# versions: linker flags that tell the programs their versions; compiled as
# dependencies they would not know them.
versions() {
  local module package
  while read -r module package; do
    printf -- ' -X %s/%s.Version=%s' "$module" "$package" "$(version "$module")"
  done <<'PACKAGES'
github.com/moby/moby/v2 dockerversion
github.com/docker/cli cli/version
github.com/docker/buildx version
github.com/moby/buildkit version
github.com/containerd/containerd/v2 version
PACKAGES
}

# compile MODULE CGO FLAG...: the tools of a Go module into .engine/bin.
compile() {
  local module=$1 cgo=$2 work
  shift 2
  work=$(mktemp -d -p "$ENGINE/tmp")
  (cd "$HERE/$module" && CGO_ENABLED=$cgo go build -trimpath "$@" -o "$work/" tool) ||
    die "the Go tools in tests/engine/$module do not compile"
  mkdir -p "$ENGINE/bin"
  mv "$work"/* "$ENGINE/bin/"
  rmdir "$work"
}

# compile_buildctl: the one tool needed beside a Docker that works.
compile_buildctl() {
  mkdir -p "$ENGINE/bin"
  (cd "$HERE/tools" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$ENGINE/tmp/buildctl" github.com/moby/buildkit/cmd/buildctl) ||
    die "buildctl does not compile"
  mv "$ENGINE/tmp/buildctl" "$ENGINE/bin/"
}

# The docker command's module has no go.mod, for which Go assumes the language of 1.16.
compile_tools() {
  compile tools 0 -ldflags "-s -w$(versions)" -gcflags 'github.com/docker/cli/cmd/docker=-lang=go1.25'
}
compile_runc() {
  packages gcc libc6-dev pkg-config libseccomp-dev
  compile runc 1 -tags seccomp -ldflags '-s -w'
}

# need_go: one sentence instead of a page of errors.
need_go() {
  command -v go >/dev/null || die "Go is missing: it compiles the engine and the test doubles (see tests/engine/tools/go.mod for the version)"
}

# tools: everything of the embedded engine.
tools() {
  need_go
  artefact "compile Docker Engine and BuildKit" \
    "$(cat "$HERE/tools/go.mod" "$HERE/tools/go.sum" "$HERE/tools.sh" | digest) $(go version)" compile_tools
  artefact "compile runc" "$(cat "$HERE/runc/go.mod" "$HERE/runc/go.sum" | digest) $(go version)" compile_runc
  mkdir -p "$ENGINE/config/cli-plugins"
  ln -sf "$ENGINE/bin/buildx" "$ENGINE/config/cli-plugins/docker-buildx"
}
