# shellcheck shell=bash
# The project's packages and the Node that they bring: the runner's version, first on the PATH.
#
# Needs: `program` (say.sh), and `root`, the project's folder, which is the working folder.

# use_packages: installs the packages of package-lock.json, unless they are up to date.
use_packages() {
  : "${root:?}"
  has npm || die 'Node and npm are missing' 'install Node.js with npm (any maintained version: the tests bring their own)'
  if ! packages_are_current; then
    say 'installing packages'
    retry 3 npm ci --no-audit --no-fund --loglevel=error >&2 || die 'npm ci failed' 'see its output above'
  fi
  PATH=$root/node_modules/node/bin:$root/node_modules/.bin:$PATH
  export PATH
  [[ $(node --version) == v24.* ]] ||
    die "node --version is $(node --version), not 24" 'remove node_modules and run this again'
}

# npm records what it installed; anything newer than that record is not installed yet.
packages_are_current() {
  local written=$root/node_modules/.package-lock.json
  [[ -x $root/node_modules/node/bin/node && $written -nt $root/package-lock.json && $written -nt $root/package.json ]]
}
