# shellcheck shell=bash
# Debian's files of another suite than this machine's. Sourced after bases.sh.

# debian_files SUITE FOLDER SOURCE,... PACKAGE...: the upstream archives of Debian's source
# packages, of none if that is empty, in FOLDER, and the files of its packages in FOLDER/debian.
# apt checks them as it does all else; this machine's own suite is left alone.
debian_files() {
  local suite=$1 folder=$2 sources=${3//,/ } apt=$2/apt mirror options kind file
  shift 3
  packages debian-archive-keyring
  if [[ -z $(apt-get indextargets) ]]; then apt_update; fi
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || die "apt has no Debian source: nothing of $suite can be had"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$folder/debian"
  for kind in deb deb-src; do
    echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$apt/sources.list"
  options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >&2 || die "the list of Debian $suite cannot be downloaded"
  if [[ -n $sources ]]; then
    # shellcheck disable=SC2086 # a list
    (cd "$folder" && apt-get "${options[@]}" source --download-only $sources >&2) || die "sources of $sources cannot be downloaded"
  fi
  (cd "$apt" && apt-get "${options[@]}" download "$@" >&2) || die "Debian's $* cannot be downloaded"
  for file in "$apt"/*.deb; do dpkg-deb -x "$file" "$folder/debian"; done
  rm -rf "$apt"
}
