import {execFileSync, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {inputTexts} from '../scripts/documentation/input-texts.ts'
import {actionNames} from '../src/inputs/spec/action-names.ts'
import {allSpecs, defaultText, hasInput, isInputName, specOf} from '../src/inputs/spec/all-inputs.ts'
import {laterInputs} from '../src/inputs/spec/spec.ts'
import type {InputSpec, InputText} from '../src/inputs/spec/spec-row.ts'
import {outputNames, outputsOf} from '../scripts/documentation/action-outputs.ts'

/** The public contract, written out by hand: what is renamed or dropped here breaks workflows of users. */
const contract = `
  images tags flavor environment environment-style component version variant default-variant unique-branch-tags
  metadata-context labels annotations annotation-levels sep-tags sep-labels sep-annotations bake-target max-tag-length
  context file target platforms build-args build-contexts secrets secret-envs secret-files ssh add-hosts allow attests
  provenance sbom attestations cache-from cache-to no-cache no-cache-filters pull network shm-size ulimit cgroup-parent load outputs
  call builder github-token driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline endpoint append
  cache mirrors keep-state qemu qemu-image extra-args reproducible registry username password registry-auth ecr logout
  ecr-create aws-role aws-region gcp-workload-identity-provider gcp-service-account azure-client-id azure-tenant-id
  dockerhub-connection-id export-login push floating if-exists on-stale withdrawn closed retries test max-size max-growth digests digest-names from dry-run summary
  sign sign-key sign-key-password sign-format sign-platforms sign-log sigstore-config github-attestation verify verify-key sigstore-trust
  scan scan-fail-on scan-ignore-unfixed scan-types scan-only-new scan-baseline scan-ignore-file scan-vex scan-database scan-unavailable scan-scanner scan-report
  policy delete-tags exclude-tags use-regex older-than keep-n-tagged keep-n-untagged delete-untagged delete-orphaned-images
  delete-partial-images protect keep-deployed untag max-deleted validate lifecycle
`
  .trim()
  .split(/\s+/)

const outputs = `
  version tags tag-names labels annotations json bake-file bake-file-tags bake-file-labels bake-file-annotations digest digest-file imageid metadata image images digests size pushed moved-tags kept-tags gates scan-sarif signatures signer attestation-id attestation-url skipped name driver platforms nodes endpoint plan
  deleted kept deleted-count kept-count bytes remaining broken lifecycle-policy
`
  .trim()
  .split(/\s+/)

interface ActionMetadata {
  readonly name: string
  readonly inputs: Readonly<
    Record<string, {readonly description: string; readonly required: boolean; readonly default?: string}>
  >
  readonly outputs: Readonly<Record<string, {readonly description: string}>>
  readonly runs: Readonly<Record<string, string>>
}

const root = path.resolve(import.meta.dirname, '..')
const specs = Object.entries<InputSpec>(allSpecs)
const texts = new Map(Object.entries<InputText>(inputTexts))

describe('the table of inputs', () => {
  test('it knows every input of the contract, and no other', () => {
    expect([...Object.keys(allSpecs), ...laterInputs].sort()).toEqual([...contract].sort())
  })

  test('no input is known twice', () => {
    expect(laterInputs.filter((name) => Object.hasOwn(allSpecs, name))).toEqual([])
  })

  test('the inputs that can hold a secret are marked', () => {
    expect(specs.filter(([, spec]) => spec.secret === true).map(([name]) => name)).toEqual([
      'secrets',
      'password',
      'registry-auth',
      'github-token',
      'sign-key',
      'sign-key-password',
    ])
  })

  test.each([...texts])('%s has a description of sentences', (_, {description}) => {
    expect(description).toMatch(/^[A-Z`].*\.$/)
  })

  test('the default of a choice is its first word, in every action', () => {
    const rows = Object.keys(allSpecs).filter(isInputName)
    const choices = rows.flatMap((name) => actionNames.map((action) => specOf(name, action)))
    for (const {form, choices: words, default: text} of choices) if (form === 'choice') expect(text).toBe(words?.[0])
  })

  test('only the prune action deletes nothing by default', () => {
    const defaults = actionNames.map((action) => [action, defaultText('dry-run', action)])
    expect(Object.fromEntries(defaults)).toEqual({publish: 'false', stage: 'false', promote: 'false', prune: 'true'})
  })
})

const forPrune = `policy delete-tags exclude-tags use-regex older-than keep-n-tagged keep-n-untagged delete-untagged
  delete-orphaned-images delete-partial-images protect keep-deployed untag max-deleted validate lifecycle`
const ofPrune = 'kept deleted-count kept-count bytes remaining broken lifecycle-policy'

/** Each action with the inputs of the contract that it does not have, and where its bundle is. */
const actions = [
  {
    name: 'publish',
    file: 'action.yml',
    title: 'Tagboat',
    dist: 'dist',
    lacks: `digests digest-names from ${forPrune}`,
    mute: ofPrune,
  },
  {
    name: 'stage',
    file: 'stage/action.yml',
    title: 'Tagboat stage',
    dist: '../dist',
    lacks: `digests digest-names from sign sign-key sign-key-password sign-format sign-platforms sign-log sigstore-config
      github-attestation verify verify-key sigstore-trust closed ${forPrune}`,
    mute: `deleted moved-tags kept-tags signatures signer attestation-id attestation-url ${ofPrune}`,
  },
  {
    name: 'promote',
    file: 'promote/action.yml',
    title: 'Tagboat promote',
    dist: '../dist',
    lacks: `labels context file target build-args build-contexts secrets secret-envs secret-files ssh add-hosts allow
      attests provenance sbom attestations cache-from cache-to no-cache no-cache-filters pull network shm-size ulimit cgroup-parent
      load outputs call builder test export-login cache reproducible driver driver-opts buildkitd-flags
      buildkitd-config buildkitd-config-inline endpoint append keep-state qemu qemu-image mirrors closed ${forPrune}`,
    mute: `deleted labels bake-file bake-file-tags bake-file-labels bake-file-annotations digest-file imageid metadata
      name driver platforms nodes endpoint ${ofPrune}`,
  },
  {
    name: 'prune',
    file: 'prune/action.yml',
    title: 'Tagboat prune',
    dist: '../dist',
    lacks: `version metadata-context labels annotations annotation-levels sep-tags sep-labels sep-annotations bake-target
      context file target platforms build-args build-contexts secrets secret-envs secret-files ssh add-hosts allow
      attests provenance sbom attestations cache-from cache-to no-cache no-cache-filters pull network shm-size ulimit
      cgroup-parent load outputs call builder export-login cache reproducible driver driver-opts buildkitd-flags
      buildkitd-config buildkitd-config-inline endpoint append keep-state qemu qemu-image mirrors logout ecr-create
      push floating if-exists on-stale withdrawn closed test max-size max-growth digests digest-names from sign sign-key
      sign-key-password sign-format sign-platforms sign-log sigstore-config github-attestation verify verify-key
      sigstore-trust scan scan-fail-on scan-ignore-unfixed scan-types scan-only-new scan-baseline scan-ignore-file
      scan-vex scan-database scan-unavailable scan-scanner scan-report`,
    mute: `version tags tag-names labels annotations json bake-file bake-file-tags bake-file-labels bake-file-annotations
      digest digest-file imageid metadata image images digests size pushed moved-tags kept-tags gates scan-sarif
      signatures signer attestation-id attestation-url name driver platforms nodes endpoint`,
  },
] as const

describe.each(actions)('$file', ({name, file, title, dist, lacks, mute}) => {
  const action = parse(readFileSync(path.join(root, file), 'utf8')) as ActionMetadata
  const own = specs.filter(([input]) => !lacks.split(/\s+/).includes(input))

  test('it has its inputs, with descriptions and defaults', () => {
    const expected = own.flatMap(([input]) => {
      if (!isInputName(input)) return []
      const {default: text} = specOf(input, name)
      const {description = '', inAction = {}} = texts.get(input) ?? {}
      const row = {description: expect.stringContaining(inAction[name] ?? description), required: false}
      return [[input, {...row, ...(text === undefined ? {} : {default: text})}]]
    })
    expect(Object.entries(action.inputs)).toEqual(expected)
    expect(own.map(([input]) => input)).toEqual(
      Object.keys(allSpecs).filter((input) => isInputName(input) && hasInput(name, input)),
    )
  })

  test('it has the outputs of the table with their descriptions', () => {
    const names = outputs.filter((output) => !mute.split(/\s+/).includes(output))
    const expected = [...outputsOf(name)].map(([output, description]) => [output, {description}])
    expect(Object.entries(action.outputs)).toEqual(expected)
    expect(Object.keys(action.outputs).sort()).toEqual([...names].sort())
    expect(outputs).toEqual(outputNames)
  })

  test('it runs the bundle', () => {
    expect(action.name).toBe(title)
    expect(action.runs).toEqual({using: 'node24', main: `${dist}/${name}.js`, post: `${dist}/post.js`})
  })
})

test('every action has its file', () => {
  expect(actions.map(({name}) => name)).toEqual(actionNames)
})

describe('scripts/generate.ts', () => {
  const script = path.join(root, 'scripts', 'generate.ts')
  const generated = [
    'action.yml',
    'stage/action.yml',
    'promote/action.yml',
    'prune/action.yml',
    'README.md',
    'docs/inputs.md',
    'docs/outputs.md',
    'docs/errors.md',
    'docs/migrating.md',
    'docs/distributed.md',
    'docs/migrating.md',
    'docs/inputs.schema.json',
    'docs/workflow.schema.json',
    'docs/tag-rules.json',
    '.github/workflows/publish.yml',
  ]
  const copy = mkdtempSync(path.join(tmpdir(), 'tagboat-generate-'))
  for (const folder of ['docs', 'stage', 'promote', 'prune', '.github/workflows'])
    mkdirSync(path.join(copy, folder), {recursive: true})
  for (const file of generated) cpSync(path.join(root, file), path.join(copy, file))
  afterAll(() => {
    rmSync(copy, {recursive: true})
  })

  test('every generated file is up to date', () => {
    const {status, stdout} = spawnSync(process.execPath, [script, '--check'], {cwd: root, encoding: 'utf8'})
    expect({status, stdout}).toEqual({status: 0, stdout: ''})
  })

  test('it prints the files that are out of date, and updates them', () => {
    const stale = ['README.md', 'docs/inputs.md', 'docs/errors.md', '.github/workflows/publish.yml']
    for (const file of stale) {
      const text = readFileSync(path.join(copy, file), 'utf8')
      const changed = text
        .replace('- [`registry-auth`]', '- [`registri-auth`]')
        .replace('### `registry`', '### `registri`')
        .replace('## login-refused', '## login-declined')
        .replace('cgroup-parent: ${{ inputs.cgroup-parent }}', '')
      writeFileSync(path.join(copy, file), changed)
    }
    const check = spawnSync(process.execPath, [script, '--check'], {cwd: copy, encoding: 'utf8'})
    const lines = stale.map((file) => `${file}: out of date; run node scripts/generate.ts\n`)
    expect({status: check.status, stdout: check.stdout}).toEqual({status: 1, stdout: lines.join('')})
    execFileSync(process.execPath, [script], {cwd: copy})
    for (const file of stale) {
      expect(readFileSync(path.join(copy, file), 'utf8')).toBe(readFileSync(path.join(root, file), 'utf8'))
    }
  })
})
