# shellcheck shell=bash
# Debian's files of another suite than this machine's. Sourced after bases.sh.

# debian_files SUITES FOLDER SOURCE PACKAGE...: the upstream archive of Debian's source package, of
# none if that is empty, in FOLDER, and the files of its packages in FOLDER/debian. They come from
# the first of the SUITES that has all of them: a mirror may list a version of the day that it can't
# serve. apt checks them as it does all else; this machine's own suite is left alone.
debian_files() {
  local suites=$1 folder=$2 suite file
  shift 2
  packages debian-archive-keyring
  if [[ -z $(apt-get indextargets) ]]; then apt_update; fi
  for suite in $suites; do
    rm -rf "$folder/apt"
    if suite_files "$suite" "$folder/apt" "$@"; then
      mkdir -p "$folder/debian"
      for file in "$folder/apt"/*.deb; do dpkg-deb -x "$file" "$folder/debian"; done
      if [[ -n $1 ]]; then mv "$folder/apt"/*.orig.tar.* "$folder/"; fi
      rm -rf "$folder/apt"
      return
    fi
    say "Debian $suite lacks what it lists of $*"
  done
  die "Debian's $* cannot be downloaded"
}

# suite_files SUITE FOLDER SOURCE PACKAGE...: downloads all of them from one suite, or fails.
suite_files() {
  local suite=$1 apt=$2 source=$3 mirror options kind
  shift 3
  mirror=$(debian_mirror)
  [[ -n $mirror ]] || die "apt has no Debian source: nothing of $suite can be had"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  for kind in deb deb-src; do
    echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$apt/sources.list"
  options=(-qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Retries=5
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >&2 || return
  if [[ -n $source ]]; then
    (cd "$apt" && apt-get "${options[@]}" source --download-only "$source" >&2) || return
  fi
  (cd "$apt" && apt-get "${options[@]}" download "$@" >&2)
}
