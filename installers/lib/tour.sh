# SPDX-License-Identifier: Apache-2.0
# installers/quickstart --tour: what a newcomer would do next, each step with its evidence. Sourced.

# shown COMMAND…: prints a command as a person would type it, and what it prints.
shown() {
  printf '    $ %s\n' "$*"
  "$@" 2>&1 | sed 's/^/      /'
  [ "${PIPESTATUS[0]}" = 0 ] || fail "$* did not succeed"
}

gantry() { g "$@"; }

answer() { curl -sS --max-time 5 "http://$(service_address shop-production front)/"; }

# answers VERSION: production's page, over the Service, from front and back of that version.
answers() { answer | contains "front $1" && answer | contains "back $1"; }

# must_answer VERSION: every one of some requests, since they are spread over the pods.
must_answer() {
  for _ in $(seq 1 12); do
    answers "$1" || fail "production does not answer with $1 but with: $(answer)"
  done
  printf '    http://%s/ answers:\n' "$(service_address shop-production front)"
  answer | sed 's/<[^>]*>//g; /^ *$/d; s/^/      /'
}

commit_version() {
  sed -i -E "s#(docker.io/gantry/shop-[a-z]+):v[0-9]+#\1:$1#" "$checkout"/production/*.yaml
  shown git -C "$checkout" commit -q -am "Shop $1 in production"
  shown git -C "$checkout" push -q
}

roll_out() {
  shown gantry rollout status front -n shop-production --timeout 120
  shown gantry rollout status back -n shop-production --timeout 120
}

rollback_reason="the tour goes back to v1"

# An earlier tour ended with a hold on v2, which this one is to bring again. Holds of others stay.
lift_holds() {
  local hold
  for hold in $(g get holds | awk -v reason="$rollback_reason" 'index($0, reason) { print $2 }'); do
    shown gantry lift-hold "$hold" --reason "another tour"
  done
}

tour() {
  steps=8 step_number=0
  step_name="Preparing"
  lift_holds
  logged git -C "$checkout" pull -q --rebase
  if ! answers v1 || ! contains shop-front:v1 <"$checkout/production/front.yaml"; then
    commit_version v1
    logged g sync production
    plan_waits && logged g approve production --yes
    wait_for 120 "production is back at v1" answers v1
    wait_for 60 "production is healthy" application_is production Synced Healthy
  fi

  step "v1 answers over the Service"
  must_answer v1
  shown on_containerd "$dir/containerd" containers list

  step "A commit to v2 is pushed"
  commit_version v2
  shown gantry sync production

  step "The plan: what changes, what restarts, where it will run"
  shown gantry plan production
  g plan production | contains 'shop-front:v1.* → .*shop-front:v2' || fail "the plan does not name the image"

  step "Before approval v1 still answers"
  must_answer v1

  step "It is approved with a comment, and followed until it is done"
  shown gantry approve production --yes --comment "v2 looks good"
  roll_out
  wait_for 60 "production is healthy" application_is production Synced Healthy

  step "v2 answers"
  must_answer v2

  step "Rollback writes a revert commit"
  shown gantry rollback production --yes --reason "$rollback_reason"
  roll_out
  shown git -C "$checkout" pull -q --rebase
  shown git -C "$checkout" log --oneline -4
  git -C "$checkout" log -1 --format=%s | contains '^Revert' || fail "git log shows no revert commit"
  wait_for 60 "production is healthy" application_is production Synced Healthy

  step "v1 answers again"
  must_answer v1
  shown gantry history production
  echo
  echo "The tour is complete: all of it happened."
}
