#!/usr/bin/env bash
# Starts NewsForge Pro on this host, without containers and without systemd: checks, migrates, collects, starts
# supervisor, waits until the site accepts work, and prints where it is; or says what failed, and ends with 1.
# The variables come from the environment and from the lines NAME=value of $NEWSFORGE_ENVIRONMENT (unless said:
# /etc/newsforge/environment, the file the systemd unit reads). `make base` makes the .venv it needs.
set -euo pipefail
cd "$(dirname "$0")/.."

file=${NEWSFORGE_ENVIRONMENT:-/etc/newsforge/environment}
if [ -r "$file" ]; then
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in [A-Z]*=*) export "${line?}" ;; esac
  done <"$file"
elif [ -n "${NEWSFORGE_ENVIRONMENT:-}" ]; then
  echo "This user cannot read $file, which NEWSFORGE_ENVIRONMENT names." >&2
  exit 1
fi
export DJANGO_SETTINGS_MODULE=newsforge.settings.production
export NEWSFORGE_HOME=${NEWSFORGE_HOME:-$PWD/var}
export NEWSFORGE_PYTHON=${NEWSFORGE_PYTHON:-$PWD/.venv/bin/python}
export NEWSFORGE_HOST=${NEWSFORGE_HOST:-127.0.0.1}
export PORT=${PORT:-8000}
log=$NEWSFORGE_HOME/log/start.log
control=("$NEWSFORGE_PYTHON" -m supervisor.supervisorctl -c deploy/supervisor/newsforge.conf)

fail() {
  printf '\nNewsForge Pro was not started: %s\n' "$1" >&2
  exit 1
}

step() {
  local name=$1
  shift
  echo "$name"
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 12 "$log" >&2
    fail "$name did not succeed. The lines above are the end of $log."
  }
}

[ -x "$NEWSFORGE_PYTHON" ] || fail "there is no $NEWSFORGE_PYTHON. Run make base, or name a Python in NEWSFORGE_PYTHON."
mkdir -p "$NEWSFORGE_HOME/log" "$NEWSFORGE_HOME/run" 2>/dev/null && [ -w "$NEWSFORGE_HOME/log" ] ||
  fail "this user may not write to $NEWSFORGE_HOME. Mend the folder's owner, or set NEWSFORGE_HOME to another."
if "${control[@]}" pid >/dev/null 2>&1; then
  fail "it runs already in $NEWSFORGE_HOME. To start it anew: ${control[*]} restart newsforge:*"
fi
if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then
  fail "another program listens at port $PORT. Set PORT to a free one."
fi

step 'Checking the settings' "$NEWSFORGE_PYTHON" -m django check --deploy --fail-level WARNING
step 'Migrating the database' "$NEWSFORGE_PYTHON" -m django migrate --noinput
step 'Collecting the static files' "$NEWSFORGE_PYTHON" -m django collectstatic --noinput --verbosity 0

echo 'Starting web, workers, beat and sweep'
"$NEWSFORGE_PYTHON" newsforge/embedded/entry.py home
nohup "$NEWSFORGE_PYTHON" -m supervisor.supervisord -c deploy/supervisor/newsforge.conf >"$log" 2>&1 </dev/null &
supervisor=$!
until "$NEWSFORGE_PYTHON" newsforge/embedded/entry.py ready; do
  if ! kill -0 "$supervisor" 2>/dev/null; then
    tail -n 12 "$log" >&2
    fail "supervisor has ended. The lines above are the end of $log."
  fi
  if [ "$SECONDS" -gt "${NEWSFORGE_START_SECONDS:-180}" ]; then
    tail -n 12 "$NEWSFORGE_HOME/log/web.log" >&2
    kill "$supervisor"
    wait "$supervisor" || true
    fail "the site does not accept work at port $PORT. The lines above are the end of $NEWSFORGE_HOME/log/web.log."
  fi
  sleep 0.5
done

site=${SITE_URL:-http://$NEWSFORGE_HOST:$PORT}
cat <<END

NewsForge Pro runs, and accepts work after $SECONDS s.
  site            $site
  administration  $site/admin/
  behind nginx    http://$NEWSFORGE_HOST:$PORT (deploy/nginx)
  logs            $NEWSFORGE_HOME/log
  look            $NEWSFORGE_PYTHON -m supervisor.supervisorctl -s unix://$NEWSFORGE_HOME/run/supervisor.sock status
  stop            kill $supervisor
END
