import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import type {Metafile} from 'esbuild'

/** Licences of the packages whose code is in a bundle, as one text. @throws Error if a package has none. */
export function licences(metafiles: readonly Metafile[], root: string): string {
  const inputs = metafiles.flatMap(({outputs}) => Object.values(outputs).flatMap((one) => Object.entries(one.inputs)))
  return licencesOf(
    inputs.filter(([, {bytesInOutput}]) => bytesInOutput > 0).map(([file]) => file),
    root,
  )
}

/** Licences of the packages of files below `node_modules` of a folder, as one text. @throws Error if a package has none. */
export function licencesOf(files: readonly string[], root: string): string {
  const names = new Set(
    files.flatMap((file) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(file)?.[1] ?? []),
  )
  const texts = [...names].sort().map((name) => `${name}\n\n${licenceOf(name, path.join(root, 'node_modules', name))}`)
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

function licenceOf(name: string, folder: string): string {
  const files = readdirSync(folder).sort()
  const own = files.filter((file) => /^licen[cs]e/i.test(file))
  if (own.length === 0) throw new Error(`${name} has no file with its licence`)
  // A licence such as Apache-2.0 asks to pass on the notices as well.
  return [...own, ...files.filter((file) => /^notice/i.test(file))]
    .map((file) => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n'))
    .join('\n')
}
