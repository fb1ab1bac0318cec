#!/usr/bin/env bash
# Stops what up.sh started, by the process ids it kept; the data stays. Harmless when nothing runs.
set -uo pipefail
LIVE_HOME=${LIVE_HOME:-${TMPDIR:-/tmp}/profile-gateway-live}
STOP_TRIES=100 # of 0.1 s each, before a process is killed

for name in senlin senlin-alone cloud keystone-limited keystone; do
  file=$LIVE_HOME/run/$name.pid
  [ -s "$file" ] || continue
  pid=$(cat "$file")
  # The number may belong to another process by now: ours names our folder on its command line.
  if kill -0 "$pid" 2>/dev/null && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$LIVE_HOME/"; then
    kill -TERM "$pid" 2>/dev/null
    for _ in $(seq "$STOP_TRIES"); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null
    printf 'live: %s stopped\n' "$name" >&2
  fi
  rm -f "$file"
done
