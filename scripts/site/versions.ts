/** One entry of `site/versions.json`. */
export interface SiteVersion {
  /** Name in the menu. */
  readonly name: string
  /** Folder below that of the latest version, with slashes at both ends. */
  readonly path: string
  /** Git ref that the pages are built from. Without it, they are those of the checkout. */
  readonly ref?: string
}

/** Versions that have a ref of their own. @throws Error if the list is not valid. */
export function olderVersions(list: unknown): readonly (SiteVersion & {readonly ref: string})[] {
  return versionList(list).flatMap(({ref, ...version}) => (ref === undefined ? [] : [{...version, ref}]))
}

/** Reads the list of versions, of which exactly one is that of the checkout. */
export function versionList(list: unknown): readonly SiteVersion[] {
  if (!Array.isArray(list) || !list.every(isVersion)) throw new Error('site/versions.json has an invalid entry')
  const current = list.filter(({ref}) => ref === undefined)
  if (current.length !== 1 || current[0]?.path !== '/')
    throw new Error('site/versions.json needs one entry without ref, with the path /')
  return list
}

function isVersion(entry: unknown): entry is SiteVersion {
  if (typeof entry !== 'object' || entry === null) return false
  const {name, path, ref} = Object.fromEntries(Object.entries(entry))
  const isPath = typeof path === 'string' && /^\/(?:\w[\w.-]*\/)?$/.test(path)
  return (
    typeof name === 'string' && isPath && (ref === undefined || (typeof ref === 'string' && /^\w[\w./-]*$/.test(ref)))
  )
}

/** Variables for the build of an older version. */
export function versionSettings(
  {name, path}: SiteVersion,
  {SITE_BASE: home = '/'}: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const base = home.endsWith('/') ? home : `${home}/`
  return {SITE_BASE: `${base}${path.slice(1)}`, SITE_HOME: base, SITE_VERSION: name}
}
