# SPDX-License-Identifier: Apache-2.0
# Rows of `gantry get --watch` with the time at which each came. Sourced; $bin and $context are set.

watcher=

# watch_rows KIND FILE: from now on, every row that `gantry get KIND --watch` prints goes to the file
# with the microsecond at which it came.
watch_rows() {
  : >"$2"
  "$bin/gantry" --context-file "$context" get "$1" --watch > >(while IFS= read -r line; do echo "${EPOCHREALTIME/[.,]/} $line"; done >"$2") &
  watcher=$!
}

end_watch() {
  [ -n "$watcher" ] || return 0
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  watcher=
}

# row_time FILE PATTERN: when the first row came that the extended regular expression fits.
row_time() { grep -m 1 -E "$2" "$1" | cut -d ' ' -f 1; }
