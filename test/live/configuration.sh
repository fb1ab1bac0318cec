# Sourced by up.sh: writes the configuration of both servers below $LIVE_HOME/etc.

# Bcrypt's usual 12 rounds take 0.25 s for each password login; 4 is the least it allows.
write_keystone_conf() { # name, its own lines
  cat >"$LIVE_HOME/etc/keystone/$1.conf" <<END
[DEFAULT]
log_file = $LIVE_HOME/log/$1.log
public_endpoint = $KEYSTONE
use_stderr = false
[database]
connection = sqlite:///$LIVE_HOME/var/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = $LIVE_HOME/etc/keystone/fernet-keys
[fernet_receipts]
key_repository = $LIVE_HOME/etc/keystone/fernet-keys
[credential]
key_repository = $LIVE_HOME/etc/keystone/credential-keys
[identity]
password_hash_rounds = 4
[oslo_policy]
policy_dirs = $LIVE_HOME/etc/keystone/policy.d
$2
END
}

# Debian's own file leaves Content-Length out of answers; here it stays, and the request's body is
# read first instead (post-buffering), so that an early refusal does not reset the connection.
# One process with one thread, since two writers at once lock SQLite and Keystone then answers
# nothing. uwsgi closes after each answer without saying so, hence the Connection header.
write_uwsgi_ini() { # name, port
  cat >"$LIVE_HOME/etc/keystone/$1.ini" <<END
[uwsgi]
plugins = python3
http-socket = 127.0.0.1:$2
wsgi-file = /usr/bin/keystone-wsgi-public
env = OS_KEYSTONE_CONFIG_FILES=$LIVE_HOME/etc/keystone/$1.conf
pyargv = --config-file=$LIVE_HOME/etc/keystone/$1.conf
name = $1
master = true
no-orphans = true
die-on-term = true
lazy-apps = true
enable-threads = true
processes = 1
threads = 1
listen = 100
buffer-size = 65535
post-buffering = 65536
add-header = Connection: close
disable-logging = true
chdir = $LIVE_HOME/var
END
}

# fake:// is the in-memory transport, for API, conductor and engine in one process.
write_senlin_conf() { # name, port
  cat >"$LIVE_HOME/etc/senlin/$1.conf" <<END
[DEFAULT]
host = live
transport_url = fake://
log_file = $LIVE_HOME/log/$1.log
use_stderr = false
default_region_name = $REGION
environment_dir = $LIVE_HOME/etc/senlin/environments
rpc_response_timeout = 30
[database]
connection = sqlite:///$LIVE_HOME/var/$1.db
[senlin_api]
bind_host = 127.0.0.1
bind_port = $2
workers = 0
api_paste_config = $LIVE_HOME/etc/senlin/api-paste.ini
[authentication]
auth_url = $KEYSTONE/v3
service_username = senlin
service_password = $SENLIN_PASSWORD
service_project_name = service
[keystone_authtoken]
www_authenticate_uri = $KEYSTONE
auth_url = $KEYSTONE
auth_type = password
username = senlin
password = $SENLIN_PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $REGION
service_token_roles_required = true
[oslo_messaging_notifications]
driver = noop
[oslo_policy]
policy_dirs = $LIVE_HOME/etc/senlin/policy.d
END
}

write_configuration() {
  write_keystone_conf keystone ''
  write_keystone_conf keystone-limited $'[resource]\nlist_limit = 5'
  write_uwsgi_ini keystone "$KEYSTONE_PORT"
  write_uwsgi_ini keystone-limited "$LIMITED_PORT"
  write_senlin_conf senlin "$SENLIN_PORT"
  write_senlin_conf senlin-alone "$ALONE_PORT"
  cp "$LIVE_HOME/share/api-paste.ini" "$LIVE_HOME/etc/senlin/api-paste.ini"
}
