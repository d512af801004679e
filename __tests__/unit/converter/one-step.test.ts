import {describe, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import type {Conversion} from '../../../src/converter/conversion.ts'

function convert(steps: string, jobKeys = ''): Conversion {
  const indented = steps.replaceAll(/^(?=.)/gm, '      ')
  return convertWorkflow(`on: push\njobs:\n  image:\n${jobKeys}    steps:\n${indented}`, {action: 'tagboat/tagboat@v1'})
}

function refusals({remarks}: Conversion): readonly (readonly [string, number])[] {
  return remarks.filter(({level}) => level === 'refused').map(({code, place}) => [code, place.line])
}

function metadata(images: string, ...keys: readonly string[]): string {
  const lines = keys.map((line) => `  ${line}\n`).join('')
  return `- uses: docker/metadata-action@v6\n  id: meta\n${lines}  with:\n    images: ${images}\n`
}

function build(...keys: readonly string[]): string {
  const inputs = '    context: .\n    push: true\n    tags: ${{ steps.meta.outputs.tags }}\n'
  const lines = keys.map((line) => `  ${line}\n`).join('')
  return `- uses: docker/build-push-action@v7\n${lines}  with:\n${inputs}`
}

describe('variables of the metadata step and of the build', () => {
  const reading = 'acme/${{ env.NAME }}'

  test('that the metadata reads, with another value in the build, cannot be joined', () => {
    const result = convert(`${metadata(reading, 'env: {NAME: app}')}${build('env: {NAME: other}')}`)
    expect(refusals(result)).toEqual([['variable-differs', 11]])
    expect(result.changed).toBe(false)
  })

  test('that only the build has, but the metadata reads, cannot be joined', () => {
    const result = convert(`${metadata(reading)}${build('env: {NAME: other}')}`, '    env: {NAME: app}\n')
    expect(refusals(result)).toEqual([['variable-differs', 11]])
  })

  test('that the build reads, with another value in the metadata step, cannot be joined', () => {
    const inputs = build().replace('context: .', "context: ${{ env['NAME'] }}")
    const result = convert(`${metadata('acme/app', 'env: {NAME: other}')}${inputs}`, '    env: {NAME: app}\n')
    expect(refusals(result)).toEqual([['variable-differs', 8]])
  })

  test('are joined if each of them is read where it is defined', () => {
    const steps = `${metadata(reading, 'env: {NAME: app}')}${build('env: {OTHER: "1"}')}`
    const {text, remarks} = convert(steps)
    expect(remarks.filter(({level}) => level === 'refused')).toEqual([])
    expect(text).toContain("          env:\n            OTHER: '1'\n            NAME: app\n".replaceAll(/^ {2}/gm, ''))
  })
})

describe('a step between the metadata and the build', () => {
  const between = (script: string): string => `- run: |\n    ${script}\n`

  test.each([
    ['writes the variable', 'echo "NAME=other" >> "$GITHUB_ENV"'],
    ['writes the variable in several lines', 'echo "NAME<<END" >> "$GITHUB_ENV"'],
    ['writes variables that are not known', 'cat variables >> "$GITHUB_ENV"'],
    ['writes variables of a file', 'file=a; cat "$file" >> "$GITHUB_ENV"'],
    ['writes a variable of a variable', 'X=1; echo "$X=2" >> "$GITHUB_ENV"'],
    ['writes several variables at once', 'printf "OTHER=1\\nNAME=2" >> "$GITHUB_ENV"'],
    ['writes a block', '{ echo "OTHER=1"; cat a; } >> "$GITHUB_ENV"'],
  ])('%s that the metadata reads', (_, script) => {
    const result = convert(`${metadata('acme/${{ env.NAME }}')}${between(script)}${build()}`, '    env: {NAME: app}\n')
    expect(refusals(result)).toEqual([['variable-written', 10]])
  })

  test('writes another variable', () => {
    const script = 'echo "OTHER=1" >> "$GITHUB_ENV"'
    const result = convert(`${metadata('acme/${{ env.NAME }}')}${between(script)}${build()}`, '    env: {NAME: app}\n')
    expect(refusals(result)).toEqual([])
  })

  test('makes a Git tag, which the metadata of the checkout depends on', () => {
    const ofCheckout = metadata('acme/app').replace('images:', 'context: git\n    images:')
    expect(refusals(convert(`${ofCheckout}${between('git tag v1.2.3')}${build()}`))).toEqual([['variable-written', 10]])
    expect(refusals(convert(`${metadata('acme/app')}${between('git tag v1.2.3')}${build()}`))).toEqual([])
  })
})

describe('an action between the metadata and the build', () => {
  const reading = metadata('acme/${{ env.NAME }}')
  const env = '    env: {NAME: app}\n'
  const between = (uses: string): Conversion => convert(`${reading}- uses: ${uses}\n${build()}`, env)

  test('of the repository may write what the metadata reads', () => {
    expect(refusals(between('./.github/actions/version'))).toEqual([['variable-written', 10]])
    const fixed = `${metadata('acme/app')}- uses: ./.github/actions/version\n${build()}`
    expect(refusals(convert(fixed, env))).toEqual([])
  })

  test.each([
    ['acme/set-version@v1', [['note', 10]]],
    ['actions/setup-node@v6', []],
    ['docker/setup-buildx-action@v4', []],
  ])('%s has the remarks %j', (uses, expected) => {
    const {remarks} = between(uses)
    const found = remarks.filter(({code}) => code === 'variable-written')
    expect(found.map(({level, place}) => [level, place.line])).toEqual(expected)
  })

  test('may check out another commit, which the metadata of the checkout depends on', () => {
    const ofCheckout = metadata('acme/app').replace('images:', 'context: git\n    images:')
    const checkout = '- uses: actions/checkout@v6\n  with: {ref: next'
    expect(refusals(convert(`${ofCheckout}${checkout}}\n${build()}`))).toEqual([['variable-written', 10]])
    expect(refusals(convert(`${ofCheckout}${checkout}, path: next}\n${build()}`))).toEqual([])
  })
})

describe('a job by digest that runs for more events than the one that joins the digests', () => {
  const workflow = (condition: string): string => `on: [push, pull_request]
jobs:
  build:
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          platforms: \${{ matrix.platform }}
          outputs: type=image,name=acme/app,push-by-digest=true,name-canonical=true,push=true
  join:
    needs: build
    if: ${condition}
    steps:
      - uses: docker/metadata-action@v6
        with:
          images: acme/app
          tags: type=semver,pattern={{version}}
      - working-directory: /tmp/digests
        run: |
          docker buildx imagetools create $(jq -cr '.tags | map("-t " + .) | join(" ")' <<< "$DOCKER_METADATA_OUTPUT_JSON") \\
            $(printf 'acme/app@sha256:%s ' *)
`
  const rulesOf = (condition: string): readonly (readonly string[])[] => {
    const {text} = convertWorkflow(workflow(condition), {action: 'tagboat/tagboat@v1'})
    const inputs = [...text.matchAll(/^ {10}tags:(?: \|\n(?<block>(?: {12}.*\n)+)| (?<line>.*)\n)/gm)]
    return inputs.map(({groups}) => (groups?.['block'] ?? groups?.['line'] ?? '').trim().split(/\n\s*/))
  }

  test('gets a rule for pull requests', () => {
    expect(rulesOf("github.event_name != 'pull_request'")).toEqual([
      ['type=semver,pattern={{version}}', 'type=ref,event=pr'],
      ['type=semver,pattern={{version}}'],
    ])
  })

  test('gets rules for the events that the condition excludes', () => {
    const condition = "startsWith(github.ref, 'refs/tags/')"
    const [ofStage, ofPromote] = rulesOf(condition)
    expect(ofStage).toEqual([
      'type=semver,pattern={{version}}',
      ...['branch', 'tag', 'pr'].map((event) => `type=ref,event=${event},enable=\${{ !(${condition}) }}`),
    ])
    expect(ofPromote).toEqual(['type=semver,pattern={{version}}'])
  })
})
