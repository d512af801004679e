/** Kinds of packages of operating systems, as Syft and package URLs name them. */
export const osTypes: ReadonlySet<string> = new Set([
  'deb',
  'rpm',
  'apk',
  'alpm',
  'ebuild',
  'portage',
  'msrc-kb',
  'linux-kernel',
])
