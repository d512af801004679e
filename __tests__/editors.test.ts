import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {Ajv} from 'ajv'
import {TextDocument} from 'vscode-languageserver-textdocument'
import {getLanguageService, SchemaPriority} from 'yaml-language-server'
import {parse} from 'yaml'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import {actionNames, type ActionName} from '../src/inputs/spec/action-names.ts'
import {inputNames, specOf} from '../src/inputs/spec/all-inputs.ts'
import type {InputName} from '../src/inputs/spec/spec.ts'
import {foreignRemedies} from '../src/inputs/spec/unknown-inputs.ts'
import {readCalver} from '../src/tags/rules/calver-rule.ts'
import {kindAttributes, ruleKinds} from '../src/tags/rules/rule.ts'
import {parseRules} from '../src/tags/rules/rule-reader.ts'
import {anyValues} from '../src/tags/templates/values.ts'
import {inputTexts} from '../scripts/documentation/input-texts.ts'
import {foreignReference} from '../scripts/documentation/schema/refused-inputs.ts'
import {tagRules} from '../scripts/documentation/schema/tag-rules.ts'
import {pagesWithSteps, usesIn, type Use} from '../testing/documented-steps.ts'

function read(file: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')
}

const inputsText = read('docs/inputs.schema.json')
const workflowText = read('docs/workflow.schema.json')

const ajv = new Ajv({allErrors: true, allowUnionTypes: true, strictTypes: false})
ajv.addVocabulary(['markdownDescription', 'errorMessage', 'doNotSuggest'])
ajv.addSchema(JSON.parse(inputsText) as object)
const validate = ajv.compile(JSON.parse(workflowText) as object)

/** Places at which a workflow violates the schema, as JSON pointers. */
function faults(workflow: unknown): readonly string[] {
  validate(workflow)
  const errors = (validate.errors ?? []).filter(({keyword}) => keyword !== 'if' && keyword !== 'anyOf')
  return [
    ...new Set(
      errors.map(({instancePath, keyword, params}) => {
        const property: unknown = params['additionalProperty']
        return keyword === 'additionalProperties' ? `${instancePath}/${String(property)}` : instancePath
      }),
    ),
  ]
}

function workflowOf({of, given, secrets}: Use): object {
  const address = of === 'publish' ? 'tagboat/tagboat@v1' : `tagboat/tagboat/${of}@v1`
  const job =
    of === 'workflow'
      ? {uses: 'tagboat/tagboat/.github/workflows/publish.yml@v1', with: given, secrets}
      : {'runs-on': 'ubuntu-24.04', steps: [{uses: address, with: given}]}
  return {on: 'push', jobs: {image: job}}
}

/** Faults of an input of a step, without its path. */
function inputFaults(action: ActionName, name: string, value: unknown): readonly string[] {
  return faults(workflowOf({of: action, given: {[name]: value as string}}))
}

