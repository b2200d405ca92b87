# SPDX-License-Identifier: Apache-2.0
# How tests/bench/run says what it measured. Sourced. $json is the file for JSON lines, or empty.

# now_us: wall time in microseconds.
now_us() { echo "${EPOCHREALTIME/[.,]/}"; }

# quoted TEXT: as a JSON string.
quoted() { printf '"%s"' "$(sed 's/\\/\\\\/g; s/"/\\"/g' <<<"$1")"; }

# figure NAME VALUE UNIT METHOD: one line for people, and one for programs.
figure() {
  printf '%-34s %10s %-8s %s\n' "$1" "$2" "$3" "$4"
  [ -z "$json" ] || printf '{"figure": %s, "value": %s, "unit": %s, "method": %s}\n' \
    "$(quoted "$1")" "$2" "$(quoted "$3")" "$(quoted "$4")" >>"$json"
}

# skipped NAME WHY
skipped() { printf '%-34s %10s %-8s %s\n' "$1" - "" "skipped: $2"; }

# percentile P: of the numbers on standard input, nearest rank.
percentile() {
  sort -n | awk -v p="$1" '{ v[NR] = $1 } END { r = int(p / 100 * NR); if (r < p / 100 * NR) r++; print v[r < 1 ? 1 : r] }'
}

# spread NAME UNIT METHOD, numbers on standard input: their p50 and p95.
spread() {
  local numbers
  numbers=$(cat)
  [ -n "$numbers" ] || fail "nothing was measured for $1"
  figure "$1_p50" "$(percentile 50 <<<"$numbers")" "$2" "$3, $(wc -l <<<"$numbers") times"
  figure "$1_p95" "$(percentile 95 <<<"$numbers")" "$2" "$3; all: $(sort -n <<<"$numbers" | paste -sd' ')"
}

# machine: what the figures were measured on. The load is that of the last minute, before the start.
machine() {
  local key value
  while IFS='|' read -r key value; do
    printf '%-12s %s\n' "$key" "$value"
    [ -z "$json" ] || printf '{"machine": %s, "value": %s}\n' "$(quoted "$key")" "$(quoted "$value")" >>"$json"
  done <<EOT
date|$(date -u +%Y-%m-%dT%H:%MZ)
commit|$(git describe --always --dirty)
cores|$(nproc)
cpu|$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)
memory|$(awk '/^MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)
kernel|$(uname -sr)
disk|$(findmnt -no FSTYPE,SOURCE -T "${TMPDIR:-/tmp}" | tr -s ' ')
containerd|$(containerd --version | awk '{ print $3 }'), $(runc --version | head -1)
fsync|SQLite WAL, synchronous=FULL: every commit synced
images|imported before, nothing is pulled
load before|$(cut -d ' ' -f 1 /proc/loadavg)
EOT
  echo
}
