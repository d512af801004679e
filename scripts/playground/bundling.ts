import {readFileSync} from 'node:fs'
import path from 'node:path'
import type {Plugin} from 'esbuild'
import {completionData} from './completion-data.ts'

/**
 * Parts that a page loads on demand: a large engine, and what needs a key, which a page refuses. Everything else that a run
 * loads on demand is small, and one request is faster than fifty.
 */
const onDemand = /(?:handlebars|signing-key-problem|verify-files|sigstore-config|version-file)\.ts$/

/** Loads small parts of the program together with their importers. */
export const fewFiles: Plugin = {
  name: 'few files',
  setup(bundler) {
    bundler.onLoad({filter: /[\\/]src[\\/].*\.ts$/}, ({path: file}) => {
      const added: string[] = []
      const text = readFileSync(file, 'utf8').replaceAll(/\bimport\('(\.[^']+)'\)/g, (whole, specifier: string) => {
        if (onDemand.test(specifier)) return whole
        added.push(`import * as loaded${added.length} from '${specifier}'`)
        return `Promise.resolve(loaded${added.length - 1})`
      })
      return {contents: [text, ...added].join('\n'), loader: 'ts'}
    })
  },
}

/** Fills in the table of the completion from the generated files of a folder. */
export function completionTable(docs: string): Plugin {
  return {
    name: 'completion',
    setup(bundler) {
      bundler.onLoad({filter: /editor.completion-table\.ts$/}, () => ({
        contents: `export const completionTable = ${JSON.stringify(completionData(path.resolve(docs)))}`,
      }))
    },
  }
}
