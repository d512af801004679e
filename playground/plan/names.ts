/** Problem of a name of a repository on GitHub, as a sentence. Undefined: it has none, or it is empty. */
export function repositoryProblem(name: string): string | undefined {
  if (name === '' || /^[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9._-]+$/.test(name)) return undefined
  return 'Write the owner and the name: owner/name.'
}
