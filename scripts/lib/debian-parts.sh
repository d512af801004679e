# shellcheck shell=bash
# Debian packages, unpacked into the cache instead of installed: nothing of the system changes, several versions can
# exist side by side, and no maintainer script runs. apt still does the downloading, so that mirrors, proxies and
# signatures are handled as on the machine itself.
#
# Docker, Buildx and the registry come from sid, whose versions are recent and whose binaries still run on Debian 12's
# C library; if they ever do not fit, trixie's are taken. What is bound to the machine's own libraries comes from the
# machine's own suite. On Ubuntu everything does.
#
# Needs: say.sh, own-apt.sh, and `cache`, a folder.
: "${cache:?}"

# For each part: its packages, the suites to try in order, and the programs it must contain.
declare -A part_packages=(
  [cli]='docker-cli docker-buildx'
  [engine]='docker.io containerd'
  [runtime]='runc tini'
  [emulation]='qemu-user-static'
  [registry]='docker-registry'
  [htpasswd]='apache2-utils'
  [busybox]='busybox-static:amd64 busybox-static:arm64'
)
declare -A part_suites=(
  [cli]='sid trixie'
  [engine]='sid trixie'
  [runtime]='own'
  [emulation]='own'
  [registry]='sid trixie own'
  [htpasswd]='own'
  [busybox]='own'
)
declare -A part_programs=(
  [cli]='docker docker-buildx'
  [engine]='dockerd containerd containerd-shim-runc-v2 docker-proxy'
  [runtime]='runc tini-static'
  [emulation]='qemu-aarch64-static qemu-x86_64-static qemu-riscv64-static'
  [registry]='docker-registry'
  [htpasswd]='htpasswd'
  [busybox]=''
)

# part_folder PART : where a part is or will be; printed. The recipe and the machine's kind are part of the name: a
# changed recipe is a new folder (the number is the version of the code below; increment it if that changes what is unpacked),
# and a cache carried to another release or processor is not believed.
part_folder() {
  local recipe
  recipe=$(printf '%s\n' 3 "${part_packages[$1]}" "${part_suites[$1]}" "${part_programs[$1]}" "$(machine_kind)" | cksum)
  printf '%s/parts/%s-%s\n' "$cache" "$1" "${recipe%% *}"
}

machine_kind() {
  uname -sm
  [[ ! -r /etc/os-release ]] || (. /etc/os-release && printf '%s %s\n' "${ID:-}" "${VERSION_CODENAME:-}")
}

# need_parts PART… : fetches what the cache lacks, and puts the programs of all of them first on the PATH.
need_parts() {
  local part folder missing=()
  for part in "$@"; do
    [[ -e $(part_folder "$part")/complete ]] || missing+=("$part")
  done
  if ((${#missing[@]} > 0)); then
    if ! has apt-get || ! has dpkg-deb; then die_without_apt "${missing[0]}"; fi
    install_parts "${missing[@]}"
  fi
  for part in "$@"; do
    folder=$(part_folder "$part")
    say "using $(paste -sd, "$folder/versions" | sed 's/,/, /g')"
    PATH=$folder/bin:$PATH
  done
}

die_without_apt() {
  die "missing here, and there is no apt to fetch it with: ${part_programs[$1]:-${part_packages[$1]}}" \
    "$(remedy_without_apt "$1")"
}

remedy_without_apt() {
  case $1 in
    registry) echo "install the distribution registry (2.8 or newer) and put it on the PATH under the name docker-registry" ;;
    htpasswd) echo "install Apache's htpasswd (apache2-utils, httpd-tools) on the PATH" ;;
    cosign | notation | crane | skopeo) echo "install $1 and put it on the PATH" ;;
    *) echo 'install and start Docker 25 or newer with Buildx (Docker Desktop has both)' ;;
  esac
}

# One process installs at a time; the others wait and then find the parts complete. All downloads share one index per
# suite, which is thrown away at the end: the next install reads a fresh one.
install_parts() {
  local part folder lock
  mkdir -p "$cache/parts"
  exec {lock}>"$cache/parts/lock"
  flock "$lock"
  find "$cache/parts" -maxdepth 1 -name '*.new' -exec rm -rf {} +
  for part in "$@"; do
    folder=$(part_folder "$part")
    [[ -e $folder/complete ]] || install_part "$part" "$folder"
  done
  rm -rf "$cache/parts/apt.new"
  exec {lock}>&-
}

