/** First parts of names of branches for a version, as in `release/1.2.3`. */
const branchFolders = ['release', 'releases', 'hotfix', 'feature', 'bugfix', 'fix', 'support', 'chore']

/** Full ref of a name, by its form: a version, also one of a component (`api/v1.2.3`), is a tag; other names are branches. */
export function guessedRef(name: string): string {
  if (name.startsWith('refs/')) return name
  return `refs/${isVersion(name) || isOfComponent(name) ? 'tags' : 'heads'}/${name}`
}

function isVersion(name: string): boolean {
  return /^v?\d+(?:\.\d+)+(?:[-+].*)?$/.test(name) || /^v\d+$/.test(name)
}

function isOfComponent(name: string): boolean {
  const at = Math.max(name.lastIndexOf('/'), name.lastIndexOf('@'), name.lastIndexOf('-v'))
  if (at < 0 || branchFolders.includes(name.split('/', 1)[0] ?? '')) return false
  return /^v?\d+\.\d+\.\d+(?:[-+].*)?$/.test(name.slice(at + 1))
}

/** Reports whether the name of a Git tag ends with the version of a pre-release, also of a component: `api/v1.2.3-rc.1`. */
export function isPreReleaseName(tag: string): boolean {
  return /(?:^|[/@-])v?\d+(?:\.\d+)+-[0-9a-z]/i.test(tag) || /(?:^|[/@-])v?\d+(?:\.\d+)+(?:a|b|rc)\d+$/.test(tag)
}