test('docs/editors.md names every schema with its draft', () => {
  const schemas = readdirSync(path.join(import.meta.dirname, '..', 'docs')).filter((name) =>
    name.endsWith('.schema.json'),
  )
  const drafts = schemas.map((name) => {
    const {$schema} = JSON.parse(read(`docs/${name}`)) as {readonly $schema: string}
    return [name, /draft[-/]0?([\d-]+)\//.exec($schema)?.[1]]
  })
  const rows = [...read('docs/editors.md').matchAll(/^\| \[(\S+\.schema\.json)\]\(\1\) +\| (\S+) /gm)]
  expect(Object.fromEntries(rows.map(([, name, draft]) => [name, draft]))).toEqual(Object.fromEntries(drafts))
})

describe('the schema accepts the examples', () => {
  test.each(pagesWithSteps)('of $file', ({file}) => {
    const found = usesIn(file).map((use) => ({use, faults: faults(workflowOf(use))}))
    expect(found.filter((one) => one.faults.length > 0)).toEqual([])
  })

  test('of docs/inputs.md', () => {
    const blocks = [...read('docs/inputs.md').matchAll(/^```yaml\n(.*?)^```/gms)]
    const given = blocks.map(([, text = '']) => parse(text) as Use['given'])
    expect(given.length).toBeGreaterThan(20)
    const refused = given.filter((one) => actionNames.every((of) => faults(workflowOf({of, given: one})).length > 0))
    expect(refused).toEqual([])
  })

  test('of this repository’s own workflows', () => {
    for (const file of ['ci', 'e2e', 'publish'])
      expect(faults(parse(read(`.github/workflows/${file}.yml`)))).toEqual([])
  })
})

describe('the schema refuses', () => {
  test.each([
    {name: 'an unknown input', of: 'publish', given: {tag: 'x'}, at: 'tag'},
    {name: 'an input of another action', of: 'stage', given: {sign: 'keyless'}, at: 'sign'},
    {name: 'an input that has another name here', of: 'publish', given: {config: 'x'}, at: 'config'},
    {name: 'a word that is not a choice', of: 'publish', given: {push: 'maybe'}, at: 'push'},
    {name: 'a choice of another action', of: 'prune', given: {'dry-run': 'registry'}, at: 'dry-run'},
    {name: 'a word that is not a boolean', of: 'publish', given: {load: 'yes'}, at: 'load'},
    {name: 'a number out of range', of: 'publish', given: {retries: 21}, at: 'retries'},
    {name: 'a version that YAML reads as a number', of: 'publish', given: {version: 1.1}, at: 'version'},
    {name: 'a list in place of a text', of: 'publish', given: {tags: ['a']}, at: 'tags'},
  ] as const)('$name', ({of, given, at}) => {
    expect(faults(workflowOf({of, given: given as unknown as Use['given']}))).toEqual([
      `/jobs/image/steps/0/with/${at}`,
    ])
  })

  test('an input and a secret that the workflow does not have', () => {
    const use: Use = {of: 'workflow', given: {load: true}, secrets: {token: 'x'}}
    expect(faults(workflowOf(use))).toEqual([
      '/jobs/image/with/load',
      '/jobs/image/secrets',
      '/jobs/image/secrets/token',
    ])
  })

  test.each([
    {name: 'an unknown action of the repository', uses: 'tagboat/tagboat/stag@v1'},
    {name: 'a path in another case', uses: 'tagboat/tagboat/Stage@v1'},
    {name: 'an action without a version', uses: 'tagboat/tagboat'},
    {name: 'the workflow as a step', uses: 'tagboat/tagboat/.github/workflows/publish.yml@v1'},
  ])('$name', ({uses}) => {
    expect(faults({jobs: {image: {steps: [{uses}]}}})).toEqual(['/jobs/image/steps/0/uses'])
  })

  test.each([
    'tagboat/tagboat/.github/workflows/publsh.yml@v1',
    'tagboat/tagboat/.github/workflows/publish.yaml@v1',
    'tagboat/tagboat@v1',
  ])('a job that calls %s', (uses) => {
    expect(faults({jobs: {image: {uses}}})).toEqual(['/jobs/image/uses'])
  })

  test('what docker/github-builder has, in a call of the workflow', () => {
    const given = {'setup-qemu': true, 'meta-images': 'x', load: true, 'registry-auth': 'x', runner: 'ubuntu-24.04'}
    const use: Use = {of: 'workflow', given, secrets: {'registry-auths': 'x'}}
    expect(faults(workflowOf(use)).toSorted()).toEqual([
      '/jobs/image/secrets',
      '/jobs/image/secrets/registry-auths',
      ...['load', 'meta-images', 'registry-auth', 'setup-qemu'].map((name) => `/jobs/image/with/${name}`),
    ])
  })

  test('an input in an action of several steps', () => {
    const steps = [{uses: 'octocat/tagboat@v1', with: {tag: 'x'}}]
    expect(faults({runs: {using: 'composite', steps}})).toEqual(['/runs/steps/0/with/tag'])
  })
})

test.each(['./tagboat', '../tagboat', './tagboat/stag@v1', 'docker://acme/tagboat'])(
  'the schema ignores a step that uses %s',
  (uses) => {
    expect(faults({jobs: {a: {steps: [{uses, with: {tag: ['x']}}]}, b: {uses}}})).toEqual([])
  },
)

test('the remedy for an input of another action is found by the input, or there is an error', () => {
  const {$ref = ''} = foreignReference('registry-auths', 'stage')
  const {$defs} = JSON.parse(inputsText) as {readonly $defs: Readonly<Record<string, {errorMessage?: string}>>}
  expect($defs[$ref.replace('#/$defs/', '')]?.errorMessage).toBe(
    new Map(foreignRemedies('stage')).get('registry-auths'),
  )
  expect(() => foreignReference('tags', 'stage')).toThrow(/ tags$/)
})

test('the schema ignores the steps of other actions', () => {
  const steps = [{uses: 'actions/checkout@v4', with: {tag: ['x']}}, {run: 'true'}, null, 1]
  expect(faults({name: 1, jobs: {a: {steps}, b: null, c: {uses: './x.yml', with: {tag: 'x'}}}})).toEqual([])
})

describe.each(actionNames)('the inputs of %s', (action) => {
  test('accept an expression and an empty text', () => {
    const refused = inputNames(action).filter((name) =>
      ['${{ inputs.x }}', 'a-${{ inputs.x }}', ''].some((value) => inputFaults(action, name, value).length > 0),
    )
    expect(refused).toEqual([])
  })

  test('accept their default', () => {
    const refused = inputNames(action).filter(
      (name) => inputFaults(action, name, specOf(name, action).default ?? '').length > 0,
    )
    expect(refused).toEqual([])
  })

  test('of other actions are refused with a remedy', () => {
    const {$defs} = JSON.parse(inputsText) as {readonly $defs: Readonly<Record<string, {errorMessage?: string}>>}
    const answers = Object.values($defs).map(({errorMessage}) => errorMessage)
    for (const [name, remedy] of foreignRemedies(action)) {
      for (const value of ['${{ x }}', null]) expect(inputFaults(action, name, value)).toHaveLength(1)
      expect(answers).toContain(remedy)
    }
  })

  test('are the same in capitals', () => {
    const different = [...inputNames(action), 'config', 'tag'].filter((name) =>
      ['x', 'true', '1', ['x']].some(
        (value) => inputFaults(action, name, value).length !== inputFaults(action, name.toUpperCase(), value).length,
      ),
    )
    expect(different).toEqual([])
  })
})

/** Values that inputs of a closed set of values accept or not. */
const samples = [
  'true',
  'True',
  'TRUE',
  'tRue',
  'false',
  'yes',
  '1',
  '-1',
  '0',
  '7',
  '8',
  '20',
  '21',
  '128',
  '129',
  ' 9 ',
  'keyles',
  ', ,',
  'os key',
  '"os',
  '# os\n',
  'a=b',
  'mode=max,generator=x',
  'kms-key: x',
  'run=',
  'run=a, b',
  'grype,run=a',
  '"run=a\nb"',
  'manifest[linux/amd64]',
  'index[linux/amd64]',
]

/** Inputs whose values the reader refuses if they are none of a few words. */
const listed = actionNames.flatMap((action) =>
  inputNames(action)
    .filter((name) => isClosed(name) || ['boolean', 'choice', 'integer'].includes(specOf(name, action).form))
    .map((name) => ({action, name})),
)

function isClosed(name: InputName): boolean {
  return specOf(name).words !== undefined || ['provenance', 'sbom', 'ecr-create'].includes(name)
}

/** Inputs of other formats, such as names of images, whose readers do not accept the word `qqq` either. */
const otherFormats: readonly InputName[] = [
  'annotations',
  'append',
  'aws-region',
  'aws-role',
  'azure-client-id',
  'azure-tenant-id',
  'build-contexts',
  'digests',
  'dockerhub-connection-id',
  'driver-opts',
  'flavor',
  'from',
  'gcp-service-account',
  'gcp-workload-identity-provider',
  'labels',
  'max-deleted',
  'mirrors',
  'older-than',
  'platforms',
  'policy',
  'registry-auth',
  'scan-baseline',
  'scan-database',
  'scan-scanner',
  'secret-envs',
  'secret-files',
  'secrets',
  'verify',
  'verify-key',
]

/** Inputs that are only allowed beside another one, whatever their value. */
const dependent = ['scan-ignore-file', 'scan-report', 'scan-vex', 'sign-key', 'sigstore-config']

test('the schema knows every input that does not accept any word', async () => {
  const refused = await Promise.all(
    actionNames.flatMap((action) =>
      inputNames(action).map(async (name) => {
        const problems = new Problems()
        await readInputs(new Map([[name, 'qqq']]), problems, action)
        const found = problems.all.some(({input}) => input === name)
        return found && inputFaults(action, name, 'qqq').length === 0 ? [name] : []
      }),
    ),
  )
  expect([...new Set(refused.flat())].filter((name) => !dependent.includes(name)).sort()).toEqual(otherFormats)
})

test.each(listed)('the schema and $action agree about values of $name', async ({action, name}) => {
  const {choices = [], words = []} = specOf(name, action)
  const known = [...choices, ...words]
  const lists = [known.join(','), known.join('\n'), `"${known.join('"\n"')}"`, `\n ${known.join(' ,\n\n')} `]
  const texts = [...samples, ...known, ...known.map((word) => word.toUpperCase()), ...lists]
  for (const text of texts) {
    const value = /^\d+$/.test(text) ? Number(text) : text
    expect({text, accepted: inputFaults(action, name, value).length === 0}).toEqual({
      text,
      accepted: (await readerFaults(action, name, text)).length === 0,
    })
  }
})

/** Problems that the action has with the value of an input itself, and not with others beside it. */
async function readerFaults(action: ActionName, name: InputName, text: string): Promise<readonly string[]> {
  const problems = new Problems()
  await readInputs(new Map([[name, text]]), problems, action)
  const words =
    /is not an allowed value|is neither true|is not a (?:whole number|mapping|scanner|type|platform)|unknown level|an index has no|has no =|closing quote|not valid/
  return problems.all.filter(({input, message}) => input === name && words.test(message)).map(({message}) => message)
}

test('the schema of the workflow has its inputs and secrets', () => {
  interface Callable {
    readonly on: {readonly workflow_call: Readonly<Record<'inputs' | 'secrets', object>>}
  }
  interface Definition {
    readonly properties: object
    readonly anyOf: readonly {readonly properties?: object}[]
  }
  const {on} = parse(read('.github/workflows/publish.yml')) as Callable
  const {$defs} = JSON.parse(inputsText) as {readonly $defs: Readonly<Record<string, Definition>>}
  expect(Object.keys($defs['workflow']?.properties ?? {}).sort()).toEqual(Object.keys(on.workflow_call.inputs).sort())
  expect(Object.keys($defs['workflow-secrets']?.anyOf[1]?.properties ?? {}).sort()).toEqual(
    Object.keys(on.workflow_call.secrets).sort(),
  )
})

describe('the rules for editors', () => {
  const {rules, expressions} = tagRules()

  /** Messages about a line of `tags`. */
  function ruleFaults(text: string): readonly string[] {
    const problems = new Problems()
    parseRules([{number: 1, text}], {origin: 'tags', readCalver}, problems)
    return problems.all.map(({message}) => message)
  }

  /** Line of a rule with values for the attributes that it needs, except those named. */
  function lineOf({type, attributes}: (typeof rules)[number], given: Readonly<Record<string, string>>): string {
    const needed: readonly (readonly [string, string | undefined])[] = attributes
      .filter(({required}) => required)
      .map((one) => [one.name, one.example ?? one.values?.[0]])
    const all = Object.entries<string | undefined>({...Object.fromEntries(needed), ...given}).filter(
      ([, value]) => value !== '(none)',
    )
    return [`type=${type}`, ...all.map(([name, value]) => `${name}=${value ?? ''}`)].join(',')
  }

  test.each(rules.map((rule) => ({type: rule.type, rule})))('$type: are read', ({rule}) => {
    expect(ruleFaults(lineOf(rule, {}))).toEqual([])
    for (const {name, required, values, default: written, example} of rule.attributes) {
      expect(ruleFaults(lineOf(rule, {[name]: '(none)'})).length).toBe(required === true ? 1 : 0)
      for (const value of values ?? []) expect(ruleFaults(lineOf(rule, {[name]: value}))).toEqual([])
      if (values !== undefined) expect(ruleFaults(lineOf(rule, {[name]: 'other'})).length).toBe(1)
      if (example !== undefined) expect(ruleFaults(lineOf(rule, {[name]: example}))).toEqual([])
      if (written !== undefined) expect(ruleFaults(lineOf(rule, {[name]: written}))).toEqual([])
    }
  })

  test('have every type and attribute', () => {
    expect(rules.map(({type}) => type)).toEqual(ruleKinds)
    for (const {type, attributes} of rules)
      expect(attributes.map(({name}) => name)).toEqual(kindAttributes[type as (typeof ruleKinds)[number]])
  })

  test('have every expression', () => {
    const engine = {formatDate: () => ''} as unknown as Parameters<typeof anyValues>[0]
    expect(expressions.map(({name}) => name)).toEqual([...anyValues(engine).keys()])
  })
})

describe('the YAML language server', () => {
  const address = 'https://raw.githubusercontent.com/tagboat/tagboat/main/docs/'
  const schemas: Readonly<Record<string, string>> = {
    [`${address}workflow.schema.json`]: workflowText,
    [`${address}inputs.schema.json`]: inputsText,
    // In place of the general schema of workflows.
    'https://json.schemastore.org/github-workflow.json': JSON.stringify({required: ['on'], properties: {on: {}}}),
  }

  function service(): ReturnType<typeof getLanguageService> {
    const ignore = (): void => undefined
    const found = getLanguageService({
      schemaRequestService: async (uri) => Promise.resolve(schemas[uri] ?? Promise.reject(new Error(`no ${uri}`))),
      workspaceContext: {resolveRelativePath: (relative, base) => new URL(relative, base).href},
      telemetry: {send: ignore, sendError: ignore, sendTrack: ignore},
      clientCapabilities: {},
    })
    const fileMatch = ['.github/workflows/*.yml']
    found.configure({
      validate: true,
      hover: true,
      completion: true,
      schemas: [`${address}workflow.schema.json`, 'https://json.schemastore.org/github-workflow.json'].map((uri) => ({
        uri,
        fileMatch,
        priority: SchemaPriority.Settings,
      })),
    })
    return found
  }

  let documents = 0

  /** A new file: the server keeps what it has parsed by name. */
  function documentOf(lines: readonly string[]): TextDocument {
    documents += 1
    return TextDocument.create(`file:///app/.github/workflows/${documents}.yml`, 'yaml', 1, lines.join('\n'))
  }

  const step = ['jobs:', '  image:', '    steps:', '      - uses: tagboat/tagboat@v1', '        with:']

  test('shows problems at their lines, with both schemas', async () => {
    const inputs = ['push: maybe', 'config: x', 'tag: x', 'version: 1.10', 'retries: 2', 'tags: ${{ vars.TAGS }}']
    const found = await service().doValidation(documentOf([...step, ...inputs.map((one) => `          ${one}`)]), false)
    const shown = found.map(({range, message}) => `${range.start.line - step.length}: ${String(message as unknown)}`)
    expect(shown.toSorted()).toEqual(
      [
        '-5: Missing property "on".',
        '0: Write one of auto, true, false, or an expression.',
        `1: ${foreignRemedies('publish').get('config') ?? ''}`,
        '2: Property tag is not allowed.',
        '3: Write the value in quotes, such as "1.10": YAML reads 1.10 without quotes as the number 1.1.',
      ].toSorted(),
    )
  })

  test('shows one problem for an input of another action or in another case', async () => {
    const lines = [
      ...['Images: ghcr.io/a/b', 'Push: true', 'FLOATING: sometimes', 'sign: keyles', 'Setup-Qemu: true', 'name: x'],
      ...['ecr-create: true', 'scope: x'],
    ]
    const found = await service().doValidation(documentOf([...step, ...lines.map((one) => `          ${one}`)]), false)
    const shown = found.map(({range, message}) => `${range.start.line - step.length}: ${String(message as unknown)}`)
    const remedies = foreignRemedies('publish')
    expect(shown.toSorted()).toEqual([
      '-5: Missing property "on".',
      '2: Write one of auto, always, never, or an expression.',
      '3: Write keyless, key, or an expression.',
      `4: ${remedies.get('setup-qemu') ?? ''}`,
      `5: ${remedies.get('name') ?? ''}`,
      `7: ${remedies.get('scope') ?? ''}`,
    ])
  })

  test('shows that the repository has no such action', async () => {
    const uses = ['jobs:', '  image:', '    steps:', '      - uses: tagboat/tagboat/stag@v1']
    const found = await service().doValidation(documentOf(uses), false)
    const message =
      'Use tagboat/tagboat@v1, tagboat/tagboat/stage@v1, tagboat/tagboat/promote@v1, tagboat/tagboat/prune@v1.'
    expect(found.map((one) => one.message).toSorted()).toEqual(['Missing property "on".', message])
  })

  test('completes inputs and values', async () => {
    const completed = async (text: string): Promise<readonly string[]> => {
      const lines = [...step, `          ${text}`]
      const place = {line: step.length, character: lines.at(-1)?.length ?? 0}
      const {items} = await service().doComplete(documentOf(lines), place, false)
      return items.map(({label}) => label)
    }
    expect(await completed('floating: ')).toEqual(['auto', 'always', 'never'])
    expect(await completed('sign: ')).toEqual(['keyless', 'key'])
    expect(await completed('if-e')).toContain('if-exists')
    expect(await completed('if-e')).not.toContain('config')
  })

  test('describes an input', async () => {
    for (const name of ['if-exists', 'If-Exists']) {
      const document = documentOf([...step, `          ${name}: skip`])
      const hover = await service().doHover(document, {line: step.length, character: 12})
      expect(JSON.stringify(hover?.contents)).toContain(inputTexts['if-exists'].description)
    }
  })
})
