import {describe, expect, test} from '@jest/globals'
import {formatDriverOption} from '../../../../src/inputs/syntax/driver-option.ts'

describe('formatDriverOption', () => {
  test.each<{name: string; given: string; expected: string | undefined}>([
    {name: 'one option', given: 'network=host', expected: 'network=host'},
    {name: 'two options', given: 'image=moby/buildkit:x,network=host', expected: 'image=moby/buildkit:x,network=host'},
    {name: 'blanks behind a comma', given: 'image=a, network=host', expected: 'image=a,network=host'},
    {
      name: 'a comma in a value',
      given: 'env.no_proxy=localhost,127.0.0.1',
      expected: '"env.no_proxy=localhost,127.0.0.1"',
    },
    {
      name: 'a comma in a value, and another option',
      given: 'env.no_proxy=localhost,.example,network=host',
      expected: '"env.no_proxy=localhost,.example",network=host',
    },
    {
      name: 'a quoted option',
      given: '"env.no_proxy=localhost,127.0.0.1"',
      expected: '"env.no_proxy=localhost,127.0.0.1"',
    },
    {
      name: 'a quoted option with single quotes inside',
      given: `"env.no_proxy='localhost,127.0.0.1'"`,
      expected: `"env.no_proxy='localhost,127.0.0.1'"`,
    },
    {
      name: 'a quoted value',
      given: 'env.no_proxy="localhost,127.0.0.1"',
      expected: '"env.no_proxy=localhost,127.0.0.1"',
    },
    {name: 'a quoted value with an equals sign', given: 'env.A="b,c=d"', expected: '"env.A=b,c=d"'},
    {name: 'a quote', given: '"env.A=""x"""', expected: '"env.A=""x"""'},
    {
      name: 'a list of labels',
      given: 'nodeselector=a=b,c=d,namespace=x',
      expected: '"nodeselector=a=b,c=d",namespace=x',
    },
    {
      name: 'tolerations',
      given: 'tolerations=key=a,value=b;key=c,operator=Exists',
      expected: '"tolerations=key=a,value=b;key=c,operator=Exists"',
    },
    {name: 'an empty value', given: 'env.A=', expected: 'env.A='},
    {name: 'a comma at the end', given: 'network=host,', expected: 'network=host'},
    {name: 'no option', given: 'oops', expected: undefined},
    {name: 'no option before an option', given: 'oops,network=host', expected: undefined},
    {name: 'nothing', given: '""', expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(formatDriverOption(given)).toBe(expected)
  })
})
