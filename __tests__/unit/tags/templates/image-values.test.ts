import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import {prepare, type Prepared} from '../../../../src/prepare/prepare.ts'
import {buildRequest} from '../../../../src/stage/build-request.ts'
import {loadEvent} from '../../../../testing/events.ts'
import {fakeIo} from '../../../../testing/fake-io.ts'

type Given = Readonly<Record<string, string>>

const sha = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'

async function prepared(event: string, inputs: Given, variables: Given = {}): Promise<Prepared> {
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, ...variables},
    inputs: new Map(Object.entries({images: 'user/app', push: 'false', ...inputs})),
  })
  return prepare(io)
}

async function problemsOf(inputs: Given): Promise<readonly string[]> {
  const failure = await prepared('push-tag', inputs).catch((error: unknown) => error)
  if (!(failure instanceof TagboatError)) throw new Error('these inputs have no problem')
  return failure.evidence
}

/** Values of `k` as a label, an annotation and a build argument. */
async function valuesOf(event: string, template: string, given: Given = {}): Promise<readonly (string | undefined)[]> {
  const {plan} = await prepared(event, {
    labels: `k=${template}`,
    annotations: `k=${template}`,
    'build-args': `k=${template}`,
    ...given,
  })
  return [plan.labels, plan.annotations, plan.buildArgs].map((items) => items.find(({key}) => key === 'k')?.value)
}

interface Case {
  readonly name: string
  readonly event?: string
  readonly inputs?: Given
  readonly template: string
  readonly expected: string
}

const semver = {tags: 'type=semver,pattern={{version}}'}
const whole = '{{raw}} {{version}} {{major}} {{minor}} {{patch}} {{prerelease}} {{build}}'

/** docker/metadata-action leaves these expressions empty in labels, and build-push-action does not render arguments. */
describe('an expression in labels, annotations and build arguments', () => {
  test.each<Case>([
    {name: 'Git tag version', template: '{{version}}', expected: '1.2.3'},
    {name: 'its parts', template: whole, expected: 'v1.2.3 1.2.3 1 2 3  '},
    {
      name: 'those of a pre-release with build metadata',
      inputs: {version: 'v2.0.0-rc.1+b.5', ...semver},
      template: whole,
      expected: 'v2.0.0-rc.1+b.5 2.0.0-rc.1+b.5 2 0 0 rc.1 b.5',
    },
    {
      name: 'those of a Python version',
      inputs: {version: 'v1.2.3-RC1', tags: 'type=pep440,pattern={{version}}'},
      template: whole,
      expected: 'v1.2.3-RC1 1.2.3rc1 1 2 3  ',
    },
    {
      name: 'those of a calendar version',
      inputs: {version: '2026.02.0', tags: 'type=raw,value=2026.02.0'},
      template: whole,
      expected: '2026.02.0 2026.02.0 2026 02 0  ',
    },
    {
      name: 'the version without the affixes of the tag',
      inputs: {...semver, flavor: 'suffix=-slim'},
      template: '{{version}}-slim',
      expected: '1.2.3-slim',
    },
    {
      name: 'the first version among the rules',
      event: 'push-branch',
      inputs: {tags: 'type=raw,value=next\ntype=semver,pattern={{version}},value=v3.1.0'},
      template: '{{version}} {{major}}.{{minor}}',
      expected: '3.1.0 3.1',
    },
    {
      name: 'the first tag of a run without a version',
      event: 'push-branch',
      inputs: {tags: 'type=ref,event=branch'},
      template: '{{version}}|{{major}}|{{raw}}',
      expected: 'feature-login||',
    },
    {
      name: 'nothing without a version and a tag',
      event: 'push-branch',
      inputs: semver,
      template: 'v{{version}}',
      expected: 'v',
    },
    {
      name: 'the output `version`, by its name in docker/github-builder',
      inputs: {...semver, flavor: 'suffix=-slim'},
      template: '{{meta.version}} {{ meta.version }}',
      expected: '1.2.3-slim 1.2.3-slim',
    },
    {
      name: 'the same in a block',
      template: '{{#if meta.version}}{{meta.version}}{{else}}none{{/if}}',
      inputs: semver,
      expected: '1.2.3',
    },
    {name: 'the commit', template: '{{revision}} {{sha}}', expected: `${sha} 6113728`},
    {name: 'start time', template: '{{created}}', expected: '2026-01-02T03:04:05.000Z'},
    {
      name: 'the time that was set',
      inputs: {'build-args': 'SOURCE_DATE_EPOCH=7\nk={{created}}'},
      template: '{{created}}',
      expected: '1970-01-01T00:00:07.000Z',
    },
    {
      name: 'global expressions',
      template: "{{tag}} {{date 'YYYY'}} {{is_default_branch}}",
      expected: 'v1.2.3 2026 false',
    },
    {name: 'a block', template: '{{#if tag}}release{{else}}branch{{/if}}', expected: 'release'},
  ])('$name: $template', async ({event = 'push-tag', inputs = {}, template, expected}) => {
    expect(await valuesOf(event, template, inputs)).toEqual([expected, expected, expected])
  })

  test('has no meaning in the key of a build argument', async () => {
    const {plan} = await prepared('push-tag', {'build-args': '{{tag}}=1'})
    expect(plan.buildArgs).toEqual([{key: '{{tag}}', value: '1'}])
  })

  test.each(['prefix={{version}}', 'value={{created}}', 'value={{meta.version}}'])(
    'is unknown in a tag: %s',
    async (part) => {
      const [, name = ''] = /\{\{(.*)\}\}/.exec(part) ?? []
      expect(await problemsOf({tags: `type=raw,value=x,${part}`})).toContainEqual(
        expect.stringContaining(`unknown expression "${name}"`),
      )
    },
  )
})

