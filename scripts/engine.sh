#!/usr/bin/env bash
# Makes sure that a Docker Engine answers.
#
# Uses the one that DOCKER_HOST or docker's context names when it answers. Else, on Debian as root,
# installs docker.io and docker-compose and starts dockerd. Else says what to do and exits 3.
# On Debian as root it also installs the registry that the tests push to.
set -euo pipefail

readonly WAIT_SECONDS=60
readonly LOG=/var/log/dockerd.log

answers() {
  command -v docker >/dev/null && docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

report() {
  echo "engine: Docker Engine $(docker version --format '{{.Server.Version}}') answers" >&2
}

give_up() {
  echo "engine: $1" >&2
  echo "engine: start a Docker Engine, or name one with DOCKER_HOST" >&2
  exit 3
}

install_packages() {
  [[ -r /etc/debian_version ]] || give_up "no Engine answers, and this is not Debian"
  [[ $(id -u) == 0 ]] || give_up "no Engine answers, and installing one needs root"
  echo "engine: installing $*" >&2
  apt-get update --quiet=2
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends "$@" >&2
}

start_daemon() {
  echo "engine: starting dockerd, log in $LOG" >&2
  # In a session of its own, so that it outlives this script and its terminal.
  setsid --fork dockerd >"$LOG" 2>&1 </dev/null
  for ((second = 0; second < WAIT_SECONDS; second++)); do
    if answers; then return; fi
    sleep 1
  done
  tail --lines=20 "$LOG" >&2
  give_up "dockerd did not answer within $WAIT_SECONDS s"
}

# The tests push to a registry of their own. Nothing else needs it, so its lack ends nothing.
offer_registry() {
  if ! command -v docker-registry >/dev/null || ! command -v htpasswd >/dev/null; then
    if [[ -r /etc/debian_version && $(id -u) == 0 ]]; then
      install_packages docker-registry apache2-utils
    else
      echo "engine: the tests also need docker-registry and htpasswd" >&2
    fi
  fi
}

offer_registry
if answers; then
  report
  exit 0
fi
if [[ -n ${DOCKER_HOST:-} ]]; then
  give_up "the Engine at DOCKER_HOST=$DOCKER_HOST does not answer"
fi
missing=()
command -v dockerd >/dev/null || missing+=(docker.io)
command -v docker-compose >/dev/null || missing+=(docker-compose)
if ((${#missing[@]})); then
  install_packages "${missing[@]}"
fi
# A package's own service may have started it meanwhile.
answers || start_daemon
report
