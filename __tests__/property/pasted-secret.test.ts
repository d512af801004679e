import {expect, test} from '@jest/globals'
import {Problems} from '../../src/inputs/problem.ts'
import {readInputs} from '../../src/inputs/read.ts'
import fc from '../../testing/properties.ts'

/** Characters that have a meaning in YAML, and words that begin like its other forms. */
const unit = fc.oneof(
  fc.constantFrom(...' #&*!|>%@`"\'{}[],:?-\\~=<.\t'.split(/(?:)/u)),
  fc.constantFrom('a', 'Z', '0', ' #', ': ', '- ', '!!str ', 'null', '<<', 'é', '\u00a0'),
  fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 1}),
)
const line = fc.array(unit, {minLength: 1, maxLength: 8}).map((parts) => parts.join(''))
const secret = fc
  .array(line, {minLength: 1, maxLength: 3})
  .map((lines) => lines.join('\n').trim())
  .filter((text) => text !== '')

interface Read {
  readonly password: string | undefined
  readonly isReported: boolean
}

async function read(list: string): Promise<Read> {
  const problems = new Problems()
  const {credentials} = await readInputs(new Map([['registry-auth', list]]), problems)
  return {password: credentials.logins[0]?.password.reveal(), isReported: problems.all.length > 0}
}

const places = fc.constantFrom(
  (text: string) => `- username: me\n  password: ${text}\n`,
  (text: string) => `- password: ${text}\n  username: me\n- registry: other.example\n`,
  (text: string) => `- username: me\n  password: ${text}\n\n- registry: other.example\n  username: me\n`,
)

/** Whether a value is written on purpose: a quoted or tagged text, or null. */
function isWritten(text: string): boolean {
  return /^(?:null$|!!str\s|(["']).*\1\s*(?:#.*)?$)/s.test(text)
}

test('a secret that is pasted into registry-auth is read as it is, or reported', async () => {
  await fc.assert(
    fc.asyncProperty(secret, places, async (text, place) => {
      fc.pre(!isWritten(text))
      // Such a line may be a comment of the workflow, or the next item.
      fc.pre(!/\n[ \t]*(?:#|-(?:\s|$))/.test(text))
      const {password, isReported} = await read(place(text))
      if (!isReported) expect(password).toBe(text)
    }),
  )
})

test('the JSON of a secret is read as the secret', async () => {
  await fc.assert(
    fc.asyncProperty(secret, places, async (text, place) => {
      expect(await read(place(JSON.stringify(text)))).toEqual({password: text, isReported: false})
    }),
  )
})
