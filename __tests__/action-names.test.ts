import {readdirSync, readFileSync, statSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'

const root = path.resolve(import.meta.dirname, '..')

/** Texts that users read and copy from: documentation, descriptions, and the source of the messages. */
const places = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'action.yml', 'stage', 'promote', 'prune', 'docs', 'src']

/** Names of the actions in folders that do not work after `uses:`. */
function misnamed(text: string): readonly string[] {
  return (
    text.match(
      /(?<!tagboat\/)\btagboat\/(?:stage|promote|prune)\b|\btagboat\/tagboat\/(?:stage|promote|prune)\b(?!@v\d)/g,
    ) ?? []
  )
}

function filesIn(place: string): readonly string[] {
  if (statSync(path.join(root, place)).isFile()) return [place]
  const entries = readdirSync(path.join(root, place), {recursive: true, withFileTypes: true})
  return entries
    .filter((entry) => entry.isFile() && /\.(?:md|ts|yml)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

test.each(places)('%s names the actions as `uses:` needs them', (place) => {
  const files = filesIn(place)
  expect(files.length).toBeGreaterThan(0)
  const found = files.flatMap((file) => {
    const names = misnamed(readFileSync(path.join(root, file), 'utf8'))
    return names.map((name) => `${file}: ${name}`)
  })
  expect(found).toEqual([])
})

describe('a name', () => {
  test.each([
    {text: 'uses: tagboat/stage@v1', names: ['tagboat/stage']},
    {text: 'the action `tagboat/promote`', names: ['tagboat/promote']},
    {text: 'run tagboat/prune nightly', names: ['tagboat/prune']},
    {text: 'the action `tagboat/tagboat/promote`', names: ['tagboat/tagboat/promote']},
    {text: '`tagboat/tagboat/stage@v1`, tagboat/tagboat@v1 and a stage', names: []},
  ])('in "$text"', ({text, names}) => {
    expect(misnamed(text)).toEqual(names)
  })
})
