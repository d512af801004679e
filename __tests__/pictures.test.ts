import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {closedLogText, logText, shownLines} from '../scripts/lib/step-log.ts'

const root = path.join(import.meta.dirname, '..')
const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** The pictures of this repository that a document shows, by path. */
function picturesIn(file: string): readonly string[] {
  const text = readFileSync(path.join(root, file), 'utf8')
  const sources = [...text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)="([^"\s]+)"/g)]
  return sources
    .map(([, markdown, html]) => markdown ?? html ?? '')
    .filter((source) => !source.startsWith('https://'))
    .map((source) => path.join(path.dirname(file), source))
}

/** https://www.w3.org/TR/png-3/#11IHDR */
function readPng(file: string): {readonly bytes: number; readonly width: number; readonly height: number} {
  const png = readFileSync(path.join(root, file))
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  return {bytes: png.length, width: png.readUInt32BE(16), height: png.readUInt32BE(20)}
}

describe('the pictures of the documentation', () => {
  const pictures = readdirSync(path.join(root, 'docs/images')).filter((name) => name.endsWith('.png'))

  test.each(pictures)('%s is sharp and small', (name) => {
    const {bytes, width} = readPng(`docs/images/${name}`)
    expect(width).toBeGreaterThanOrEqual(1600)
    expect(bytes).toBeLessThan(200_000)
  })

  test.each(documents)('%s shows only pictures that exist', (file) => {
    const existing = pictures.map((name) => path.join('docs/images', name))
    expect(picturesIn(file).filter((picture) => !existing.includes(picture))).toEqual([])
  })
})

describe('a log as the runner shows it', () => {
  const log = [
    '::add-mask::s3cret',
    'a s3cret',
    '::debug::internal',
    '::group::Build%25',
    '::stop-commands::token-1',
    '::error::printed by the build',
    '::token-1::',
    '::endgroup::',
    '::notice::kept%0Aa s3cret',
    '::warning file=Dockerfile,line=3::careful',
    '::error::no',
    'b::c',
    '',
  ].join('\n')

  test('has groups, annotations and masked texts', () => {
    expect(shownLines(log)).toEqual([
      {kind: 'text', text: 'a ***', isGrouped: false},
      {kind: 'group', text: 'Build%', isGrouped: false},
      {kind: 'text', text: '::stop-commands::***', isGrouped: true},
      {kind: 'text', text: '::error::printed by the build', isGrouped: true},
      {kind: 'text', text: '::***::', isGrouped: true},
      {kind: 'notice', text: 'kept', isGrouped: false},
      {kind: 'notice', text: 'a ***', isGrouped: false},
      {kind: 'warning', text: 'careful', isGrouped: false},
      {kind: 'error', text: 'no', isGrouped: false},
      {kind: 'text', text: 'b::c', isGrouped: false},
    ])
  })

  test('is text with its groups open, or closed', () => {
    expect(logText(log).split('\n').slice(0, 4)).toEqual([
      'a ***',
      '▼ Build%',
      '::stop-commands::***',
      '::error::printed by the build',
    ])
    expect(closedLogText(log).split('\n').slice(0, 4)).toEqual(['a ***', '▶ Build%', 'Notice: kept', 'Notice: a ***'])
  })
})
