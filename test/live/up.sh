#!/usr/bin/env bash
# Starts a real Keystone and a real Senlin from Debian's packages on 127.0.0.1.
#
#   keystone   uwsgi and keystone-wsgi-public, SQLite
#   limited    the same with a list_limit, on the same database, which it only reads
#   senlin     API, conductor and engine in one process (senlin-in-one.py), SQLite, no broker
#   alone      another Senlin, which the replay of lists, creates and deletes has for itself
#   cloud      what Senlin asks of Nova and Heat when a profile is created (cloud.py)
#
#   ./up.sh            what is missing is installed, configured, started; what runs is left alone
#   ./up.sh --fresh    stops everything and starts from empty databases
#   ./up.sh --install  installs the packages only
#
# LIVE_HOME                 everything written, but for the packages (default: below TMPDIR)
# LIVE_KEYSTONE_PORT, LIVE_LIMITED_PORT, LIVE_SENLIN_PORT, LIVE_ALONE_PORT, LIVE_CLOUD_PORT
# LIVE_ADMIN_PASSWORD, LIVE_DEMO_PASSWORD, LIVE_SENLIN_PASSWORD
#
# Exit codes, and what stands on stdout (all else goes to stderr):
#   0  ready: NAME=value lines, which are kept in $LIVE_HOME/env too
#   1  a server does not start: nothing
#   3  cannot run on this machine: the reason, one line
set -Eeuo pipefail

HERE=$(dirname "$(readlink -f "$0")")
export LIVE_HOME=${LIVE_HOME:-${TMPDIR:-/tmp}/profile-gateway-live}
KEYSTONE_PORT=${LIVE_KEYSTONE_PORT:-15000}
LIMITED_PORT=${LIVE_LIMITED_PORT:-15001}
SENLIN_PORT=${LIVE_SENLIN_PORT:-18778}
ALONE_PORT=${LIVE_ALONE_PORT:-18779}
CLOUD_PORT=${LIVE_CLOUD_PORT:-18774}
ADMIN_PASSWORD=${LIVE_ADMIN_PASSWORD:-live-admin-password}
DEMO_PASSWORD=${LIVE_DEMO_PASSWORD:-live-demo-password}
SENLIN_PASSWORD=${LIVE_SENLIN_PASSWORD:-live-senlin-password}
REGION=RegionOne
KEYSTONE=http://127.0.0.1:$KEYSTONE_PORT
SENLIN=http://127.0.0.1:$SENLIN_PORT
CLOUD=http://127.0.0.1:$CLOUD_PORT
ANSWER_TRIES=600 # of 0.1 s each, and the time of the request

say() { printf 'live: %s\n' "$*" >&2; }
cannot() { printf '%s\n' "$*"; exit 3; }
broken() { say "$*"; exit 1; }
trap 'say "up.sh failed at line $LINENO; logs are in $LIVE_HOME/log"' ERR

source "$HERE/packages.sh"
source "$HERE/configuration.sh"

alive() { [ -s "$LIVE_HOME/run/$1.pid" ] && kill -0 "$(cat "$LIVE_HOME/run/$1.pid")" 2>/dev/null; }

# The catalogue in the database names the ports, so other ports need another database.
drop_stale_data() {
  local made_with=("$KEYSTONE_PORT" "$LIMITED_PORT" "$SENLIN_PORT" "$ALONE_PORT" "$CLOUD_PORT"
    "$ADMIN_PASSWORD" "$DEMO_PASSWORD" "$SENLIN_PASSWORD")
  local found
  found=$(cat "$LIVE_HOME/var/made-with" 2>/dev/null || true)
  if [ "${1:-}" = --fresh ] || [ "$found" != "${made_with[*]}" ]; then
    "$HERE/down.sh"
    rm -rf "$LIVE_HOME/var" "$LIVE_HOME/etc" "$LIVE_HOME/log"
    make_folders
    printf '%s' "${made_with[*]}" >"$LIVE_HOME/var/made-with"
  fi
}

make_folders() {
  mkdir -p "$LIVE_HOME"/{etc/keystone/policy.d,etc/senlin/policy.d,etc/senlin/environments} \
    "$LIVE_HOME"/{var,log,run,share}
  chmod 700 "$LIVE_HOME"
}

keystone_manage() {
  /usr/bin/keystone-manage --config-file "$LIVE_HOME/etc/keystone/keystone.conf" "$@" \
    >>"$LIVE_HOME/log/keystone-manage.log" 2>&1
}

# In write-ahead mode readers do not block the writer. Without it Keystone's first POST ends in
# "database is locked" after 5 s, and uwsgi closes the connection with no answer.
use_write_ahead_log() {
  /usr/bin/python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=WAL")' "$1"
}

