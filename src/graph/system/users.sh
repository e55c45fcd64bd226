#!/bin/sh
# Writes the image's own files of users with a user more: packages may have added some.
#
# usage: users.sh OUT PASSWD_LINE GROUP_LINE
set -eu
out=$1

add() {
  cp "/etc/$1" "$out/$1"
  if [ -z "$2" ]; then return; fi
  name=${2%%:*}
  if grep -q "^$name:" "/etc/$1"; then
    echo "modelcache: a package has added \`$name\` to /etc/$1: choose another name" >&2
    exit 1
  fi
  # A last line may lack its end.
  if [ -n "$(tail -c 1 "$out/$1")" ]; then echo >>"$out/$1"; fi
  echo "$2" >>"$out/$1"
}

add passwd "$2"
add group "$3"
