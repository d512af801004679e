import path from 'node:path'

const folder = path.join(import.meta.dirname, '..', 'browser')

/** Modules that a bundle for browsers has in place of those of Node. Any other module of Node is an error. */
export const browserModules: Readonly<Record<string, string>> = {
  'node:path': path.join(folder, 'path.ts'),
  'node:crypto': path.join(folder, 'crypto.ts'),
}
