import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import type {HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {awsDouble} from '../../../testing/clouds/aws.ts'
import {ecrRepositories, type EcrRepositories} from '../../../testing/clouds/ecr-repositories.ts'
import {gitHubTokens} from '../../../testing/clouds/github-tokens.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'

/** The API of Amazon ECR and its registry are stand-ins, which refuse what Amazon refuses. */
const account = '123456789012'
const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`
const lifecycle = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: 'keep ten',
      selection: {tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 10},
      action: {type: 'expire'},
    },
  ],
})

/** Registry that has the repositories of the API, and no others. */
function registryOf({stored}: EcrRepositories, registryHost = host): MemoryRegistry {
  const missing = JSON.stringify({errors: [{code: 'NAME_UNKNOWN', message: 'The repository does not exist'}]})
  return memoryRegistry({
    host: registryHost,
    auth: {kind: 'basic', users: {AWS: `canary-password-of-${account}`}},
    fault({path}) {
      const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(path)?.[1] ?? ''
      const known = registryHost === host ? name : name.replace(/^[^/]*\//, '')
      return path === '/v2/' || stored.has(known) ? undefined : {kind: 'answer', status: 404, body: missing}
    },
  })
}

interface Run extends Partial<Omit<Scenario, 'inputs'>> {
  readonly registry?: MemoryRegistry
  readonly command?: Parameters<typeof runCommand>[0]
  readonly image?: never
  readonly inputs?: Readonly<Record<string, string>>
}

async function run(api: EcrRepositories, ecrCreate: string, given: Run = {}): Promise<CommandRun> {
  const {registry = registryOf(api), command = publish, inputs, ...scenario} = given
  const aws = awsDouble({tokens: gitHubTokens(), account, roles: {}})
  const isApi = ({url}: HttpRequest): boolean => /^api\.ecr(?:-public)?\./.test(url.host)
  const answer = (request: HttpRequest): HttpResponse | undefined =>
    isApi(request) ? (api.answer(request) ?? aws.answer(request)) : undefined
  const http: Scenario['http'] = (signal) => {
    const network = memoryNetwork([registry], {signal})
    return {...network, send: async (request) => answer(request) ?? network.send(request)}
  }
  return runCommand(command, {
    registries: [registry],
    http,
    environment: {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'},
    ...scenario,
    inputs: {
      images: `${registry.host}/team/app`,
      tags: 'type=semver,pattern={{version}}',
      retries: '0',
      'ecr-create': ecrCreate,
      ...inputs,
    },
  })
}

describe('a missing repository', () => {
  test('is created before the build, with plain settings', async () => {
    const api = ecrRepositories()
    const registry = registryOf(api)
    const done = await run(api, 'true', {registry})
    expect(done.failure).toBeUndefined()
    expect(api.stored.get('team/app')).toEqual({
      settings: {
        registryId: account,
        repositoryName: 'team/app',
        imageTagMutability: 'MUTABLE',
        encryptionConfiguration: {encryptionType: 'AES256'},
      },
    })
    expect(Object.keys(registry.tagsOf('team/app'))).toEqual(['1.2.3', 'latest'])
    expect(done.io.workflow.log).toContain(`notice: Created the Amazon ECR repository ${host}/team/app.`)
    expect(api.operations.filter((name) => name === 'CreateRepository')).toHaveLength(1)
  })

  test('gets its settings, with mutable floating tags', async () => {
    const api = ecrRepositories()
    const settings = `immutable: true\nkms-key: alias/images\ntags: |\n  team=web\nlifecycle: |\n  ${lifecycle}\npolicy: '{"Version": "2012-10-17"}'`
    const done = await run(api, settings)
    expect(done.failure).toBeUndefined()
    expect(api.stored.get('team/app')).toEqual({
      settings: {
        registryId: account,
        repositoryName: 'team/app',
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{filterType: 'WILDCARD', filter: 'latest'}],
        encryptionConfiguration: {encryptionType: 'KMS', kmsKey: 'alias/images'},
        tags: [
          {Key: 'team', Value: 'web'},
          {Key: 'created-by', Value: 'tagboat'},
        ],
      },
      lifecycle,
      policy: '{"Version": "2012-10-17"}',
    })
  })

  test.each<{name: string; settings: string; parts: readonly string[]}>([
    {name: 'the filters follow from the run', settings: 'immutable: true', parts: ['except latest', '`tags`']},
    {
      name: 'filters that leave out a tag',
      settings: 'immutable: true\nmutable-tags: [edge]',
      parts: ['except edge', ' latest of this run'],
    },
  ])('gets a notice with the tags that cannot move: $name', async ({settings, parts}) => {
    const {log} = (await run(ecrRepositories(), settings)).io.workflow
    const [notice = '', ...others] = log.filter((line) => line.startsWith('notice: Created'))
    expect(others).toEqual([])
    for (const part of parts) expect(notice).toContain(part)
  })

  test('created concurrently elsewhere is used', async () => {
    const done = await run(ecrRepositories({isRace: true}), 'true')
    expect(done.failure).toBeUndefined()
  })

  test('belongs to the account of its registry, not to that of the identity', async () => {
    const api = ecrRepositories({caller: '210987654321'})
    const done = await run(api, `lifecycle: |\n  ${lifecycle}\npolicy: '{"Version": "2012-10-17"}'`)
    expect(done.failure).toBeUndefined()
    expect(api.stored.get('team/app')).toMatchObject({lifecycle, policy: '{"Version": "2012-10-17"}'})
  })

  test('is created for a promote', async () => {
    const api = ecrRepositories()
    const registry = registryOf(api)
    api.stored.set('team/source', {settings: {}})
    const {digest} = registry.putImage('team/source')
    const done = await run(api, 'true', {
      registry,
      command: promote,
      builds: false,
      inputs: {from: `${host}/team/source@${digest}`},
    })
    expect(done.failure).toBeUndefined()
    expect([...api.stored.keys()]).toEqual(['team/source', 'team/app'])
  })

  test('is not created for a promote whose source does not exist', async () => {
    const api = ecrRepositories()
    api.stored.set('team/source', {settings: {}})
    const inputs = {from: `${host}/team/source:missing`}
    const done = await run(api, 'true', {command: promote, builds: false, inputs})
    expect(done.failure?.code).toBe('source-missing')
    expect(api.operations).not.toContain('CreateRepository')
  })

  test.each([
    {name: 'a pull request', given: {event: 'pull-request'}},
    {name: 'a dry run that reads', given: {inputs: {'dry-run': 'registry'}}},
    {name: 'push: false', given: {inputs: {push: 'false'}}},
  ])('is not created: $name', async ({given}) => {
    const api = ecrRepositories()
    await run(api, 'true', given)
    expect(api.operations).not.toContain('CreateRepository')
    expect(api.stored.size).toBe(0)
  })
})

describe('a dry run', () => {
  const noticesOf = ({io}: CommandRun): readonly string[] =>
    io.workflow.log.filter((line) => line.startsWith('notice: ') && line.includes(host))

  test.each([
    {name: 'that reads, with ecr-create', create: 'immutable: true', dryRun: 'registry', parts: ['would', 'latest']},
    {name: 'that reads, without ecr-create', create: 'false', dryRun: 'registry', parts: ['CREATE_ON_PUSH']},
    {name: 'without requests', create: 'true', dryRun: 'true', parts: ['`ecr-create`', 'if it']},
  ])('$name says that a repository is missing or may be', async ({create, dryRun, parts}) => {
    const api = ecrRepositories()
    const done = await run(api, create, {inputs: {'dry-run': dryRun}})
    expect(done.failure).toBeUndefined()
    const [notice = '', ...others] = noticesOf(done)
    expect(others).toEqual([])
    for (const part of [...parts, `${host}/team/app`]) expect(notice).toContain(part)
    expect(api.operations).toEqual(dryRun === 'true' ? [] : ['DescribeRepositories'])
  })

  test('names settings that an existing repository does not have', async () => {
    const api = ecrRepositories()
    api.stored.set('team/app', {settings: {repositoryName: 'team/app', imageTagMutability: 'MUTABLE'}})
    const done = await run(api, 'immutable: true', {inputs: {'dry-run': 'registry'}})
    expect(noticesOf(done)).toEqual([expect.stringContaining(' is MUTABLE')])
  })

  test.each(['true', 'registry'])('names inputs without effect, and sends no request for them: %s', async (dryRun) => {
    const role = 'arn:aws:iam::123456789012:role/ci'
    const registry = memoryRegistry({host: 'r.example'})
    const inputs = {'dry-run': dryRun, 'aws-role': role}
    const api = ecrRepositories()
    const {io} = await run(api, 'true', {registry, inputs})
    const names = io.workflow.log.flatMap((line) => /^notice: `([\w-]+)` has no effect/.exec(line)?.[1] ?? [])
    expect(names).toEqual(['aws-role', 'ecr-create'])
    expect(api.operations).toEqual([])
    expect(registry.requests.length > 0).toBe(dryRun === 'registry')
  })

  test('warns of a missing role', async () => {
    const done = await run(ecrRepositories(), 'true', {inputs: {'dry-run': 'true'}, environment: {}})
    expect(done.failure).toBeUndefined()
    expect(done.io.workflow.log).toContainEqual(expect.stringMatching(/^warning: .*\[aws-role-missing\]/))
  })
})

describe('a missing repository of the public registry', () => {
  const images = {images: 'public.ecr.aws/alias/team/app'}

  test.each([
    {name: 'true', settings: 'true', isRace: false},
    {name: 'with settings that only private repositories have', settings: 'immutable: true', isRace: false},
    {name: 'beside another run', settings: 'true', isRace: true},
  ])('is created under the alias, without settings: $name', async ({settings, isRace}) => {
    const api = ecrRepositories({isRace})
    const registry = registryOf(api, 'public.ecr.aws')
    const done = await run(api, settings, {registry, inputs: images})
    expect(done.failure).toBeUndefined()
    expect([...api.stored.keys()]).toEqual(['team/app'])
    expect(api.operations.filter((name) => name !== 'DescribeRepositories')).toEqual(['CreateRepository'])
    expect(Object.keys(registry.tagsOf('alias/team/app'))).toEqual(['1.2.3', 'latest'])
  })

  test('without the right: the action is named', async () => {
    const api = ecrRepositories({allowed: []})
    const done = await run(api, 'true', {registry: registryOf(api, 'public.ecr.aws'), inputs: images})
    expect(done.failure?.code).toBe('ecr-create-failed')
    expect(done.failure?.remedy).toContain('Allow ecr-public:CreateRepository on the repository')
    expect(done.programs).not.toContain('buildx build')
  })

  test('is refused before the build without ecr-create', async () => {
    const api = ecrRepositories()
    const done = await run(api, 'false', {registry: registryOf(api, 'public.ecr.aws'), inputs: images})
    expect(done.failure?.code).toBe('ecr-repository-missing')
    expect(api.operations).toEqual([])
    expect(done.programs).not.toContain('buildx build')
  })
})

describe('an error before the build', () => {
  test.each([
    {settings: 'true', allowed: ['DescribeRepositories'], actions: 'ecr:CreateRepository, ecr:DescribeRepositories on'},
    {
      settings: `lifecycle: |\n  ${lifecycle}`,
      allowed: ['DescribeRepositories', 'CreateRepository'],
      actions: 'ecr:CreateRepository, ecr:DescribeRepositories, ecr:PutLifecyclePolicy on',
    },
  ])('names exactly the actions that are needed: $actions', async ({settings, allowed, actions}) => {
    const done = await run(ecrRepositories({allowed}), settings)
    expect(done.failure?.code).toBe('ecr-create-failed')
    expect(done.failure?.remedy).toContain(`Allow ${actions} arn:aws:ecr:eu-west-1:${account}:repository/team/app`)
    expect(done.programs).not.toContain('buildx build')
  })

  test('reports more floating tags than Amazon ECR excludes', async () => {
    const tags = ['1.2.3', 'a', 'b', 'c', 'd', 'e', 'f'].map((name) => `type=raw,value=${name}`).join('\n')
    const done = await run(ecrRepositories(), 'immutable: true', {inputs: {tags}})
    expect(done.failure?.code).toBe('ecr-create-failed')
    expect(done.programs).not.toContain('buildx build')
  })
})

test('an existing repository keeps its settings, with a notice', async () => {
  const api = ecrRepositories({caller: '210987654321'})
  api.stored.set('team/app', {settings: {repositoryName: 'team/app', imageTagMutability: 'MUTABLE'}})
  const done = await run(api, 'immutable: true')
  expect(done.failure).toBeUndefined()
  expect(api.operations.filter((name) => name !== 'DescribeRepositories')).toEqual([])
  expect(done.io.workflow.log).toContainEqual(
    expect.stringMatching(/^notice: .*is MUTABLE, but .*IMMUTABLE_WITH_EXCLUSION/),
  )
})

describe('the input', () => {
  test.each([
    {text: 'scan-on-push: true', says: 'put-registry-scanning-configuration'},
    {text: 'immutable: yes', says: 'immutable'},
    {text: 'mutable-tags: ["a*b*c*d"]', says: 'a*b*c*d'},
    {text: 'mutable-tags: [a, b, c, d, e, f]', says: 'more than 5'},
    {text: 'immutable: false\nmutable-tags: [a]', says: 'no effect'},
    {text: 'lifecycle: missing.json', says: 'missing.json'},
    {text: "lifecycle: '{}'", says: '2 characters'},
    {text: "policy: '{'", says: 'JSON'},
    {text: 'tags: [team]', says: 'tags'},
    {text: '- immutable', says: 'true, false, or settings'},
    {text: 'immutible: true', says: 'immutable'},
  ])('is an error before any request: $text', async ({text, says}) => {
    const api = ecrRepositories()
    const done = await run(api, text)
    expect(done.failure?.code).toBe('input-invalid')
    expect(done.failure?.evidence.join('\n')).toContain(says)
    expect(api.operations).toEqual([])
  })
})
