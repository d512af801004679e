import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'

function convert(inputs: readonly string[], version = 'v6'): Conversion {
  const lines = inputs.map((line) => `          ${line}\n`).join('')
  const text = `on: push
jobs:
  image:
    steps:
      - uses: docker/metadata-action@${version}
        id: meta
        with:
${lines}      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: \${{ steps.meta.outputs.tags }}
`
  return convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
}

function withRules(rules: readonly string[], version?: string): Conversion {
  return convert(['images: acme/app', 'tags: |', ...rules.map((rule) => `  ${rule}`)], version)
}

describe('a line that docker/metadata-action reads, and that is an error in Tagboat, is refused at its place', () => {
  test.each([
    'type=raw,value=a,b',
    'my tag',
    'feature/x',
    'type=ref,event=branch,priority=abc',
    'type=raw,value={{brnch}}-x',
    'type=semver,pattern={version}',
    'type=raw,value=x # comment',
  ])('%s', (rule) => {
    const {remarks, changed} = withRules(['type=sha', rule])
    expect(changed).toBe(false)
    expect(remarks).toEqual([
      expect.objectContaining({
        code: 'rule-invalid',
        level: 'refused',
        place: expect.objectContaining({line: 11, column: 13}),
        message: expect.stringContaining(rule),
        remedy: expect.stringMatching(/./),
      }),
    ])
  })

  test.each(['latest=auto,prefix=a # b', 'latest=yes', 'onlatest=true'])('of flavor: %s', (line) => {
    const {remarks} = convert(['images: acme/app', 'flavor: |', `  ${line}`])
    expect(remarks.map(({code, place}) => [code, place.line])).toEqual([['rule-invalid', 10]])
  })

  test.each(['acme/APP:1', 'name=acme/app,enable=maybe'])('of images: %s', (line) => {
    const {remarks} = convert(['images: |', `  ${line}`])
    expect(remarks.map(({code, place}) => [code, place.line])).toEqual([['rule-invalid', 9]])
  })
})

test('lines with expressions of GitHub are not checked', () => {
  const rules = [
    'type=raw,value=${{ inputs.tag }}',
    "type=raw,value=x,enable=${{ github.ref == 'refs/heads/main' &&",
    "  contains('a, b', 'a') }}",
  ]
  expect(withRules(rules).remarks.filter(({level}) => level === 'refused')).toEqual([])
})

describe('a comment behind a rule', () => {
  const rules = ['type=raw,value=x # the newest', 'type=raw,"value=a # b"']

  test.each(['v5', 'v4.6.0', '0123456789012345678901234567890123456789 # v5.8.0'])(
    'comes before it, if the action (%s) drops it',
    (version) => {
      const {text, remarks} = withRules(rules, version)
      expect(text).toContain(
        '            # the newest\n            type=raw,value=x\n            type=raw,"value=a # b"\n',
      )
      expect(remarks).toContainEqual(
        expect.objectContaining({code: 'comment-moved', place: expect.objectContaining({line: 10})}),
      )
    },
  )

  test.each(['v6', 'v6.0.0', 'master', '0123456789012345678901234567890123456789'])(
    'is refused, if the action (%s) makes it a part of the tag',
    (version) => {
      expect(withRules(rules, version).remarks.map(({code}) => code)).toEqual(['rule-invalid'])
    },
  )

  test('comes before a line of flavor and images', () => {
    const {text} = convert(['images: |', '  acme/app # the image', 'flavor: |', '  latest=true # always'], 'v5')
    expect(text).toContain('# the image\n            acme/app\n')
    expect(text).toContain('# always\n            latest=true\n')
  })
})

test('a file keeps the line break that most of its lines have', () => {
  const text =
    'on: push\njobs:\n  image:\n    steps:\r\n      - uses: docker/build-push-action@v7\n        with:\n          push: true\n          tags: acme/app:main\n'
  const {text: converted} = convertWorkflow(text, {action: 'tagboat/tagboat@v1'})
  expect(converted.match(/\r/g)).toEqual(['\r'])
})
