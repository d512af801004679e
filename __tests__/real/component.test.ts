import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {readFile} from 'node:fs/promises'
import {formatReason} from '../../src/reasons/reason.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Prepares a step for the component `api` and a push of a tag. */
async function prepareStep(tag: string, inputs: Readonly<Record<string, string>>): Promise<Step> {
  return Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), component: 'api', ...inputs},
    env: {GITHUB_REF: `refs/tags/${tag}`, GITHUB_REF_NAME: tag},
  })
}

async function run(tag: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await prepareStep(tag, inputs)
  return await step.run()
}

/** Requests of the step. */
async function requests(): Promise<readonly string[]> {
  const all = await registry.requests()
  return all.flatMap(({method, path, userAgent}) => (userAgent === '' ? [] : [`${method} ${path}`]))
}

interface Row {
  readonly name: string
  readonly tag: string
  readonly inputs?: Readonly<Record<string, string>>
  /** Component of the tag. Undefined for the whole repository. */
  readonly owner: string | undefined
}

const rows: readonly Row[] = [
  {
    name: 'another component',
    tag: 'web/v1.2.3',
    owner: 'web',
  },
  {
    name: 'a component whose name ends in `api`',
    tag: 'my-api-v1.2.3',
    owner: 'my-api',
  },
  {
    name: 'the whole repository',
    tag: 'v1.2.3',
    owner: undefined,
  },
  {
    name: 'another component, with `push: true` and rules',
    tag: 'web@2.0.0',
    inputs: {push: 'true', tags: 'type=ref,event=tag\nnext', labels: 'a=b', annotations: 'c=d'},
    owner: 'web',
  },
]

/** Outputs that are not empty without a publication. */
const filled: ReadonlySet<string> = new Set([
  'json',
  'plan',
  'pushed',
  'skipped',
  'bake-file',
  'bake-file-tags',
  'bake-file-labels',
  'bake-file-annotations',
])

describe('component: api, and another tag', () => {
  test.each(rows)(
    '$name: the step succeeds with a notice, and builds and pushes nothing',
    async ({tag, inputs = {}, owner}) => {
      const reason = formatReason({code: 'other-component', tag, owner, component: 'api'})
      const before = await requests()
      const {exitCode, log, outputs, summary} = await run(tag, inputs)
      expect(errorsIn(log)).toEqual([])
      expect(exitCode).toBe(0)
      expect(executedCommands(log).flatMap(({name, message}) => (name === 'notice' ? [message] : []))).toEqual([
        `Nothing to publish: ${reason}`,
      ])
      expect(log).toContain(`no: ${reason}`)
      expect(log).not.toContain('::group::docker buildx build')
      expect(log).not.toContain('Logged in')
      expect(outputs.get('skipped')).toBe('true')
      expect(outputs.get('pushed')).toBe('false')
      expect([...outputs].filter(([name, value]) => value !== '' && !filled.has(name))).toEqual([])
      expect(JSON.parse(outputs.get('json') ?? '')).toEqual({'tag-names': [], tags: [], labels: {}, annotations: []})
      expect(JSON.parse(outputs.get('plan') ?? '')).toMatchObject({
        push: false,
        code: 'other-component',
        tags: [],
      })
      expect(summary).toContain('### Nothing to publish')
      expect(await requests()).toEqual(before)
      expect(await registry.tags('team/app')).toEqual([])
    },
  )

  test('the Bake files contain no tags or labels', async () => {
    await using step = await prepareStep('web/v1.2.3', {})
    const {outputs} = await step.main()
    const file = JSON.parse(await readFile(outputs.get('bake-file') ?? '', 'utf8')) as unknown
    const args = {DOCKER_META_IMAGES: `${registry.host}/team/app`}
    expect(file).toEqual({target: {'docker-metadata-action': {tags: [], args, labels: {}}}})
    expect((await step.post()).exitCode).toBe(0)
  })

  test('its tag is published', async () => {
    const {exitCode, outputs} = await run('api/v1.2.3', {images: `${registry.host}/team/component`})
    expect(exitCode).toBe(0)
    expect(outputs.get('skipped')).toBe('false')
    expect(outputs.get('pushed')).toBe('true')
    expect((await registry.tags('team/component')).toSorted()).toEqual(['1', '1.2', '1.2.3', 'latest', 'sha-6113728'])
  })
})
