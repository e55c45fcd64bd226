# shellcheck shell=bash
# Processes that outlive the script: started once, found again, ended, and never
# confused with anybody else's. Sourced after lib.sh.

# started PID: the kernel's start time of a process, in ticks since boot. With the
# number it names one process for good, though numbers are used again. Fails for a
# process that is gone, or only waits to be forgotten by its parent.
started() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The name in field 2 may hold blanks: count from behind its closing bracket.
  stat=${stat##*) }
  [[ $stat != Z* ]] && cut -d' ' -f20 <<<"$stat"
}

# alive NAME: sets PID. True only for the very process that `service` started.
alive() {
  local birth
  [[ -f $ENGINE/pids/$1 ]] || return 1
  read -r PID birth <"$ENGINE/pids/$1"
  [[ -n $birth && $(started "$PID") == "$birth" ]]
}

# service NAME SETTINGS COMMAND...: makes sure that COMMAND runs, this very build of it
# and with these SETTINGS (the text of its configuration); another one of this NAME
# is ended first.
service() {
  local name=$1 inputs
  inputs=$({ printf '%s\n' "${@:2}" && stat -c '%i %s %Y' "$(command -v "$3")"; } | digest)
  shift 2
  if alive "$name" && [[ $(<"$ENGINE/pids/$name.inputs") == "$inputs" ]]; then return; fi
  end "$name"
  mkdir -p "$ENGINE/pids" "$ENGINE/log"
  setsid "$@" >>"$ENGINE/log/$name.log" 2>&1 </dev/null 9>&- &
  printf '%s\n' "$inputs" >"$ENGINE/pids/$name.inputs"
  printf '%s %s\n' $! "$(started $!)" >"$ENGINE/pids/$name.new"
  mv "$ENGINE/pids/$name.new" "$ENGINE/pids/$name"
}

# ready NAME COMMAND...: waits until COMMAND succeeds, as long as NAME lives, at most 60 s.
ready() {
  local name=$1 begin=$SECONDS
  shift
  until "$@" >/dev/null 2>&1; do
    alive "$name" || die "$name ended: $(tail -n 3 "$ENGINE/log/$name.log" | tr '\n' ' ')"
    ((SECONDS - begin < 60)) || die "$name does not answer after 60 s; see $ENGINE/log/$name.log"
    sleep 0.1
  done
}

# end NAME: asks it to stop, insists after 20 s, forgets it. Its command line must
# name our folder, whatever the number in the file says.
end() {
  local begin=$SECONDS signal=TERM
  if alive "$1" && grep -aqF "$ENGINE" "/proc/$PID/cmdline"; then
    kill -TERM "$PID" 2>/dev/null || true
    while alive "$1"; do
      if [[ $signal == TERM ]] && ((SECONDS - begin > 20)); then
        signal=KILL
        kill -KILL "$PID" 2>/dev/null || true
      fi
      sleep 0.1
    done
  fi
  rm -f "$ENGINE/pids/$1" "$ENGINE/pids/$1.inputs"
}

# listening PORT: whether something accepts connections there on loopback.
listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# port SERVICE KEY WANTED: a free port for SERVICE, remembered under KEY. It changes
# only if SERVICE is down and somebody else has taken the remembered one.
port() {
  local number=${!2:-$3}
  if alive "$1" && [[ -n ${!2:-} ]]; then return; fi
  while listening "$number"; do number=$((number + 1)); done
  remember "$2" "$number"
}

# unmount_below FOLDER: whatever a killed daemon left mounted there, innermost first.
unmount_below() {
  local folder
  awk -v top="$1/" 'index($5 "/", top) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r folder; do umount -l "$folder"; done
}
