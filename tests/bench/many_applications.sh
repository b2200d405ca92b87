# SPDX-License-Identifier: Apache-2.0
# A controller that follows many Applications in one local repository, for tests/bench/delivery.
# Sourced after shell.sh, report.sh and watch.sh; $bin, $dir, $run, $log, $context and $port are set.

repository=$dir/many.git
checkout=$dir/many-checkout
webhook_secret=0123456789abcdef0123456789abcdef

g() { "$bin/gantry" --context-file "$context" "$@"; }

has_webhooks() { "$bin/gantry-controller" --help | contains -- --webhook-secret-file; }

# start_controller POLL_INTERVAL
start_controller() {
  local webhooks=()
  if has_webhooks; then
    (umask 077 && echo "$webhook_secret" >"$dir/webhook-secrets")
    webhooks=(--webhook-secret-file "$dir/webhook-secrets")
  fi
  start controller "$bin/gantry-controller" --data-dir "$dir/controller" --listen "127.0.0.1:$port" \
    --http-listen "127.0.0.1:$((port + 1))" --repository "$repository#main:applications" \
    --poll-interval "$1" "${webhooks[@]}"
}

forget_everything() {
  stop controller
  rm -rf "$dir/controller" "$repository" "$checkout"
}

# write_object NUMBER KIND TEXT
write_object() {
  local file=$checkout/apps/$1/all.yaml
  if [ "$2" = configmap ]; then
    cat >"$file" <<EOT
apiVersion: v1
kind: ConfigMap
metadata: {name: text-$1}
data: {text: "$3"}
EOT
  else
    cat >"$file" <<EOT
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-$1}
spec:
  replicas: 0
  selector: {matchLabels: {app: web-$1}}
  template:
    metadata: {labels: {app: web-$1}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:$3"}]
EOT
  fi
}

# write_repository APPLICATIONS KIND: one folder and one object each; applications/ is what the
# controller is told to follow.
write_repository() {
  local number
  mkdir -p "$run" "$checkout/applications"
  printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n' >"$checkout/applications/namespace.yaml"
  for ((number = 1; number <= $1; number++)); do
    mkdir -p "$checkout/apps/$number"
    write_object "$number" "$2" first
    cat >"$checkout/applications/app-$number.yaml" <<EOT
apiVersion: gantry.dev/v1
kind: Application
metadata: {name: app-$number}
spec:
  source: {repoURL: ., path: apps/$number}
  destination: {namespace: apps}
  syncPolicy: {automated: {prune: true, selfHeal: true}}
EOT
  done
  logged git init -q --bare -b main "$repository"
  logged git init -q -b main "$checkout"
  git -C "$checkout" config user.name Bench
  git -C "$checkout" config user.email bench@localhost
  git -C "$checkout" config gc.auto 0
  git -C "$checkout" remote add origin "$repository"
  push_change
}

push_change() {
  git -C "$checkout" add -A
  git -C "$checkout" commit -q -m "Change what is measured"
  git -C "$checkout" push -q origin HEAD:main
}

# synced_times: when each Application was first seen Synced and Healthy.
synced_times() { awk '$4 == "Synced" && $5 == "Healthy" && !seen[$3]++ { print $1 }' "$run/applications" | sort -n; }

# all_synced APPLICATIONS: those, and the root.
all_synced() { [ "$(synced_times | wc -l)" = $(($1 + 1)) ]; }

# push_until_planned NUMBER TEXT HINT…: pushes a change of one folder, runs the hint with its number,
# and prints the ms from the end of the push until the watch shows the plan.
push_until_planned() {
  local number=$1 commit pushed
  write_object "$number" configmap "$2"
  push_change
  shift 2
  pushed=$(now_us)
  commit=$(git -C "$checkout" rev-parse --short=7 HEAD)
  "$@" "$number" >>"$log" 2>&1
  wait_for 300 "the plan of $commit exists" row_time "$run/plans" " app-$number +$commit "
  echo $((($(row_time "$run/plans" " app-$number +$commit ") - pushed) / 1000))
}

sync_of() { g sync "app-$1"; }

# What GitHub sends after a push, as far as it is read, and signed as it does; how many ms the answer
# took goes to $run/answers.
deliver_webhook() {
  local body signature
  body=$(printf '{"ref": "refs/heads/main", "repository": {"clone_url": "file://%s"}}' "$repository")
  signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$webhook_secret" | sed 's/.*= //')
  curl -sS --fail --max-time 60 -o /dev/null -w '%{time_total}\n' "http://127.0.0.1:$((port + 1))/hooks/git" \
    -H "X-GitHub-Event: push" -H "X-Hub-Signature-256: sha256=$signature" -H "Content-Type: application/json" \
    --data-binary "$body" | awk '{ printf "%.0f\n", $1 * 1000 }' >>"$run/answers"
}