install_part() {
  local part=$1 folder=$2 suite
  for suite in $(usable_suites "$part"); do
    say "fetching ${part_packages[$part]} ($(suite_name "$suite"))"
    if fill_part "$part" "$folder.new" "$suite"; then
      # The name is given last, in one step: an interrupted install never looks like a finished one.
      touch "$folder.new/complete"
      rm -rf "$folder"
      mv "$folder.new" "$folder"
      return
    fi
    say "not usable from $(suite_name "$suite")"
  done
  die "could not fetch ${part_packages[$part]}" 'see the lines above; is the package mirror reachable?'
}

usable_suites() { if on_debian; then echo "${part_suites[$1]}"; else echo own; fi; }

# fill_part PART FOLDER SUITE : downloads, unpacks, checks.
fill_part() {
  local part=$1 folder=$2 suite=$3 package packages
  read -ra packages <<<"${part_packages[$part]}"
  rm -rf "$folder"
  mkdir -p "$folder/bin" "$folder/packages" || return 1
  own_apt "$suite" && retry 3 download "$suite" "$folder/packages" "${packages[@]}" || return 1
  for package in "$folder"/packages/*.deb; do
    unpack "$package" "$folder/root" "$part" || return 1
    printf '%s %s (%s)\n' "$(dpkg-deb -f "$package" Package)" "$(dpkg-deb -f "$package" Version)" \
      "$(suite_name "$suite")"
  done | sort -u >"$folder/versions" || return 1
  rm -rf "$folder/packages"
  # The package holds some thirty processors' emulators, hundreds of megabytes.
  [[ $part != emulation ]] ||
    find "$folder/root" -type f -name 'qemu-*-static' -not -name qemu-aarch64-static -not -name qemu-x86_64-static \
      -not -name qemu-riscv64-static -delete
  # A script that starts the program from where the package would be installed; its name is the program's.
  [[ $part != browser ]] || rm "$folder/root/usr/bin/chromium-headless-shell"
  link_programs "$part" "$folder"
}

# Busybox is wanted for two architectures, both of which hold the same paths: one folder each.
unpack() {
  if [[ $3 == busybox ]]; then
    local architecture
    architecture=$(dpkg-deb -f "$1" Architecture)
    dpkg-deb -x "$1" "$2.$architecture" &&
      install -D "$(find "$2.$architecture" -type f -path '*/bin/busybox')" "${2%/*}/$architecture/busybox" &&
      rm -rf "$2.$architecture"
  else
    dpkg-deb -x "$1" "$2"
  fi
}

# link_programs PART FOLDER : bin/ gets a door to every program, after a look whether this machine's libraries do.
link_programs() {
  local part=$1 folder=$2 program file libraries
  libraries=$(find "$folder/root" -name 'lib*.so*' -printf '%h\n' 2>/dev/null | sort -u | paste -sd:)
  for program in ${part_programs[$part]}; do
    file=$(find "$folder/root" -type f -name "$program" -perm /111 -not -path "$folder/root/etc/*" | head -n 1)
    if [[ -z $file ]]; then
      # apt leaves out what the system has.
      has "$program" && continue
      say "no $program in ${part_packages[$part]}"
      return 1
    fi
    if LD_LIBRARY_PATH=$libraries ldd "$file" 2>&1 | grep 'not found' >&2; then return 1; fi
    make_door "$folder" "${file#"$folder"/}" "$program" "${libraries//"$folder"\//}"
  done
}

# A plain link, or, where libraries were unpacked too, a script that shows the way to them. Paths are relative, since
# the folder is renamed once it is complete.
make_door() {
  local folder=$1 file=$2 program=$3 libraries=$4
  if [[ -z $libraries ]]; then
    ln -s "../$file" "$folder/bin/$program"
    return
  fi
  {
    echo '#!/bin/sh'
    # shellcheck disable=SC2016 # expanded by the script that is written
    echo 'here=$(dirname "$(dirname "$(readlink -f "$0")")")'
    echo "LD_LIBRARY_PATH=\"\$here/${libraries//:/:\$here/}\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\" exec \"\$here/$file\" \"\$@\""
  } >"$folder/bin/$program"
  chmod +x "$folder/bin/$program"
}
