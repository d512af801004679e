import {describe, expect, test} from '@jest/globals'
import {formatAddress, parseAddress} from '../../../playground/state/address.ts'
import type {PageState} from '../../../playground/state/state.ts'
import fc from '../../../testing/properties.ts'
import {times} from '../../../testing/rounds.ts'

const initial: PageState = {
  view: 'plan',
  text: 'on: push\n',
  event: 'version',
  typed: {},
  repository: '',
  defaultBranch: '',
  registry: '',
  values: [],
  convert: 'on: push\n',
  crlf: false,
}

describe('the state in an address', () => {
  test('any state is read as it was written', async () => {
    const state = fc.record({
      view: fc.constantFrom('plan' as const, 'convert' as const),
      text: fc.string({unit: 'grapheme'}),
      event: fc.string(),
      typed: fc.dictionary(fc.stringMatching(/^[a-z-]{1,9}$/), fc.record({ref: fc.string()}, {noNullPrototype: true}), {
        noNullPrototype: true,
      }),
      repository: fc.string(),
      defaultBranch: fc.string(),
      registry: fc.string(),
      values: fc.array(
        fc.tuple(
          fc.string().map((name) => `vars.${name}`),
          fc.string({unit: 'grapheme'}),
        ),
      ),
      convert: fc.string(),
      crlf: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(state, async (one) => {
        const fragment = await formatAddress(one, initial)
        expect(fragment).toMatch(/^(?:#1\.[\w-]+)?$/)
        expect((await parseAddress(fragment, initial)) ?? initial).toEqual(one)
      }),
      {numRuns: times(200)},
    )
  })

  test('the initial state needs no fragment', async () => {
    expect(await formatAddress(initial, initial)).toBe('')
  })

  test.each(['', '#', '#1.', '#1.abc', '#2.abc', '#section', '#1.%%%'])('%j is not a state', async (fragment) => {
    expect(await parseAddress(fragment, initial)).toBeUndefined()
  })

  test('has no secrets', async () => {
    const values = [
      ['vars.A', '1'],
      ['secrets.TOKEN', 'hidden'],
    ] as const
    const fragment = await formatAddress({...initial, values}, initial)
    expect(await parseAddress(fragment, initial)).toEqual({...initial, values: [['vars.A', '1']]})
    expect(await formatAddress({...initial, values: [['Secrets.TOKEN', 'hidden']]}, initial)).toBe('')
  })

  test('values of the wrong type are ignored', async () => {
    const other = {
      ...initial,
      text: 7,
      view: 'other',
      values: [['a'], ['b', 'c'], ['d', 1]],
      typed: {a: 'b', c: {ref: 'd'}},
    } as unknown as PageState
    const fragment = await formatAddress(other, initial)
    expect(await parseAddress(fragment, initial)).toEqual({...initial, values: [['b', 'c']], typed: {c: {ref: 'd'}}})
  })
})
