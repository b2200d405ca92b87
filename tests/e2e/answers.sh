# SPDX-License-Identifier: Apache-2.0
# What the CLI and containerd say, and how that is compared. Sourced after lib.sh.

# app NAME FILTER, plan NAME FILTER, records KIND NAME FILTER: jq on what the CLI prints as JSON.
app() { g get application "$1" -o json | jq -r "$2"; }
plan() { g plan "$1" -o json | jq -r "$2"; }
records() { g get "$1" -o json | jq -r "[.] | flatten | map(select(.application == \"$2\")) | $3"; }
history_of() { g history "$1" -o json | jq -r "[.] | flatten | $2"; }

# is WANTED COMMAND…: what the command prints is exactly that.
is() {
  local got
  got=$("${@:2}" 2>&1)
  [ "$got" = "$1" ] || { printf 'wanted: %s\nis:     %s\n' "$1" "$got"; return 1; }
}

# holds PATTERN COMMAND…: the pattern is in what the command prints.
holds() {
  local got
  got=$("${@:2}" 2>&1)
  [[ $got == *"$1"* ]] || { printf 'wanted in it: %s\nis: %s\n' "$1" "$got"; return 1; }
}

# refuses TEXT COMMAND…: the command fails, and says so.
refuses() {
  local got
  if got=$("${@:2}" 2>&1); then printf 'it was done: %s\n' "$got"; return 1; fi
  [[ $got == *"$1"* ]] || { printf 'wanted in it: %s\nis: %s\n' "$1" "$got"; return 1; }
}

problem_of() { app "$1" '[.status.conditions[]? | select(.type == "Apply") | .message] | join("")'; }
# The plan that waits is of the newest commit.
plan_is_of() { is "PENDING $2" plan "$1" '.state + " " + .revision.commit'; }
digest_of() { plan "$1" .digest; }
is_well() { is "Synced Healthy" app "$1" '.status.sync + " " + .status.health'; }

# runs VERSION COUNT: so many containers of the shop run, all of that version.
runs() { is "$2 docker.io/gantry/web:$1" running_images; }
running_images() {
  local all
  all=$(on_containerd "$dir/containerd" containers list | awk 'NR > 1 { print $1, $2 }' | sort)
  on_containerd "$dir/containerd" tasks list | awk '$3 == "RUNNING" { print $1 }' | sort |
    join - <(echo "$all") | awk '$2 ~ /gantry\/web:/ { print $2 }' | sort | uniq -c | awk '{ print $1, $2 }'
}

# gone_of CONTAINERS: how many of them do not run any more, as the same processes.
gone_of() { comm -23 <(echo "$1") <(containers) | wc -l; }
still_there() { is 0 gone_of "$1"; }
