# SPDX-License-Identifier: Apache-2.0
# What installers/quickstart does, and where. Sourced, after shell.sh and containerd.sh, in the root of
# the source tree.

dir=${GANTRY_QUICKSTART_DIR:-/var/lib/gantry-quickstart}
run=$dir/run
log=$run/quickstart.log
bin=${GANTRY_BIN:-$PWD/build/release/bin}
id=${GANTRY_QUICKSTART_ID:-0}
port=$((7420 + 10 * id))
bridge=gantry$id
table=gantry$id
cluster_cidr=10.$((244 - id)).0.0/16
service_cidr=10.$((96 + id)).0.0/16
node=$(hostname)
export PATH=$bin:/usr/sbin:/sbin:$PATH

context=$dir/controller/admin.context
repository=$dir/shop.git
checkout=$dir/shop
# More for the controller, from who sources this.
controller_flags=()

# g ARGUMENTS…: the gantry command against the quickstart's controller.
g() { "$bin/gantry" --context-file "$context" "$@"; }

bring_up() {
  mkdir -p "$run"
  chmod 700 "$dir"
  : >>"$log"

  if [ -n "${GANTRY_BIN:-}" ]; then
    steps=6
  else
    step "Installing what is needed from Debian"
    logged installers/setup --without-tests

    step "Building Gantry (a few minutes the first time)"
    logged cmake --preset release -DGANTRY_BUILD_TESTS=OFF
    build_with_progress
  fi

  step "Starting a private containerd in $dir/containerd"
  [ -e "$dir/containerd/config.toml" ] || write_containerd_config "$dir/containerd"
  start containerd containerd --config "$dir/containerd/config.toml"
  wait_for 30 "containerd answers" on_containerd "$dir/containerd" version

  step "Building the shop's images"
  build_images

  step "Making the Git repository $repository"
  make_repository

  step "Starting the controller"
  start_controller
  wait_for 30 "the controller answers" g status

  step "Starting the agent of node $node"
  start_agent
  wait_for 60 "node $node is ready" node_is_ready

  # Where it ran before, a change may wait for somebody: it need not be synced then.
  step "Waiting until the shop is healthy"
  wait_for 120 "the staging shop is healthy" application_is staging . Healthy
  approve_first_production
  wait_for 120 "the production shop is healthy" application_is production . Healthy
}

# Ninja's counter is the progress; the log has everything.
build_with_progress() {
  local last=0 from
  from=$(wc -l <"$log")
  cmake --build --preset release 2>&1 | while read -r line; do
    printf '%s\n' "$line" >>"$log"
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] && [ $((BASH_REMATCH[1] * 10 / BASH_REMATCH[2])) -gt $last ]; then
      last=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
      printf '      %d %%\n' $((last * 10))
    fi
  done || fail "$(tail -n +$((from + 1)) "$log" | grep -A5 -E 'error:|FAILED' | tail -15)"
}

