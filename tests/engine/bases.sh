# shellcheck shell=bash
# Stand-ins for images of Docker Hub, made on a machine that cannot reach it and
# pushed to the registry under their real names. Sourced after docker.sh.

NATIVE=$(dpkg --print-architecture)

# debian_mirror: where this machine's apt has Debian itself from.
debian_mirror() {
  # shellcheck disable=SC2016 # apt's own $(…)
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(CREATED_BY) $(REPO_URI)' |
    awk '$1 == "Debian" && $2 == "Debian" && $3 == "Packages" { print $4; exit }'
}

# apt_options: how this machine's apt reaches it (proxy, CA, time-outs); mmdebstrap
# reads no configuration of the machine's.
apt_options() {
  apt-config dump | grep -iE '^Acquire::(http|https|Retries|ForceIPv4|Proxy)[^ ]* "[^"]+"' || true
}

# debian_tree SUITE ARCH TAR [PACKAGE]: a small Debian with Python and PACKAGE as a tar: what
# the python:*-slim images have as far as builds see it, so also no EXTERNALLY-MANAGED: pip may
# install there.
debian_tree() {
  local suite=$1 arch=$2 tar=$3 package=${4:-} mirror
  packages mmdebstrap debian-archive-keyring
  if [[ -z $(apt-get indextargets) ]]; then apt_update; fi
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || die "apt has no Debian source: the stand-in base images cannot be made"
  apt_options >"$tar.conf"
  # shellcheck disable=SC2016 # $1 is the hook's, not ours
  mmdebstrap --quiet --variant=minbase --include="python3,python3-venv,python3-pip,ca-certificates${package:+,$package}" \
    --arch="$arch" \
    --aptopt="$tar.conf" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='cd "$1" && rm -rf usr/lib/python3*/EXTERNALLY-MANAGED etc/apt/apt.conf.d/99mmdebstrap var/cache/apt/* var/log/*' \
    --customize-hook='for name in python python3; do ln -s /usr/bin/python3 "$1/usr/local/bin/$name"; done; for name in pip pip3; do ln -s /usr/bin/pip3 "$1/usr/local/bin/$name"; done' \
    "$suite" "$tar" "$mirror" >&2 || die "mmdebstrap cannot make a Debian $suite"
  rm "$tar.conf"
}

# push_import TAR NAME ARCH CHANGE...: a one-layer image out of a tar, pushed as NAME.
push_import() {
  local tar=$1 image=127.0.0.1:$REGISTRY_PORT/$2 arch=$3 changes=() change
  shift 3
  for change; do changes+=(--change "$change"); done
  docker import --platform "linux/$arch" "${changes[@]}" "$tar" "$image" >/dev/null
  docker push -q "$image" >/dev/null
  docker rmi "$image" >/dev/null
}

# python_image SUITE TAG ARCH [PACKAGE]: a stand-in for python:TAG, with PACKAGE beside Python.
python_image() {
  local tar=$ENGINE/tmp/${2//[.:]/-}.tar
  debian_tree "$1" "$3" "$tar" "${4:-}"
  push_import "$tar" "library/python:$2" "$3" 'CMD ["python3"]' \
    'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'
  rm "$tar"
}

# dockerfile_image: the Dockerfile frontend from our own compile, to compare with.
dockerfile_image() {
  tar -C "$ENGINE" -cf "$ENGINE/tmp/frontend.tar" --transform 's,.*/,,' bin/dockerfile-frontend
  push_import "$ENGINE/tmp/frontend.tar" docker/dockerfile:1 "$NATIVE" 'ENTRYPOINT ["/dockerfile-frontend"]' \
    'LABEL moby.buildkit.frontend.network.none=true' \
    'LABEL moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts'
  rm "$ENGINE/tmp/frontend.tar"
}

# base_images: all of them, once.
base_images() {
  local recipe
  recipe=$(digest <"$HERE/bases.sh")
  artefact "docker/dockerfile:1" "$recipe $(digest <"$ENGINE/bin/dockerfile-frontend")" dockerfile_image
  artefact "python:3.13-slim" "$recipe" python_image trixie 3.13-slim "$NATIVE"
  artefact "python:3.11-slim" "$recipe" python_image bookworm 3.11-slim "$NATIVE"
}
