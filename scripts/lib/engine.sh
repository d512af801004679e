# shellcheck shell=bash
# A Docker engine of our own, for a machine that has none: its data, runtime folder, socket and containerd are apart
# from any other, and its data is new with every start. It leaves the firewall alone, so containers reach this machine
# and published ports work, but the outside is not reached from them.
#
# One engine serves all runs at the same time. `start.lock` is held while it is started or stopped; every
# run holds `users.lock` as a shared lock until it ends, and a run that ends without another holder stops the
# engine. The kernel lets go of the locks of a run that was killed, so the next one's end cleans up after it.
#
# Needs: say.sh, debian-parts.sh, emulation.sh, `as_root`, and `state`, a folder that outlives this run.
: "${state:?}"

# engine_answers : some engine, with a Buildx, through the client that is on the PATH.
engine_answers() {
  has docker && client_reaches_engine && limited docker buildx version >/dev/null 2>&1
}

client_reaches_engine() { limited docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# An engine that is far away or ill may not answer at all. (macOS has no `timeout`.)
limited() { if has timeout; then timeout 20 "$@"; else "$@"; fi; }

lock_start() { exec {start_lock}>"$state/start.lock" && flock "$start_lock"; }
unlock_start() { exec {start_lock}>&-; }

# join_engine : joins the engine that another run has started, or starts it.
join_engine() {
  lock_start
  exec {users_lock}>"$state/users.lock"
  flock --shared "$users_lock"
  if ! emulation_works; then start_emulation; fi
  if ! engine_runs; then start_engine; fi
  use_engine
  unlock_start
}

# join_emulation : for an existing engine without emulation.
join_emulation() {
  lock_start
  exec {users_lock}>"$state/users.lock"
  flock --shared "$users_lock"
  start_emulation
  unlock_start
}

# leave_engine : leaves it, and stops it as the last one.
leave_engine() {
  [[ -n ${users_lock:-} ]] || return 0
  # Not while this run still holds it from join_engine: a signal may come in the middle of the start.
  [[ -n ${start_lock:-} && -e /proc/self/fd/$start_lock ]] || lock_start
  exec {users_lock}>&-
  exec {users_lock}>"$state/users.lock"
  if flock --exclusive --nonblock "$users_lock"; then
    stop_engine
    stop_emulation
  fi
  exec {users_lock}>&-
  users_lock=
  unlock_start
}

# The runtime folder's name is random and short: a Unix socket's path may have 107 characters at most.
new_run_folder() {
  local parent=${TMPDIR:-/tmp}
  [[ ${#parent} -le 40 ]] || parent=/tmp
  mktemp -d "$parent/tagboat.XXXXXX"
}

run_folder() { cat "$state/run-folder" 2>/dev/null; }

# engine_pid : the engine's process, if it is still the one that was started; printed.
engine_pid() {
  local run pid
  run=$(run_folder) && pid=$(cat "$run/docker.pid" 2>/dev/null) || return 1
  as_root grep -qzF -- "$run/daemon.json" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

engine_runs() {
  engine_pid >/dev/null && DOCKER_HOST=unix://$(run_folder)/docker.sock client_reaches_engine
}

start_engine() {
  local run
  stop_engine
  run=$(new_run_folder)
  echo "$run" >"$state/run-folder"
  write_engine_configuration "$run"
  remember_network "$run"
  mkdir -p "$run/bin"
  ln -sf "$(command -v tini-static)" "$run/bin/docker-init"
  # A session of its own: a Ctrl-C in the terminal must not end it before its containers were ended.
  as_root env PATH="$run/bin:$PATH" setsid dockerd --config-file "$run/daemon.json" \
    </dev/null >"$state/engine.log" 2>&1 {start_lock}>&- {users_lock}>&- &
  launcher=$!
  await_engine "$run"
  say "engine started, log in $state/engine.log"
}

# Setting of the machine's network that an engine changes even without firewall rules, and does not restore.
forwarding=/proc/sys/net/ipv4/ip_forward

remember_network() {
  cat "$forwarding" >"$1/forwarding"
  ip link show docker0 >/dev/null 2>&1 || touch "$1/made-bridge"
}

restore_network() {
  [[ ! -e $1/made-bridge ]] || as_root ip link delete docker0 2>/dev/null || true
  # shellcheck disable=SC2016 # expanded by that shell
  [[ ! -s $1/forwarding ]] || as_root sh -c 'cat "$1" >"$2"' sh "$1/forwarding" "$forwarding" || true
}

write_engine_configuration() {
  local run=$1
  cat >"$run/daemon.json" <<EOF
{
  "features": { "containerd-snapshotter": true },
  "hosts": ["unix://$run/docker.sock"],
  "group": "$(id -gn)",
  "pidfile": "$run/docker.pid",
  "exec-root": "$run/exec",
  "data-root": "$state/data",
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "iptables": false,
  "ip6tables": false,
  "shutdown-timeout": 5
}
EOF
}

await_engine() {
  local run=$1 deadline=$((SECONDS + 90))
  until DOCKER_HOST=unix://$run/docker.sock client_reaches_engine; do
    if ! kill -0 "$launcher" 2>/dev/null || ((SECONDS > deadline)); then
      say "the last lines of $state/engine.log:"
      tail -n 20 "$state/engine.log" >&2
      die 'the Docker engine did not start' 'a kernel with overlayfs, cgroups and bridges, and true root are needed'
    fi
    sleep 0.2
  done
}

# Ends the engine (which ends its containers and its containerd) and removes its data. Safe to call when there is none.
stop_engine() {
  local run pid
  run=$(run_folder) || return 0
  await_pidfile "$run"
  if pid=$(engine_pid); then
    as_root kill -TERM "$pid" || true
    if ! await_end "$pid" 30; then
      say "the engine (process $pid) does not end by itself; killing it"
      as_root kill -KILL "$pid" || true
      await_end "$pid" 10 || true
    fi
  fi
  # Its containerd outlives an engine that was killed.
  if pid=$(cat "$run/exec/containerd/containerd.pid" 2>/dev/null) &&
    as_root grep -qzF -- "$run/exec" "/proc/$pid/cmdline" 2>/dev/null; then
    as_root kill -KILL "$pid" || true
    await_end "$pid" 10 || true
  fi
  restore_network "$run"
  unmount_below "$run" "$state/data"
  as_root rm -rf --one-file-system "$run" "$state/data"
  rm -f "$state/run-folder"
}

# This run's own engine may have been started a moment ago only, by a start that a signal broke off.
await_pidfile() {
  local deadline=$((SECONDS + 10))
  while [[ -n ${launcher:-} && ! -e $1/docker.pid ]] && kill -0 "$launcher" 2>/dev/null && ((SECONDS < deadline)); do
    sleep 0.1
  done
}

await_end() {
  local pid=$1 deadline=$((SECONDS + $2))
  while [[ -e /proc/$pid ]]; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

unmount_below() {
  local folder mount
  for folder in "$@"; do
    awk -v folder="$folder/" 'index($2 "/", folder) == 1 { print $2 }' /proc/self/mounts | sort -r |
      while read -r mount; do as_root umount --lazy "$mount" || true; done
  done
}

# use_engine : what the command needs to find our engine, and nothing that points elsewhere. The client's
# configuration is this run's own, so that logins of two runs do not meet.
use_engine() {
  local client_folder
  client_folder=$(mktemp -d "$(run_folder)/client.XXXXXX")
  mkdir "$client_folder/cli-plugins"
  ln -s "$(command -v docker-buildx)" "$client_folder/cli-plugins/docker-buildx"
  unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION DOCKER_DEFAULT_PLATFORM
  unset BUILDX_BUILDER BUILDX_CONFIG BUILDKIT_HOST
  DOCKER_HOST=unix://$(run_folder)/docker.sock
  DOCKER_CONFIG=$client_folder
  export DOCKER_HOST DOCKER_CONFIG
}
