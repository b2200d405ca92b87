# SPDX-License-Identifier: Apache-2.0
# A Gantry whose Git holds what a test writes, and containers that note what happens to them: each
# appends to one file of the host, so the order of its lines is the order of things, whatever Gantry
# says of it. Sourced after lib.sh and answers.sh.

poll_interval=1
witness=$dir/witness

# bring_up_with PREPARE: starts everything with an empty repository, into whose $checkout the function
# PREPARE writes and pushes first.
bring_up_with() {
  steps=3
  mkdir -p "$witness" && mkdir -p "$run" && chmod 700 "$dir"
  step "Starting containerd"
  start_containerd
  step "Building images"
  build_witness_image
  step "Starting the controller and the agent"
  make_empty_repository
  "$1"
  start_controller
  wait_for 30 "the controller answers" g status
  start_agent
  wait_for 60 "node $node is ready" node_is_ready
}

# The image has three commands. note WORD NAME: one line with the kernel's time, in seconds since it
# was started. hold NAME: waits while the test holds NAME. serve NAME: notes its begin, that it is ready
# once it is not held, and its end; well NAME is its readiness probe.
build_witness_image() {
  local root=$dir/image name
  mkdir -p "$root/bin" "$dir/images"
  cat >"$root/bin/note" <<'SCRIPT'
#!/bin/sh
echo "$1 $2 $(cut -d' ' -f1 /proc/uptime)" >>/witness/log
SCRIPT
  cat >"$root/bin/hold" <<'SCRIPT'
#!/bin/sh
while [ -e "/witness/hold-$1" ]; do sleep 0.1; done
SCRIPT
  cat >"$root/bin/serve" <<'SCRIPT'
#!/bin/sh
trap 'note end "$1"; exit 0' TERM
note begin "$1"
hold "$1"
note ready "$1"
touch /tmp/ready
sleep 2147483647 &
wait
SCRIPT
  cat >"$root/bin/well" <<'SCRIPT'
#!/bin/sh
[ -e /tmp/ready ] && [ ! -e "/witness/sick-$1" ]
SCRIPT
  chmod 755 "$root"/bin/*
  logged installers/image docker.io/gantry/pause:1 "$dir/images/pause.tar" - /bin/sleep 2147483647
  logged installers/image docker.io/gantry/witness:1 "$dir/images/witness.tar" "$root" /bin/serve
  rm -rf "$root"
  for name in "$dir/images"/*.tar; do logged on_containerd "$dir/containerd" images import "$name"; done
}

make_empty_repository() {
  logged git init -q --bare -b main "$repository"
  logged git init -q -b main "$checkout"
  mkdir "$checkout/applications"
  git -C "$checkout" remote add origin "$repository"
  git -C "$checkout" config user.name Ann
  git -C "$checkout" config user.email ann@example.com
}

# ---- manifests, printed

namespace() { printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n' "$1"; }

# server NAME AS [ANNOTATION]: a Deployment of one container that is noted as AS.
server() {
  cat <<MANIFEST
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: $1
  annotations: {${3:-}}
spec:
  replicas: 1
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: $1
        image: docker.io/gantry/witness:1
        command: [serve, "$2"]
        readinessProbe: {exec: {command: [well, "$2"]}, periodSeconds: 1}
        volumeMounts: [{name: witness, mountPath: /witness}]
      volumes: [{name: witness, hostPath: {path: $witness}}]
MANIFEST
}

# hook NAME KIND COMMAND: a Job that is a hook, and is not tried again; the end of what it printed is in
# its status if it fails.
hook() {
  cat <<MANIFEST
---
apiVersion: batch/v1
kind: Job
metadata:
  name: $1
  annotations: {gantry.dev/hook: $2}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
      - name: $1
        image: docker.io/gantry/witness:1
        command: [sh, -c, '$3']
        terminationMessagePolicy: FallbackToLogsOnError
        volumeMounts: [{name: witness, mountPath: /witness}]
      volumes: [{name: witness, hostPath: {path: $witness}}]
MANIFEST
}

# ---- what the containers wait for, and what they have noted

hold() { touch "$witness/hold-$1"; }
release() { rm "$witness/hold-$1"; }

# noted [PATTERN]: what happened to those whose name fits, in order: "begin database ready database".
noted() { awk -v p="${1:-.}" '$2 ~ p { print $1, $2 }' "$witness/log" | xargs; }
