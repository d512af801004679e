# shellcheck shell=bash
# An apt beside the system's, to download packages of the machine's own suite (called `own`) or of another one.
#
# Needs: say.sh, and `cache`, a folder.
: "${cache:?}"

own_suite() { (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:?}"); }
on_debian() { [[ -r /etc/os-release ]] && (. /etc/os-release && [[ ${ID:-} == debian ]]); }
suite_name() { if [[ $1 == own ]]; then own_suite; else echo "$1"; fi; }

apt_folder() { echo "$cache/parts/apt.new/$1"; }

# own_apt SUITE : an apt with sources, lists and cache of its own, so that the system's stay as they are.
# Its mirror is the machine's, its network settings (proxies, certificates) too; the machine's hooks are left out.
own_apt() {
  local suite=$1 apt
  apt=$(apt_folder "$suite")
  [[ ! -e $apt/updated ]] || return 0
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/empty" || return 1
  {
    apt-config dump | grep -E '^Acquire::[^ ]+ "[^"]+";$'
    cat <<EOF
Dir::Etc::Main "$apt/empty/none";
Dir::Etc::Parts "$apt/empty";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "$apt/empty";
Dir::Etc::Preferences "$apt/empty/none";
Dir::Etc::PreferencesParts "$apt/empty";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
APT::Architecture "$(dpkg --print-architecture)";
APT::Architectures "amd64,arm64";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Debug::NoLocking "true";
quiet "2";
EOF
  } >"$apt/apt.conf"
  sources_of "$suite" >"$apt/sources.list" || return 1
  if [[ ! -s $apt/sources.list ]]; then
    say "apt knows no source of this machine's own release"
    return 1
  fi
  APT_CONFIG=$apt/apt.conf retry 3 apt-get update --error-on=any >&2 && touch "$apt/updated"
}

# sources_of SUITE : source lines; printed. Every suite is signed, and checked with the archive's keyring as the
# machine has it; a later Debian's keys are in a newer keyring package, which the machine's keys vouch for.
sources_of() {
  local suite=$1 architectures mirror release keys
  architectures=$(dpkg --print-architecture)
  keys=$(archive_keyring)
  if [[ $suite == own ]]; then
    ! on_debian || architectures=amd64,arm64
    machine_mirrors | while read -r mirror release; do
      echo "deb [arch=$architectures${keys:+ signed-by=$keys}] $mirror $release $(components)"
    done
  else
    mirror=$(machine_mirrors | awk -v own="$(own_suite)" '$2 == own { print $1; exit }')
    keys=$(newest_keyring || echo "$keys")
    [[ -z $mirror ]] || echo "deb [arch=$architectures${keys:+ signed-by=$keys}] $mirror $suite main"
  fi
}

components() { if on_debian; then echo main; else echo main universe; fi; }

# The mirrors that the machine's apt uses for its own release, with updates and security; "mirror suite" lines. Asked of
# apt itself, which knows all the ways to write a source, and knows them before its first update.
machine_mirrors() {
  apt-get update --print-uris 2>/dev/null |
    sed -nE "s#^'(.*/)dists/($(own_suite)(-updates|-security)?)/InRelease'.*#\1 \2#p" | sort -u
}

archive_keyring() {
  dpkg -L debian-archive-keyring ubuntu-keyring 2>/dev/null |
    grep -E '/(debian|ubuntu)-archive-keyring\.(gpg|pgp)$' | sort | tail -n 1
}

# The keyring package of the machine's own release, which may be newer than the installed one; its keyring's path.
newest_keyring() {
  local folder
  folder=$(apt_folder keyring)
  if [[ ! -d $folder/root ]]; then
    mkdir -p "$folder"
    own_apt own && retry 3 download own "$folder" debian-archive-keyring:all &&
      dpkg-deb -x "$folder"/debian-archive-keyring_*.deb "$folder/root" || return 1
  fi
  find "$folder/root" -name 'debian-archive-keyring.?pg' | sort | tail -n 1 | grep .
}

# download SUITE FOLDER PACKAGE… : from the machine's own suite with the libraries that the system lacks, but not where
# an architecture is named; from another suite the packages alone, since that suite's libraries would not fit.
download() {
  local suite=$1 folder=$2 apt
  shift 2
  apt=$(apt_folder "$suite")
  if [[ $suite == own && $1 != *:* ]]; then
    # Without --reinstall, apt downloads no package that is installed.
    APT_CONFIG=$apt/apt.conf apt-get install --yes --download-only --reinstall "$@" >&2 &&
      find "$apt/archives" -maxdepth 1 -name '*.deb' -exec mv {} "$folder/" \;
  else
    (cd "$folder" && APT_CONFIG=$apt/apt.conf apt-get download "$@" >&2)
  fi
}