build_images() {
  local images=$dir/images examples=manifests/examples/shop/images name version root
  mkdir -p "$images"
  logged installers/image docker.io/gantry/pause:1 "$images/pause.tar" - /bin/sleep 2147483647
  for name in front back; do
    for version in v1 v2; do
      root=$(mktemp -d)
      cp -r "$examples/$name/." "$root"
      echo "$version" >"$root/version"
      logged installers/image "docker.io/gantry/shop-$name:$version" "$images/$name-$version.tar" \
        "$root" "/bin/$name"
      rm -rf "$root"
    done
  done
  for name in "$images"/*.tar; do
    logged on_containerd "$dir/containerd" images import "$name"
  done
}

make_repository() {
  [ -e "$repository/HEAD" ] && return 0
  logged git init -q --bare -b main "$repository"
  rm -rf "$checkout"
  logged git init -q -b main "$checkout"
  logged cp -r manifests/examples/shop/. "$checkout"
  git -C "$checkout" config user.name "$(git config user.name || echo Quickstart)"
  git -C "$checkout" config user.email "$(git config user.email || echo quickstart@localhost)"
  logged git -C "$checkout" add -A
  logged git -C "$checkout" commit -q -m "Add the shop"
  logged git -C "$checkout" remote add origin "$repository"
  logged git -C "$checkout" push -q -u origin main
}

start_controller() {
  start controller "$bin/gantry-controller" --data-dir "$dir/controller" \
    --listen "127.0.0.1:$port" --http-listen "127.0.0.1:$((port + 1))" --cluster-name quickstart \
    --cluster-cidr "$cluster_cidr" --service-cidr "$service_cidr" \
    --repository "$repository#main:applications" --poll-interval "${poll_interval:-5}" "${controller_flags[@]}"
}

start_agent() {
  local token=()
  # The token is for the first time only: with a certificate, the agent needs none.
  is_running agent || [ -e "$dir/agent/agent.crt" ] || token=(--token "$(g join-token --ttl-hours 1)")
  start agent "$bin/gantry-agent" --controller "127.0.0.1:$port" "${token[@]}" --node-name "$node" \
    --data-dir "$dir/agent" --runtime-endpoint "unix://$dir/containerd/containerd.sock" \
    --cni-conf-dir "$dir/containerd/cni" --network "$bridge" --nft-table "$table" \
    --pod-log-root "$dir/agent/pod-logs"
}

node_is_ready() { g get node "$node" | contains ' Ready '; }

# application_is NAME SYNC HEALTH: regular expressions.
application_is() { g get application "$1" | awk -v n="$1" -v s="$2" -v h="$3" '$2 == n && $3 ~ "^" s && $4 ~ "^" h { ok = 1 } END { exit !ok }'; }

plan_waits() { g plan production -o json | contains '"state": *"PENDING"'; }

# Production needs an approval, also for its very first revision.
approve_first_production() {
  application_is production . Healthy && return 0
  g history production 2>/dev/null | contains ' sync ' && return 0
  wait_for 60 "the production plan waits for an approval" plan_waits
  logged g approve production --yes --comment "first installation, by the quickstart"
}

# service_address NAMESPACE SERVICE: its cluster address and port.
service_address() {
  g get service "$2" -n "$1" | awk -v name="$2" '$2 == name { split($5, p, /[:\/]/); print $4 ":" p[1] }'
}

show_next() {
  cat <<EOF

Gantry runs. The shop answers on http://$(service_address shop-staging front) (staging) and
http://$(service_address shop-production front) (production).

Try next:
  export PATH=$bin:\$PATH GANTRY_CONFIG=$context
  cd $checkout
  sed -i 's/:v1/:v2/' production/*.yaml && git commit -am "Shop v2" && git push
  gantry sync production         # ask Git now; otherwise it is noticed within seconds
  gantry plan production         # what would change, restart and be placed where
  gantry approve production -m "looks good"
  gantry rollout status front -n shop-production
  gantry rollback production --reason "back to v1"
  gantry logs deployment/front -n shop-production --follow
Or let installers/quickstart --tour do it. installers/quickstart --down removes everything.
EOF
}

show_live() {
  if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -x "$bin/gantry-desktop" ]; then
    start desktop "$bin/gantry-desktop" --context-file "$context"
    echo "The desktop is open."
  elif [ -t 1 ]; then
    g status --watch
  else
    echo
    g status
  fi
}

take_down() {
  [ -d "$dir" ] || { echo "Nothing is there: $dir does not exist."; return 0; }
  log=/dev/null
  # What cannot be removed must not keep the rest from being removed.
  set +e
  step "Stopping desktop, agent and controller"
  stop desktop
  stop agent
  stop controller

  step "Removing containers, networks and mounts"
  if is_running containerd && [ -x "$bin/gantry-agent" ]; then
    "$bin/gantry-agent" leave --data-dir "$dir/agent" --network "$bridge" --nft-table "$table" \
      --runtime-endpoint "unix://$dir/containerd/containerd.sock" 2>/dev/null ||
      echo "      the agent could not remove its pods; ending them by hand"
  fi
  stop containerd
  remove_containerd "$dir/containerd"
  awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
    while read -r path; do umount -l "$path"; done
  nft delete table ip "$table" 2>/dev/null || true
  ip link delete "$bridge" 2>/dev/null || true

  step "Deleting $dir"
  rm -rf "$dir" || fail "not all of $dir could be deleted; run it again"
  echo "Gone."
}
