# SPDX-License-Identifier: Apache-2.0
# What the scripts share: steps with progress, processes that are found again by their pid file.
# Sourced. The script sets `log` (everything that is not for people goes there) and `steps`.

step_number=0
step_name=

# step TEXT: says what comes now.
step() {
  step_number=$((step_number + 1))
  step_name=$1
  printf '[%d/%d] %s\n' "$step_number" "$steps" "$1"
}

# fail TEXT: says which step failed and why, and ends.
fail() {
  printf '\nFailed: %s\n%s\n' "$step_name" "$1" >&2
  [ -s "${log:-/dev/null}" ] && printf 'The log is %s\n' "$log" >&2
  exit 1
}

# logged COMMAND…: runs it with its output in the log; if it fails, the end of that is shown.
logged() {
  printf '+ %s\n' "$*" >>"$log"
  local from
  from=$(wc -l <"$log")
  "$@" >>"$log" 2>&1 || fail "$(printf '%s\n%s' "$1 ended with exit code $?:" "$(tail -n +$((from + 1)) "$log" | tail -15)")"
}

# contains GREP_ARGUMENTS…: whether a line of standard input fits. It reads all of it, unlike grep -q,
# which under pipefail makes a failure of who is still writing.
contains() { [ "$(grep -c "$@")" -gt 0 ]; }

# wait_for SECONDS TEXT COMMAND…: until the command succeeds.
wait_for() {
  local deadline=$((SECONDS + $1)) text=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || fail "gave up waiting until $text"
    sleep 0.2
  done
}

# is_running NAME: whether the process of $run/NAME.pid is the one that was started, and lives.
is_running() {
  local pid started
  read -r pid started 2>/dev/null <"$run/$1.pid" || return 1
  [ "$(start_time "$pid")" = "$started" ]
}

# start_time PID: when a process was started, in the kernel's ticks; nothing if there is none.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# start NAME COMMAND…: starts it in the background, in a session of its own, unless it runs.
# Its output goes to $run/NAME.log.
start() {
  local name=$1
  shift
  is_running "$name" && return 0
  setsid "$@" >>"$run/$name.log" 2>&1 </dev/null &
  echo "$! $(start_time $!)" >"$run/$name.pid"
}

# stop NAME [SECONDS]: asks it to end, and kills it when the time has passed.
stop() {
  local pid rest
  is_running "$1" || { rm -f "$run/$1.pid"; return 0; }
  read -r pid rest <"$run/$1.pid"
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 1 $((${2:-10} * 10))); do
    is_running "$1" || break
    sleep 0.1
  done
  is_running "$1" && kill -KILL "$pid" 2>/dev/null
  rm -f "$run/$1.pid"
}
