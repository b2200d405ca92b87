# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests share: a Gantry of their own, made by the quickstart's functions and taken
# down at the end, whatever happens. Sourced from the root of the source tree, with $GANTRY_BIN set.

: "${GANTRY_BIN:?names the folder with the programs}"
export GANTRY_QUICKSTART_DIR=${GANTRY_QUICKSTART_DIR:-$(mktemp -d /tmp/gantry-e2e.XXXXXX)}
export GANTRY_QUICKSTART_ID=${GANTRY_QUICKSTART_ID:-7}
. installers/lib/shell.sh
. installers/lib/containerd.sh
. installers/lib/quickstart_steps.sh

finish() {
  local code=$?
  trap - EXIT
  if [ $code -ne 0 ]; then
    for name in controller agent containerd; do
      printf '\n-- the end of %s.log\n' $name
      tail -25 "$run/$name.log" 2>/dev/null
    done
    printf '\n-- status\n'
    g status 2>&1 | head -40
    g get pods -o wide 2>&1 | head -40
    g events 2>&1 | tail -20
  fi
  steps=3 step_number=0
  stop git
  stop receiver
  take_down
  exit $code
}
trap finish EXIT

start_containerd() {
  write_containerd_config "$dir/containerd"
  start containerd containerd --config "$dir/containerd/config.toml"
  wait_for 30 "containerd answers" on_containerd "$dir/containerd" version
}

# kill_hard NAME: ends a process of ours as the loss of power would.
kill_hard() {
  local pid
  read -r pid _ <"$run/$1.pid"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null
}

check_number=0
# check TEXT COMMAND…: a test; the command must succeed.
check() {
  local text=$1
  shift
  check_number=$((check_number + 1))
  if "$@" >"$run/check.out" 2>&1; then
    printf 'ok %d - %s\n' $check_number "$text"
  else
    printf 'not ok %d - %s\n' $check_number "$text"
    sed 's/^/    /' "$run/check.out"
    exit 1
  fi
}

# eventually SECONDS TEXT COMMAND…: a test; the command must succeed within the time.
eventually() {
  local deadline=$((SECONDS + $1)) text=$2
  shift 2
  until "$@" >/dev/null 2>&1 || [ $SECONDS -ge $deadline ]; do sleep 0.3; done
  check "$text" "$@"
}

# containers: id and process id of every running container, pause containers included.
containers() { on_containerd "$dir/containerd" tasks list | awk 'NR > 1 { print $1, $2 }' | sort; }

# ready_times: when each pod last became Ready.
ready_times() { g get pods -o json | grep -A8 '"type": "Ready"' | grep lastTransitionTime | sort; }

# push TEXT: commits what is in $checkout and pushes it.
push() {
  git -C "$checkout" add -A
  git -C "$checkout" commit -q -m "$1"
  git -C "$checkout" push -q origin HEAD:main
}

message_of() { g get application "$1" -o yaml; }
says() { message_of "$1" | tr '\n' ' ' | tr -s ' ' | contains -F "$2"; }