make_databases() {
  local senlin_sync='' keys=("$LIVE_HOME"/etc/keystone/{fernet,credential}-keys) owner
  owner=(--keystone-user "$(id -un)" --keystone-group "$(id -gn)")
  if [ ! -e "$LIVE_HOME/var/senlin-made" ]; then
    ( /usr/bin/senlin-manage --config-file "$LIVE_HOME/etc/senlin/senlin.conf" db_sync &&
        cp "$LIVE_HOME/var/senlin.db" "$LIVE_HOME/var/senlin-alone.db" &&
        use_write_ahead_log "$LIVE_HOME/var/senlin.db" &&
        use_write_ahead_log "$LIVE_HOME/var/senlin-alone.db" && touch "$LIVE_HOME/var/senlin-made"
    ) >>"$LIVE_HOME/log/senlin-manage.log" 2>&1 &
    senlin_sync=$!
  fi
  if [ ! -e "$LIVE_HOME/var/keystone-made" ]; then
    mkdir -p "${keys[@]}" && chmod 700 "${keys[@]}"
    keystone_manage fernet_setup "${owner[@]}" & local fernet=$!
    keystone_manage credential_setup "${owner[@]}" & local credential=$!
    keystone_manage db_sync
    use_write_ahead_log "$LIVE_HOME/var/keystone.db"
    wait "$fernet"
    wait "$credential"
    OS_BOOTSTRAP_PASSWORD=$ADMIN_PASSWORD keystone_manage bootstrap \
      --bootstrap-username admin --bootstrap-project-name admin --bootstrap-role-name admin \
      --bootstrap-service-name keystone --bootstrap-region-id "$REGION" \
      --bootstrap-public-url "$KEYSTONE/v3" --bootstrap-internal-url "$KEYSTONE/v3" \
      --bootstrap-admin-url "$KEYSTONE/v3"
    touch "$LIVE_HOME/var/keystone-made"
  fi
  [ -z "$senlin_sync" ] || wait "$senlin_sync"
}

wait_for_answer() { # process, URL, status
  local status=000
  for _ in $(seq "$ANSWER_TRIES"); do
    status=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$2" || true)
    [ "$status" != "$3" ] || return 0
    alive "$1" || broken "$1 has ended: $(tail -n 3 "$LIVE_HOME/log/$1.out" | cut -c1-300)"
    sleep 0.1
  done
  broken "$1 does not answer $3 at $2 (last: $status); logs are in $LIVE_HOME/log"
}

start() { # process, port, URL, status that shows it is up, command...
  local name=$1 port=$2 url=$3 status=$4
  shift 4
  alive "$name" && return 0
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    cannot "port $port, meant for $name, is in use"
  fi
  setsid "$@" </dev/null >"$LIVE_HOME/log/$name.out" 2>&1 &
  printf '%s' "$!" >"$LIVE_HOME/run/$name.pid"
  wait_for_answer "$name" "$url" "$status"
}

make_accounts() {
  [ ! -e "$LIVE_HOME/var/accounts-made" ] || return 0
  KEYSTONE=$KEYSTONE SENLIN=$SENLIN CLOUD=$CLOUD REGION=$REGION ADMIN_PASSWORD=$ADMIN_PASSWORD \
    DEMO_PASSWORD=$DEMO_PASSWORD SENLIN_PASSWORD=$SENLIN_PASSWORD \
    /usr/bin/python3 "$HERE/accounts.py" >"$LIVE_HOME/var/projects"
  touch "$LIVE_HOME/var/accounts-made"
}

write_env() {
  (umask 077 && cat >"$LIVE_HOME/env") <<END
KEYSTONE_URL=$KEYSTONE
KEYSTONE_LIMITED_URL=http://127.0.0.1:$LIMITED_PORT
SENLIN_URL=$SENLIN
SENLIN_ALONE_URL=http://127.0.0.1:$ALONE_PORT
SENLIN_ALONE_PID=$(cat "$LIVE_HOME/run/senlin-alone.pid")
LIVE_ADMIN_USER=admin
LIVE_ADMIN_PASSWORD=$ADMIN_PASSWORD
LIVE_ADMIN_PROJECT=admin
LIVE_DEMO_USER=demo
LIVE_DEMO_PASSWORD=$DEMO_PASSWORD
LIVE_DEMO_PROJECT=demo
$(cat "$LIVE_HOME/var/projects")
END
  cat "$LIVE_HOME/env"
}

cd /
make_folders 2>/dev/null || cannot "$LIVE_HOME cannot be written"
install_packages
[ "${1:-}" != --install ] || exit 0
drop_stale_data "$@"
write_configuration
make_databases
start_keystone() { # name, port
  start "$1" "$2" "http://127.0.0.1:$2/v3" 200 /usr/bin/uwsgi --ini "$LIVE_HOME/etc/keystone/$1.ini"
}
start_keystone keystone "$KEYSTONE_PORT"
start_keystone keystone-limited "$LIMITED_PORT" & limited=$!
make_accounts
start cloud "$CLOUD_PORT" "$CLOUD/" 200 \
  /usr/bin/python3 "$HERE/cloud.py" "$CLOUD_PORT" "$LIVE_HOME/"
start_senlin() { # name, port
  start "$1" "$2" "http://127.0.0.1:$2/" 300 \
    /usr/bin/python3 "$HERE/senlin-in-one.py" --config-file "$LIVE_HOME/etc/senlin/$1.conf"
}
start_senlin senlin-alone "$ALONE_PORT" & alone=$!
start_senlin senlin "$SENLIN_PORT"
wait "$alone" && wait "$limited" || exit "$?"
say "ready after $SECONDS s: $KEYSTONE/v3 and $SENLIN/v1"
write_env
