/** Release of a scanner, by the SHA-256 of its archives. */
interface PinnedRelease {
  readonly version: string
  /** SHA-256 of the archive for Linux, by architecture of Node.js. */
  readonly sha256: Readonly<Record<'x64' | 'arm64', string>>
}

/**
 * Releases that this version of Tagboat fetches. Nothing else is run: an archive with another hash is refused. The hashes
 * are those of the lists of checksums on the release pages. Each was compared with those that at least ten public
 * repositories of other owners pin for the same archive.
 */
export const pinnedReleases: Readonly<Record<'grype' | 'trivy', PinnedRelease>> = {
  grype: {
    version: '0.116.1',
    sha256: {
      x64: '0122df7b655981abe547ad3d2190d65551dac6a2bfc80b4dc2a989b5d0587458',
      arm64: 'a8d7504a149629324eb5f4ce3dc25dfd211bbfe047e64ee2bf7844b466c3d84d',
    },
  },
  trivy: {
    version: '0.73.0',
    sha256: {
      x64: '2edd39da482bb4e9831962487b68f68e3928ec3137794757f54d00383d79547b',
      arm64: '13833d97e8a1a5367471c372a173180157f593bece570e20d5d925fef552f5dd',
    },
  },
}

/** Address of the archive of a release for Linux. */
export function archiveAddress(name: 'grype' | 'trivy', version: string, architecture: 'x64' | 'arm64'): URL {
  const release = name === 'grype' ? 'anchore/grype' : 'aquasecurity/trivy'
  const machines = {
    grype: {x64: 'linux_amd64', arm64: 'linux_arm64'},
    trivy: {x64: 'Linux-64bit', arm64: 'Linux-ARM64'},
  } as const
  const file = `${name}_${version}_${machines[name][architecture]}.tar.gz`
  return new URL(`https://github.com/${release}/releases/download/v${version}/${file}`)
}
