# Sourced by up.sh: installs what the servers need with apt-get, without starting any service.
PACKAGES=(python3-keystone python3-senlin uwsgi-core uwsgi-plugin-python3)
# It owns api-paste.ini, but installing it makes a user and a database: one file is unpacked.
PASTE_PACKAGE=senlin-common
NO_SERVICES=/usr/sbin/policy-rc.d

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >>"$LIVE_HOME/log/apt.log" 2>&1
}

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | tr -d ' ')" = ii ]
}

# The packages' own scripts would start daemons: a policy that answers 101 forbids it meanwhile.
install_without_services() {
  local made_policy='' result=0
  if [ ! -e "$NO_SERVICES" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$NO_SERVICES" >/dev/null
    as_root chmod 755 "$NO_SERVICES"
    made_policy=yes
  fi
  apt update -qq || true
  apt install -y -q --no-install-recommends "$@" || result=1
  [ -z "$made_policy" ] || as_root rm -f "$NO_SERVICES"
  return "$result"
}

unpack_paste_file() {
  local folder
  folder=$(mktemp -d "$LIVE_HOME/run/paste.XXXXXX")
  (
    cd "$folder"
    download() { apt-get download -qq "$PASTE_PACKAGE" >>"$LIVE_HOME/log/apt.log" 2>&1; }
    download || { apt update -qq && download; } || exit 1
    dpkg-deb -x "$PASTE_PACKAGE"_*.deb unpacked
    cp unpacked/usr/share/senlin-common/api-paste.ini "$LIVE_HOME/share/"
  ) || cannot "$PASTE_PACKAGE cannot be downloaded: $(tail -n 1 "$LIVE_HOME/log/apt.log")"
  rm -rf "$folder"
}

install_packages() {
  local missing=() package command
  for command in apt-get dpkg-query dpkg-deb curl setsid; do
    command -v "$command" >/dev/null || cannot "no $command: made for Debian 12, apt-get install apt dpkg curl util-linux"
  done
  for package in "${PACKAGES[@]}"; do
    installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    as_root true 2>/dev/null || cannot "not installed, and no root to do so: sudo apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    install_without_services "${missing[@]}" ||
      cannot "apt-get install failed: $(grep -a '^E:' "$LIVE_HOME/log/apt.log" | tail -n 1)"
  fi
  [ -s "$LIVE_HOME/share/api-paste.ini" ] || unpack_paste_file
}
