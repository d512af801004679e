/** Name of the Git tags that point to the commit, among the facts that are not known. */
export const commitTags = 'the Git tags of the commit'

const filePrefix = 'file:'

/** Name of a file of the checkout, among the facts that are not known. */
export function fileFact(path: string): string {
  return `${filePrefix}${plainPath(path)}`
}

/** Path of a file by its name among the facts; undefined for another fact. */
export function fileOf(name: string): string | undefined {
  return name.startsWith(filePrefix) && name !== filePrefix ? plainPath(name.slice(filePrefix.length)) : undefined
}

/** Path in its shortest form: `./a` and `a` are one file. */
function plainPath(path: string): string {
  const parts = path.split('/').filter((part, index) => part !== '.' && (part !== '' || index === 0))
  return parts.join('/')
}

/** Name of the commit of a ref or of another repository, among the facts that are not known. */
export function commitFact(name: string): string {
  return `the commit of ${name}`
}

/** Name of the question whether a ref points to a commit. Its answer is `true` or `false`. */
export function tipFact(sha: string, ref: string): string {
  return `whether ${sha} is the commit of ${ref}`
}

/** Reports whether a name is that of a commit, or of a question about one. */
export function isCommitFact(name: string): boolean {
  return /^(?:the commit of \S+|whether \S+ is the commit of \S+)$/.test(name)
}

/** Reports whether a name is that of a question about a commit. */
export function isTipFact(name: string): boolean {
  return isCommitFact(name) && name.startsWith('whether ')
}

/** Reports whether a name is that of a field of the context `github` that only a run knows. */
export function isRunFact(name: string): boolean {
  return /^github\.(?:run_(?:id|number|attempt)|(?:triggering_)?actor|(?:actor|repository|repository_owner)_id)$/i.test(
    name,
  )
}
