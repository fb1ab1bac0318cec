#!/usr/bin/env bash
# Starts a real Keystone and a real Senlin, runs the live suite against them and stops them.
# Prints `live: ran`, or `live: skipped (reason)` where the servers cannot run, which is added to
# the file SKIP_REASONS too.
set -uo pipefail
cd "$(dirname "$0")/../.."
export LIVE_HOME=${LIVE_HOME:-$(mktemp -d)}
variables=$(test/live/up.sh)
started=$?
if [ "$started" -eq 3 ]; then
  echo "live: skipped ($variables)" | tee -a "${SKIP_REASONS:-/dev/null}"
  exit 0
fi
trap 'test/live/down.sh >&2' EXIT
[ "$started" -eq 0 ] || { echo "live: failed to start" >&2; exit 1; }
while IFS= read -r line; do export "${line?}"; done <<<"$variables"
reporters=(--reporter=default)
[ -z "${LIVE_REPORT:-}" ] || reporters+=(--reporter=json --outputFile="$LIVE_REPORT")
npx vitest run --project node test/live "${reporters[@]}"
status=$?
echo "live: ran"
exit "$status"
