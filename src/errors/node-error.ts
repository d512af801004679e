/**
 * Code of an error of Node.js (`ECONNRESET`, `ENOENT`, `ERR_…`). Undefined if the value has no such code. It is read by its
 * shape: an error of Node.js may come from another realm, where `instanceof Error` is false.
 */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
