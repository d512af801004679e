import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../src/converter/convert-workflow.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'
import {tagboatAction} from '../../testing/workflow-corpus/compare.ts'
import {corpus} from '../../testing/workflow-corpus/corpus.ts'

const workflows = corpus()
const runs = {numRuns: times(100)}
const options = {action: tagboatAction}

/** Numbers of the lines of a text that are not inside a block of text, where a `#` begins no comment. */
function freeLines(text: string): readonly number[] {
  const lines = text.split('\n')
  const free: number[] = []
  let block: number | undefined
  for (const [index, line] of lines.entries()) {
    const indent = /^ */.exec(line)?.[0].length ?? 0
    const blank = line.trim() === ''
    if (block !== undefined && (blank || indent > block)) continue
    block = undefined
    free.push(index)
    if (/(?::|^\s*-)\s+[|>][-+]?\s*(?:#.*)?$/.test(line.trimEnd())) block = /^[ -]*/.exec(line)?.[0].length ?? 0
  }
  return free
}

/** Inserts lines before others, from the end. */
function withLines(text: string, inserted: ReadonlyMap<number, string>): string {
  const lines = text.split('\n')
  for (const [index, line] of [...inserted].sort(([a], [b]) => b - a)) {
    const indent = /^ */.exec(lines[index] ?? '')?.[0] ?? ''
    lines.splice(index, 0, line === '' ? '' : `${indent}${line}${text.includes('\r\n') ? '\r' : ''}`)
  }
  return lines.join('\n')
}

const places = fc.constantFrom(...workflows).chain(({text}) =>
  fc.record({
    text: fc.constant(text),
    at: fc.uniqueArray(fc.constantFrom(...freeLines(text)), {minLength: 1, maxLength: 6}),
  }),
)

describe('a comment between the lines', () => {
  test('stays, or is reported', () => {
    fc.assert(
      fc.property(places, ({text, at}) => {
        const marked = withLines(text, new Map(at.map((index, number) => [index, `# mark ${number}`])))
        const {text: result, remarks} = convertWorkflow(marked, options)
        const dropped = remarks.filter(({code}) => code === 'comment-dropped').map(({place}) => place.line)
        const lines = marked.split('\n')
        const lost = lines.flatMap((line, index) => {
          const [found] = /# mark \d+/.exec(line) ?? []
          return found === undefined ||
            result.includes(`${found}\n`) ||
            result.includes(`${found}\r\n`) ||
            dropped.includes(index + 1)
            ? []
            : [found]
        })
        expect(lost).toEqual([])
      }),
      runs,
    )
  })

  test('changes nothing else', () => {
    fc.assert(
      fc.property(places, ({text, at}) => {
        const marked = withLines(text, new Map(at.map((index, number) => [index, `# mark ${number}`])))
        const {text: result, jobs} = convertWorkflow(marked, options)
        const plain = convertWorkflow(text, options)
        expect(linesOf(result)).toEqual(linesOf(plain.text))
        expect(jobs).toEqual(plain.jobs)
      }),
      runs,
    )
  })
})

/**
 * Lines of a text that are not blank, without spaces at their ends and without the inserted comments, which may come
 * between a hyphen and its key.
 */
function linesOf(text: string): readonly string[] {
  return text
    .replaceAll(/-[^\S\n]+# mark \d+[^\S\n]*\n\s*/g, '- ')
    .replaceAll(/^\s*# mark \d+.*$/gm, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}

/** Lines of `linesOf` without comments: a comment that a blank line separates from a removed step is a heading, and stays. */
function codeOf(text: string): readonly string[] {
  return linesOf(text).filter((line) => !line.trimStart().startsWith('#'))
}

test('a blank line changes nothing but blank lines', () => {
  fc.assert(
    fc.property(places, ({text, at}) => {
      const spaced = withLines(text, new Map(at.map((index) => [index, ''])))
      const result = convertWorkflow(spaced, options)
      const plain = convertWorkflow(text, options)
      expect(codeOf(result.text)).toEqual(codeOf(plain.text))
      expect(result.jobs).toEqual(plain.jobs)
    }),
    runs,
  )
})

test.each(workflows)('$name: a second conversion changes nothing', ({text}) => {
  const once = convertWorkflow(text, options).text
  const twice = convertWorkflow(once, options)
  expect(twice.text).toBe(once)
  expect(twice.changed).toBe(false)
})

test.each(workflows.filter(({about}) => about.expected === 'nothing'))('$name stays byte for byte', ({text}) => {
  for (const variant of [text, text.replaceAll('\n', '\r\n'), text.trimEnd(), `\uFEFF${text}`]) {
    const {text: result, changed} = convertWorkflow(variant, options)
    expect(Buffer.from(result)).toEqual(Buffer.from(variant))
    expect(changed).toBe(false)
  }
})

test('Windows line breaks stay, and are the only difference', () => {
  for (const {text} of workflows.filter((one) => !one.text.includes('\r'))) {
    const {text: result} = convertWorkflow(text.replaceAll('\n', '\r\n'), options)
    expect(result).toBe(convertWorkflow(text, options).text.replaceAll('\n', '\r\n'))
  }
})