describe('a build argument', () => {
  test('goes to the build with its value, and into the build definition as written', async () => {
    const done = await prepared('push-tag', {'build-args': 'VERSION={{version}}\nNAME\nPLAIN=1', ...semver})
    const place = {directory: '/home', builder: undefined, definition: {tags: '', build: undefined}}
    expect(buildRequest(done, [], {kind: 'none'}, place).inputs.buildArgs).toEqual([
      {key: 'VERSION', value: '1.2.3'},
      {key: 'NAME', value: undefined},
      {key: 'PLAIN', value: '1'},
    ])
    expect(done.inputs.build.buildArgs[0]).toMatchObject({key: 'VERSION', value: '{{version}}'})
  })

  test.each([
    {name: 'a syntax error', text: '{{version', expected: undefined},
    {
      name: 'an argument',
      text: '{{version "x"}}',
      expected: 'build-args, line 2, column 6: {{version}} takes no arguments',
    },
    {
      name: 'an unknown name beside a known one',
      text: '{{version}}-{{arch}}',
      expected: 'build-args, line 2, column 18: unknown expression "arch"',
    },
    {
      name: 'a date without a format',
      text: '{{date}}',
      expected: 'build-args, line 2, column 6: {{date}} needs a format',
    },
  ])('with one of the expressions and a mistake is an error: $name', async ({text, expected}) => {
    const given = {'build-args': `A=1\n  BB=${text}`}
    if (expected === undefined) expect((await prepared('push-tag', given)).plan.buildArgs[1]?.value).toBe(text)
    else expect(await problemsOf(given)).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    {text: '{{.Version}} {{ $version }}'},
    {text: '{{ .Values.version }}'},
    {text: "{{ user.name | default('version') }}"},
    {text: '{{#each items}}{{this}}{{/each}}'},
    {text: 'a{{'},
  ])('with braces of another language is passed on unchanged, with a notice: $text', async ({text}) => {
    const {plan, notices} = await prepared('push-tag', {'build-args': `A=1\nFORMAT=${text}`})
    expect(plan.buildArgs[1]?.value).toBe(text)
    expect(notices).toEqual([expect.stringMatching(/^build-args, line 2, column 8: FORMAT /)])
    expect(notices[0]).not.toContain(text)
  })

  test.each([
    {text: String.raw`\{{version}}`, expected: '{{version}}'},
    {text: String.raw`{\{{branch}}} \{{.Version}} {{tag}}`, expected: '{{{branch}}} {{.Version}} v1.2.3'},
  ])('with a backslash before braces has the braces: $text', async ({text, expected}) => {
    const {plan} = await prepared('push-tag', {'build-args': `A=${text}`})
    expect(plan.buildArgs[0]?.value).toBe(expected)
  })

  test('with a name that is similar to an expression is passed on unchanged, with a warning', async () => {
    const {environment, payloadPath} = loadEvent('push-tag')
    const io = fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath},
      inputs: new Map(Object.entries({images: 'user/app', push: 'false', 'build-args': 'A={{ brnch }}'})),
    })
    expect((await prepare(io)).plan.buildArgs).toMatchObject([{key: 'A', value: '{{ brnch }}'}])
    expect(io.workflow.log).toEqual([
      expect.stringMatching(/^warning: build-args, line 1, column 3: A .* did you mean \{\{branch\}\}\?/),
    ])
  })
})
