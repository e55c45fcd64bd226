# shellcheck shell=bash
# Debian packages that the embedded engine needs. Sourced after lib.sh.

# apt_update: once a bring-up at most, and only if something must be installed.
apt_update() {
  if [[ -n ${APT_UPDATED:-} ]]; then return; fi
  apt-get update -qq >&2 || die "apt-get update failed: Debian's packages are needed"
  APT_UPDATED=1
}

# packages NAME...: installs those that are missing.
packages() {
  local missing=() name
  for name; do
    if [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
      missing+=("$name")
    fi
  done
  if ((${#missing[@]} == 0)); then return; fi
  apt_update
  say "installing ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >>"$ENGINE/log/apt.log" 2>&1 || die "apt-get install ${missing[*]} failed; see $ENGINE/log/apt.log"
}

# unpacked NAME FOLDER: a package's files in a folder of ours, not installed: its
# maintainer scripts would start a system service.
unpacked() {
  local work
  apt_update
  work=$(mktemp -d -p "$ENGINE/tmp")
  # As root: apt's own user may not reach into the clone.
  (cd "$work" && apt-get -o APT::Sandbox::User=root download -qq "$1" >&2) || die "Debian's package $1 cannot be downloaded"
  rm -rf "$2"
  dpkg-deb -x "$work"/*.deb "$work/root"
  mv "$work/root" "$2"
  rm -rf "$work"
}
