# SPDX-License-Identifier: Apache-2.0
# What tests/e2e/delivery works with: a Git server that can be stopped, people with keys and
# certificates, their Project and its Applications. Sourced after lib.sh.

poll_interval=2
repository=$dir/platform.git platform=$dir/platform
shop_repository=$dir/git/shop.git shop=$dir/shop
ssh_port=$((port + 5))
shop_url=ssh://root@127.0.0.1:$ssh_port$shop_repository
ssh_command="ssh -F none -i $dir/keys/gantry -o IdentitiesOnly=yes -o UserKnownHostsFile=$dir/git/known_hosts"

# ---- the Git server

make_git_server() {
  mkdir -p "$dir/git" "$dir/keys" /run/sshd
  local key
  for key in git/host keys/gantry keys/ann keys/ben keys/mallory; do
    ssh-keygen -q -t ed25519 -N '' -C "${key#*/}" -f "$dir/$key"
  done
  echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 "$dir/git/host.pub")" >"$dir/git/known_hosts"
  cat >"$dir/git/sshd_config" <<CONFIG
ListenAddress 127.0.0.1
Port $ssh_port
HostKey $dir/git/host
PidFile none
AuthorizedKeysFile $dir/keys/gantry.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
CONFIG
  cat >"$dir/git/credentials.yaml" <<CONFIG
- url: ssh://root@127.0.0.1:$ssh_port
  sshKeyFile: $dir/keys/gantry
  knownHostsFile: $dir/git/known_hosts
CONFIG
  controller_flags=(--git-credentials "$dir/git/credentials.yaml" --git-signing-key "$dir/keys/gantry")
  start_git_server
}

start_git_server() {
  start git /usr/sbin/sshd -D -E "$run/git.log" -f "$dir/git/sshd_config"
  wait_for 10 "the Git server answers" git_answers
}

git_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$ssh_port") 2>/dev/null; }

# ---- images: one that is never ready beside two that work

build_walk_images() {
  local version root=$dir/image
  mkdir -p "$dir/images"
  logged installers/image docker.io/gantry/pause:1 "$dir/images/pause.tar" - /bin/sleep 2147483647
  logged installers/image docker.io/gantry/web:broken "$dir/images/broken.tar" - /bin/sleep 2147483647
  for version in v1 v2; do
    cp -r manifests/examples/shop/images/back "$root"
    echo "$version" >"$root/version"
    logged installers/image "docker.io/gantry/web:$version" "$dir/images/$version.tar" "$root" /bin/back
    rm -rf "$root"
  done
  for version in "$dir/images"/*.tar; do
    logged on_containerd "$dir/containerd" images import "$version"
  done
}

# ---- what Git holds

make_repositories() {
  local name
  for name in platform git/shop; do
    logged git init -q --bare -b main "$dir/$name.git"
    logged git init -q -b main "$dir/${name#git/}"
  done
  git -C "$platform" remote add origin "$repository"
  git -C "$platform" config user.name Platform
  git -C "$platform" config user.email platform@example.com
  git -C "$shop" remote add origin "$shop_url"
  git -C "$shop" config core.sshCommand "$ssh_command"
  mkdir "$platform/applications" "$shop/production" "$shop/tools"
  write_project
  write_applications
  checkout=$platform push "Add the shop's Project and Applications"
  write_web v1
  write_tools one two three four
}

write_project() {
  cat >"$platform/applications/project.yaml" <<MANIFEST
apiVersion: gantry.dev/v1
kind: Project
metadata:
  name: default
  namespace: gantry-system
spec:
  repositories: ["$repository", "ssh://root@127.0.0.1:$ssh_port/*"]
  namespaces: [gantry-system, shop, tools, frozen]
  roles:
  - name: developers
    permissions: [sync]
    members: [ann]
  - name: reviewers
    permissions: [approve]
    members: [ann, ben, carla]
  - name: operators
    permissions: [sync, rollback, hold, suspend, override]
    members: [dora]
  trustedKeys:
  - name: ann
    ssh: $(cat "$dir/keys/ann.pub")
  - name: ben
    ssh: $(cat "$dir/keys/ben.pub")
  - name: gantry
    ssh: $(cat "$dir/keys/gantry.pub")
  people:
  - name: ann
    emails: [a.author@example.com]
MANIFEST
}

write_applications() {
  cat >"$platform/applications/shop.yaml" <<MANIFEST
apiVersion: gantry.dev/v1
kind: Application
metadata:
  name: shop
spec:
  source:
    repoURL: $shop_url
    path: production
    requireSignature: true
  destination:
    namespace: shop
  environment: production
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    approval:
      required: 2
      roles: [reviewers]
    automaticRollback:
      watchSeconds: 60
MANIFEST
  local name policy
  for name in tools frozen; do
    policy="deletionBudget:
      maxObjects: 1"
    [ $name = tools ] || policy="windows:
    - kind: deny
      schedule: '* * * * *'
      duration: 1h
      reason: nothing is changed while it is counted"
    cat >"$platform/applications/$name.yaml" <<MANIFEST
apiVersion: gantry.dev/v1
kind: Application
metadata:
  name: $name
spec:
  source:
    repoURL: $shop_url
    path: tools
  destination:
    namespace: $name
  syncPolicy:
    automated:
      prune: true
    $policy
MANIFEST
  done
}

# write_web VERSION [REPLICAS]: what the Application shop is to run.
write_web() {
  cat >"$shop/production/web.yaml" <<MANIFEST
apiVersion: v1
kind: Namespace
metadata:
  name: shop
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${2:-2}
  progressDeadlineSeconds: 8
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: docker.io/gantry/web:$1
        readinessProbe:
          httpGet:
            path: /healthz
            port: 8081
          periodSeconds: 1
MANIFEST
}

# write_tools NAME…: a ConfigMap of each name, for tools and frozen.
write_tools() {
  rm -f "$shop"/tools/*
  local name
  for name in "$@"; do
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  name: %s\n' "$name" "$name" \
      >"$shop/tools/$name.yaml"
  done
}

# ---- people

issue_contexts() {
  mkdir "$dir/people"
  local person role
  for person in ann:approver ben:approver carla:approver dora:operator; do
    role=${person#*:} person=${person%:*}
    logged "$bin/gantry-controller" issue --data-dir "$dir/controller" --identity "$person" \
      --role "$role" --output "$dir/people/$person"
  done
}

# by PERSON ARGUMENTS…: the gantry command with that person's certificate.
by() { "$bin/gantry" --context-file "$dir/people/$1" "${@:2}"; }

# commit KEY TEXT [OPTIONS…]: Ann commits what is in $shop, with that key if -S is among the options.
commit() {
  git -C "$shop" add -A
  git -C "$shop" -c user.name="Ann Author" -c user.email=a.author@example.com -c gpg.format=ssh \
    -c user.signingKey="$dir/keys/$1" commit -q -m "$2" "${@:3}"
}

# publish [OPTIONS…]: pushes what is committed, through the Git server, and has it read now.
publish() {
  git -C "$shop" push -q "$@" origin HEAD:main
  head=$(git -C "$shop" rev-parse HEAD)
}

# on_server ARGUMENTS…: git in the repository behind the server; also while that is stopped.
on_server() { git -C "$shop_repository" "$@"; }
