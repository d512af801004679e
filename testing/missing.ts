/** Error for a missing program. Real tests are not skipped: the error states how to install the program. */
export function missing(program: string, error: unknown): Error {
  if (!isCode(error, 'ENOENT')) return new Error(`${program} failed`, {cause: error})
  return new Error(`${program} is not on the PATH; run the tests with: scripts/with-engine npm test`, {cause: error})
}

/** Whether an error has a code. Under jest, `instanceof Error` is false for errors of Node, which are of another realm. */
export function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
