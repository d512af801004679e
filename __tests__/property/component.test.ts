import {describe, expect, test} from '@jest/globals'
import {componentVersion, type Separator} from '../../src/tags/versions/component.ts'
import fc from '../../testing/properties.ts'

const number = fc.nat({max: 99})
const version = fc
  .tuple(number, number, number, fc.constantFrom('', '-rc.1', '-alpha', '+build.5', '-0.3.7'), fc.constantFrom('', 'v'))
  .map(([major, minor, patch, rest, letter]) => `${letter}${major}.${minor}.${patch}${rest}`)
const separator = fc.constantFrom<Separator>('/', '-', '@')

/** Usual names of components, and names with special characters of regular expressions. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9]*(?:[-._/][a-z][a-z0-9]*){0,3}$/),
  fc.constantFrom('a.*b', '(x)+', '[a-z]', '$(id)', '^api$', 'a|b', 'é', '\\d'),
)
const scope = fc.stringMatching(/^[a-z]{1,8}$/)

describe('componentVersion', () => {
  test('parses formatted tags', () => {
    fc.assert(
      fc.property(name, separator, version, (component, mark, written) => {
        const tag = `${component}${mark}${written}`
        expect(componentVersion(component, tag)).toEqual({kind: 'version', version: written, separator: mark})
      }),
    )
  })

  test('reads a scoped name with and without its scope', () => {
    fc.assert(
      fc.property(name, scope, version, (component, owner, written) => {
        const tag = `@${owner}/${component}@${written}`
        const expected = {kind: 'version', version: written, separator: '@'}
        expect(componentVersion(component, tag)).toEqual(expected)
        expect(componentVersion(`@${owner}/${component}`, tag)).toEqual(expected)
      }),
    )
  })

  test('ignores tags of other components', () => {
    const two = fc.tuple(name, name).filter(([first, second]) => first !== second)
    fc.assert(
      fc.property(two, separator, version, ([expected, other], mark, written) => {
        expect(componentVersion(expected, `${other}${mark}${written}`)).toEqual({
          kind: 'other-component',
          component: other,
          version: written,
        })
      }),
    )
  })

  test('assigns a tag to at most one component', () => {
    const piece = fc.constantFrom('api', 'my', '-', '/', '@', 'v', '1.2.3', '1', '.', '18.2', '-rc.1', ' ')
    const text = fc.array(piece, {maxLength: 8}).map((pieces) => pieces.join(''))
    const unscoped = text.filter((one) => !one.startsWith('@'))
    fc.assert(
      fc.property(fc.oneof(text, fc.string({unit: 'binary'})), unscoped, unscoped, (tag, first, second) => {
        fc.pre(first !== second)
        const kinds = [first, second].map((component) => componentVersion(component, tag).kind)
        expect(kinds).not.toEqual(['version', 'version'])
      }),
    )
  })
})
