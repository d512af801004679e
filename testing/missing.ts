/** Real tests never skip: a missing part is an error that says where the part comes from. */
export function missing(program: string, error: unknown): Error {
  if (!isCode(error, 'ENOENT')) return new Error(`${program} failed`, {cause: error})
  return new Error(`${program} is not on the PATH; run the tests with: scripts/with-engine npm test`, {cause: error})
}

/** Not `instanceof Error`: under jest, Node's own errors are of another realm than the test's. */
export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
