#!/bin/sh
# Asks apt which files a list of packages comes to, beside what the image has.
#
# usage: ask.sh OUT SECRETS RECOMMENDS PACKAGE...
#
# OUT/uris gets a line for each file. With MODELCACHE_REPORT in the environment, a failure ends well, and
# OUT/report has apt's words.
set -u
out=$1 secrets=$2 recommends=$3
shift 3

fail() {
  if [ -n "${MODELCACHE_REPORT:-}" ]; then
    cp /tmp/words "$out/report"
    exit 0
  fi
  cat /tmp/words >&2
  exit 1
}

if ! command -v apt-get >/dev/null; then
  echo "modelcache: no apt-get" >/tmp/words
  fail
fi
config=/tmp/apt.conf
{
  echo "APT::Install-Recommends \"$recommends\";"
  echo 'Acquire::ForceHash "SHA256"; Acquire::Languages "none";'
  # The image is read-only, and what apt leaves is no part of it.
  echo 'Dir::State::lists "/tmp/lists"; Dir::Cache "/tmp/cache"; Dir::Log "/tmp/log";'
  if [ -e "$secrets/ca-certificates" ]; then
    echo "Acquire::https::CAInfo \"$secrets/ca-certificates\";"
  fi
  if [ -e "$secrets/apt-config" ]; then cat "$secrets/apt-config"; fi
} >"$config"
mkdir -p /tmp/lists/partial /tmp/cache/archives/partial /tmp/log

# apt warns of an index that it can't get, and goes on with what it has.
apt-get -c "$config" -o APT::Update::Error-Mode=any update --quiet >/tmp/words 2>&1 || fail
cat /tmp/words
apt-get -c "$config" install -qq --print-uris "$@" >"$out/uris" 2>/tmp/words || fail
cat /tmp/words >&2
