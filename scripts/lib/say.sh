# shellcheck shell=bash
# What every script of this folder needs: one voice, one way to stop, one way to try again, one cache.
#
# Needs: `program`, the script's name.
: "${program:?}"

# Everything goes to standard error, so that standard output stays that of the command being run.
say() { printf '%s: %s\n' "$program" "$*" >&2; }

# Stops with a cause and, where there is one, a remedy on a line of its own.
die() {
  say "error: $1"
  [[ $# -lt 2 ]] || say "  remedy: $2"
  exit 1
}

# retry TIMES COMMAND… : for downloads only, since it repeats after any failure. Waits 2, 4, 6 … seconds in between.
retry() {
  local times=$1 attempt
  shift
  for ((attempt = 1; attempt <= times; attempt++)); do
    if "$@"; then return 0; fi
    if ((attempt < times)); then
      say "try $attempt of $times failed: $*"
      sleep $((attempt * 2))
    fi
  done
  return 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# cache_folder: where downloaded parts are kept between runs; printed.
cache_folder() {
  [[ -n ${TAGBOAT_CACHE:-}${XDG_CACHE_HOME:-}${HOME:-} ]] ||
    die 'none of TAGBOAT_CACHE, XDG_CACHE_HOME and HOME is set' 'set TAGBOAT_CACHE to a folder that may be written'
  local folder=${TAGBOAT_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/tagboat}
  mkdir -p "$folder" || die "the cache folder $folder cannot be made" 'set TAGBOAT_CACHE to a folder that may be written'
  (cd "$folder" && pwd -P)
}

# own_folder PATH : creates a folder in a place where other users may write, and checks that this user owns it; printed.
own_folder() {
  mkdir -m 700 "$1" 2>/dev/null || [[ -d $1 && -O $1 && ! -L $1 ]] ||
    die "$1 exists and belongs to another user" 'remove it'
  printf '%s\n' "$1"
}
