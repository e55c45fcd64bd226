#!/bin/sh
# Installs packages from their files, without a network, and leaves nothing that differs from run to run.
#
# usage: install.sh EPOCH FOLDER SUMS PACKAGE...
#
# FOLDER has the files, SUMS the sha256 of each; the packages were asked for, all others are
# dependencies.
set -eu
epoch=$1 folder=$2 sums=$3
shift 3
sha256sum --check --strict --quiet "$sums"
export DEBIAN_FRONTEND=noninteractive SOURCE_DATE_EPOCH="$epoch"
# It goes with the step, whose /tmp is a tmpfs.
work=$(mktemp -d /tmp/modelcache.XXXXXX)

config=$work/apt.conf
cat >"$config" <<END
APT::Install-Recommends "false"; APT::Sandbox::User "root";
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$work/none";
Dir::State::lists "$work/lists"; Dir::Cache "$work/cache"; Dir::Log "$work/log";
# Questions would be asked before, with a cache of apt's that stays: there is nobody to answer.
#clear DPkg::Pre-Install-Pkgs;
Dpkg::Use-Pty "0"; Dpkg::Options { "--log=/dev/null"; "--force-unsafe-io"; "--force-confold"; };
END
mkdir -p "$work/none" "$work/lists/partial" "$work/cache/archives/partial" "$work/log"

# What programs leave that scripts of packages run, as the image had it before.
kept='/var/log/alternatives.log /var/log/fontconfig.log /var/cache/ldconfig/aux-cache /etc/machine-id
/var/lib/dbus/machine-id /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /var/lib/dpkg/status-old /var/lib/dpkg/diversions-old
/var/lib/dpkg/statoverride-old /var/cache/apt/pkgcache.bin /var/cache/apt/srcpkgcache.bin
/var/cache/debconf/config.dat-old /var/cache/debconf/templates.dat-old'
for path in $kept; do
  if [ -e "$path" ]; then
    mkdir -p "$work/kept${path%/*}"
    cp -a "$path" "$work/kept$path"
  fi
done
touch "$work/begin"

apt-get -c "$config" install --yes --quiet "$folder"/*.deb
# So that apt can tell them from what somebody wanted.
others=$(for file in "$folder"/*.deb; do dpkg-deb -f "$file" Package; done | sort -u)
for name in "$@"; do
  others=$(echo "$others" | grep -vxF -- "${name%%[=:]*}" || true)
done
if [ -n "$others" ]; then
  # shellcheck disable=SC2086 # names have no spaces
  apt-mark -c "$config" auto $others >/dev/null
fi

for path in $kept; do
  rm -f "$path"
  if [ -e "$work/kept$path" ]; then cp -a "$work/kept$path" "$path"; fi
done
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path "$folder" \) -prune \
  -o -newer "$work/begin" -exec touch -h -d "@$epoch" {} +
