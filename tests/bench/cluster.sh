# SPDX-License-Identifier: Apache-2.0
# The Gantry that tests/bench/run measures: the quickstart's parts, with one Application of its own
# instead of the shop. Sourced after report.sh and watch.sh, with the quickstart's functions there.

image=docker.io/gantry/bench:1

# bring_up_bench: containerd, controller and agent, the Application `bench` without a pod.
bring_up_bench() {
  mkdir -p "$run" "$dir/images"
  : >>"$log"
  step "Starting a private containerd, a controller and an agent"
  write_containerd_config "$dir/containerd"
  start containerd containerd --config "$dir/containerd/config.toml"
  wait_for 30 "containerd answers" on_containerd "$dir/containerd" version
  logged installers/image docker.io/gantry/pause:1 "$dir/images/pause.tar" - /bin/sleep 2147483647
  logged installers/image "$image" "$dir/images/bench.tar" - /bin/sleep 2147483647
  logged on_containerd "$dir/containerd" images import "$dir/images/pause.tar"
  logged on_containerd "$dir/containerd" images import "$dir/images/bench.tar"
  logged git init -q --bare -b main "$repository"
  logged git init -q -b main "$checkout"
  git -C "$checkout" config user.name Bench
  git -C "$checkout" config user.email bench@localhost
  git -C "$checkout" remote add origin "$repository"
  write_manifests 0 first
  push_change
  # Nobody asks Git by itself: what is measured begins with a hint.
  poll_interval=3600 start_controller
  wait_for 30 "the controller answers" g status
  start_agent
  wait_for 60 "node $node is ready" node_is_ready
  wait_for 60 "the first plan waits for an approval" g_plan_waits
  logged g approve bench --yes
  wait_for 60 "the application is there" application_is bench Synced Healthy
}

g_plan_waits() { g plan bench -o json | contains '"state": *"PENDING"'; }

# write_manifests REPLICAS TEXT: the Application, a Deployment, and a ConfigMap that holds the text.
write_manifests() {
  mkdir -p "$checkout/applications" "$checkout/bench"
  cat >"$checkout/applications/bench.yaml" <<EOT
apiVersion: gantry.dev/v1
kind: Application
metadata: {name: bench}
spec:
  source: {repoURL: ., path: bench}
  destination: {namespace: bench}
  syncPolicy:
    automated: {prune: true, selfHeal: true}
    approval: {required: 1}
EOT
  cat >"$checkout/bench/all.yaml" <<EOT
apiVersion: v1
kind: Namespace
metadata: {name: bench}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: text}
data: {text: "$2"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: busy}
spec:
  replicas: $1
  selector: {matchLabels: {app: busy}}
  template:
    metadata: {labels: {app: busy}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - {name: main, image: "$image"}
EOT
}

push_change() {
  git -C "$checkout" add -A
  git -C "$checkout" commit -q -m "Change what is measured"
  git -C "$checkout" push -q origin HEAD:main
}

# ready_rows: when each pod was first seen Running and Ready, by the rows of $run/pods.
ready_rows() { awk '$4 == "1/1" && $5 == "Running" && !seen[$3]++ { print $1 }' "$run/pods" | sort -n; }
