# SPDX-License-Identifier: Apache-2.0
# A containerd of one's own: own root, state and socket; nothing of the machine's is touched.
# Sourced after shell.sh.

# write_containerd_config DIR: settings for a containerd that keeps everything below DIR.
write_containerd_config() {
  mkdir -p "$1/cni" "$1/certs.d"
  cat >"$1/config.toml" <<EOF
version = 2
root = "$1/root"
state = "$1/state"
[grpc]
  address = "$1/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "docker.io/gantry/pause:1"
  stream_server_port = "0"
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$1/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$1/certs.d"
EOF
}

# on_containerd DIR ARGUMENTS…: ctr in the namespace of the pods.
on_containerd() {
  local dir=$1
  shift
  ctr --address "$dir/containerd.sock" --namespace k8s.io "$@"
}

# remove_containerd DIR: after its containerd has been stopped: ends what is left of its containers,
# takes down their mounts, network namespaces and cgroups. DIR itself stays.
remove_containerd() {
  local dir=$1 pid path id
  for path in /proc/[0-9]*; do
    pid=${path#/proc/}
    # A shim is told which containerd it belongs to; its children are the containers.
    if { tr '\0' ' ' <"$path/cmdline"; } 2>/dev/null | grep -q "containerd-shim.* -address $dir/containerd.sock"; then
      for child in $(cat "/proc/$pid/task/"*/children 2>/dev/null); do kill -KILL "$child" 2>/dev/null; done
      kill -KILL "$pid" 2>/dev/null
    fi
  done
  # Deepest first; a network namespace is a mount too.
  awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r path; do umount -l "$path" 2>/dev/null; done
  for id in "$dir"/state/io.containerd.runtime.v2.task/k8s.io/* "$dir"/root/io.containerd.grpc.v1.cri/containers/* \
    "$dir"/root/io.containerd.grpc.v1.cri/sandboxes/*; do
    [ -e "$id" ] || continue
    find /sys/fs/cgroup -mindepth 2 -depth -type d -name "$(basename "$id")" -exec rmdir {} + 2>/dev/null
  done
  # The cgroup that all pods of a machine are in goes when it is empty.
  find /sys/fs/cgroup -maxdepth 2 -type d -name k8s.io -exec rmdir {} + 2>/dev/null
  return 0
}
