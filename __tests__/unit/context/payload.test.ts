import {inspect} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import {commitAt, fieldAt, flagAt, numberAt, readEventFile, textAt} from '../../../src/context/payload.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {renderError} from '../../../src/errors/render-error.ts'

const sha = 'c'.repeat(40)

const file = '/runner/event.json'

/** Error of a file with this text, or of one that cannot be read. */
async function failureOf(content: string | Error): Promise<TagboatError> {
  const read = async (): Promise<string> =>
    content instanceof Error ? Promise.reject(content) : Promise.resolve(content)
  const error: unknown = await readEventFile(file, {read}).catch((thrown: unknown) => thrown)
  if (error instanceof TagboatError) return error
  throw new Error('no error')
}

describe('readEventFile', () => {
  test.each([
    {name: 'an object', content: '{"ref": "x"}', payload: {ref: 'x'}},
    {name: 'an object after a byte order mark', content: '\uFEFF{"ref": "x"}', payload: {ref: 'x'}},
    {name: 'an object without fields, as act writes it', content: '{}', payload: {}},
  ])('$name', async ({content, payload}) => {
    expect(await readEventFile(file, {read: async () => Promise.resolve(content)})).toEqual({payload})
  })

  test.each([{path: undefined}, {path: ''}])(
    'GITHUB_EVENT_PATH $path: reads nothing, and does not warn',
    async ({path}) => {
      const read = async (): Promise<never> => Promise.reject(new Error('this was read'))
      expect(await readEventFile(path, {read})).toEqual({payload: {}})
    },
  )

  test('a missing file is a warning', async () => {
    const {payload, warning} = await readEventFile(file, {read: async () => Promise.resolve(undefined)})
    expect(payload).toEqual({})
    expect(warning).toContain(file)
  })

  test.each([
    {name: 'an empty file', content: ''},
    {name: 'a file cut short', content: '{"token": "hunter2'},
    {name: 'a file of another kind', content: 'hunter2 here'},
    {name: 'a list', content: '["hunter2"]'},
    {name: 'null', content: 'null'},
  ])('$name is an error that does not quote it', async ({content}) => {
    const error = await failureOf(content)
    expect(error.code).toBe('event-unreadable')
    expect(error.evidence).toEqual([expect.stringContaining(`${file} (GITHUB_EVENT_PATH): ${content.length} `)])
    expect(`${renderError(error)} ${inspect(error)}`).not.toContain('hunter2')
  })

  test('a file without read permission is an error with the reason', async () => {
    const error = await failureOf(new Error("EACCES: permission denied, open '/runner/event.json'"))
    expect(error.code).toBe('event-unreadable')
    expect(error.evidence).toEqual(["GITHUB_EVENT_PATH: EACCES: permission denied, open '/runner/event.json'"])
  })
})

describe('readers', () => {
  test.each([
    {name: 'a field in a field', got: fieldAt({a: {b: 1}}, 'a', 'b'), expected: 1},
    {name: 'a field of null', got: fieldAt({a: null}, 'a', 'b'), expected: undefined},
    {name: 'a field of a list', got: fieldAt(['x'], '0'), expected: undefined},
    {name: 'a field of a text', got: fieldAt('x', 'length'), expected: undefined},
    {name: 'a field of the prototype', got: fieldAt({}, 'constructor'), expected: undefined},
    {name: 'no path', got: fieldAt('x'), expected: 'x'},
    {name: 'an empty text', got: textAt({a: ''}, 'a'), expected: undefined},
    {name: 'a number in place of a text', got: textAt({a: 1}, 'a'), expected: undefined},
    {name: 'a text in place of a flag', got: flagAt({a: 'true'}, 'a'), expected: undefined},
    {name: 'a flag', got: flagAt({a: false}, 'a'), expected: false},
    {name: 'a number', got: numberAt({a: 12}, 'a'), expected: 12},
    {name: 'a fraction', got: numberAt({a: 1.5}, 'a'), expected: undefined},
    {name: 'zero', got: numberAt({a: 0}, 'a'), expected: undefined},
    {name: 'a commit', got: commitAt({a: sha}, 'a'), expected: sha},
    {name: 'the zero commit', got: commitAt({a: '0'.repeat(40)}, 'a'), expected: undefined},
    {name: 'a short commit', got: commitAt({a: 'c'.repeat(7)}, 'a'), expected: undefined},
  ])('$name', ({got, expected}) => {
    expect(got).toBe(expected)
  })
})
