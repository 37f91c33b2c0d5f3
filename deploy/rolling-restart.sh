#!/usr/bin/env bash
# Renews every process of this host, one after the other, without losing a request or a job: after an upgrade, once
# migrate and collectstatic have run (docs/operations.md, "Rolling restart"). It speaks with the supervisord of
# NEWSFORGE_HOME; what the environment says anew (another SECRET_KEY, another NEWSFORGE_DB_POOL) needs a full restart.
set -euo pipefail
cd "$(dirname "$0")/.."

home=${NEWSFORGE_HOME:-$PWD/var}
patience=${NEWSFORGE_RESTART_SECONDS:-300}
control=("${NEWSFORGE_PYTHON:-$PWD/.venv/bin/python}" -m supervisor.supervisorctl -s "unix://$home/run/supervisor.sock")

fail() {
  printf '\nThe restart stopped here: %s\n' "$1" >&2
  exit 1
}

say() { printf '%4d s  %s\n' "$SECONDS" "$1"; }

# Waits until the words, as a command, succeed; $1 is what is waited for.
wait_until() {
  local what=$1 end=$((SECONDS + patience))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "$what did not come within $patience s. Look at its log in $home/log."
    sleep 0.5
  done
}

children() { cat "/proc/$1/task/$1/children"; }

is_renewed() {
  if tail -c "+$log_from" "$home/log/web.log" | grep -q 'the old one stays'; then
    tail -n 12 "$home/log/web.log" >&2
    fail 'the new web worker does not start, and the old one goes on serving. The lines above are the end of its log.'
  fi
  local now each
  now=$(children "$web")
  for each in $before; do
    [[ " $now " != *" $each "* ]] || return 1
  done
  [ "$(wc -w <<<"$now")" -eq "$(wc -w <<<"$before")" ]
}

is_another() {
  local line
  line=$("${control[@]}" status "$1") || true # it ends with an error while the program is not up
  [[ $line == *RUNNING* && $line != *"pid $2,"* ]]
}

names=$("${control[@]}" status | awk '{ print $1 }') || true
[ -n "$names" ] || fail "no supervisord answers in $home."

say 'Replacing the web workers, each when the one in its place serves'
web=$("${control[@]}" pid newsforge:web)
before=$(children "$web")
log_from=$(($(wc -c <"$home/log/web.log") + 1))
"${control[@]}" signal HUP newsforge:web >/dev/null
wait_until 'a new web worker' is_renewed

# TERM and not restart: a worker ends when what it has begun is done, and supervisor starts it again. Restart would kill
# it after stopwaitsecs, and a call to a provider that lasts longer would be paid for twice.
for name in $names; do
  [[ $name == *:worker-* ]] || continue
  say "Renewing $name when it has done what it has begun"
  pid=$("${control[@]}" pid "$name")
  "${control[@]}" signal TERM "$name" >/dev/null
  wait_until "a new $name" is_another "$name" "$pid"
done

for name in newsforge:beat newsforge:sweep; do
  say "Restarting $name"
  "${control[@]}" restart "$name" >/dev/null
done
say 'Everything is renewed'
