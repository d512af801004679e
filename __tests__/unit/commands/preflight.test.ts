import {readFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {askRegistries} from '../../../src/commands/check-promotion.ts'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {stage} from '../../../src/commands/stage.ts'
import type {HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {awsDouble} from '../../../testing/clouds/aws.ts'
import {gitHubTokens, json} from '../../../testing/clouds/github-tokens.ts'
import {programOf, runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {
  makeImage,
  memoryNetwork,
  memoryRegistry,
  type Fault,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type RecordedRequest,
} from '../../../testing/memory-registry.ts'
import {recordedWorkflow} from '../../../testing/fake-io.ts'
import {testClients} from '../../../testing/registry-client.ts'
import {acr, ecr, gar, refusals, type RecordedRefusal} from '../../../testing/registry-refusals.ts'

/** Registries in memory give the recorded answers of the vendors to the requests of the preflight. */
const sha = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const users = {AWS: 'canary-1'}
const basic = {kind: 'basic', users} as const

function isUpload({method, path}: RecordedRequest): boolean {
  return method === 'POST' && path.endsWith('/blobs/uploads/')
}

function uploadsOf(registry: MemoryRegistry): readonly string[] {
  const uploads = registry.requests.filter(({path}) => path.includes('/blobs/uploads/'))
  return uploads.map(({method, status}) => `${method} ${String(status)}`)
}

interface Run extends Partial<Scenario> {
  readonly command?: Parameters<typeof runCommand>[0]
  readonly host?: string
  readonly more?: Readonly<Record<string, string>>
}

async function run(
  registry: MemoryRegistry,
  {command = publish, host = registry.host, more, ...scenario}: Run = {},
): Promise<CommandRun> {
  const login = {registry: host, username: 'AWS', password: users.AWS}
  const inputs = {
    images: `${host}/${host === gar ? 'team/images' : 'team'}/app`,
    ...login,
    tags: 'type=semver,pattern={{version}}',
    retries: '0',
    ...more,
  }
  return runCommand(command, {registries: [registry], ...scenario, inputs})
}

function answerOf({status, code, message, detail}: RecordedRefusal): Fault {
  const body = code === undefined ? message : JSON.stringify({errors: [{code, message, detail}]})
  return {kind: 'answer', status, body}
}

/** Registry that refuses uploads, or, if `byToken`, the token for them. */
function refusing(refusal: RecordedRefusal, options: MemoryRegistryOptions = {}): MemoryRegistry {
  const byToken = refusal.host === gar || refusal.host === 'docker.io'
  const host = refusal.host === 'docker.io' ? 'registry-1.docker.io' : refusal.host
  return memoryRegistry({
    host,
    auth: byToken ? {kind: 'bearer', users} : basic,
    fault: (request) => ((byToken ? request.path === '/token' : isUpload(request)) ? answerOf(refusal) : undefined),
    ...options,
  })
}

/** Runs, and records the requests about uploads before the build. */
async function runRecordingUploads(
  registry: MemoryRegistry,
): Promise<{readonly done: CommandRun; readonly before: readonly string[]}> {
  let before: readonly string[] = []
  const done = await run(registry, {
    program: (command) => {
      if (programOf(command) === 'buildx build') before = uploadsOf(registry)
      return undefined
    },
  })
  return {done, before}
}

function programs({programs: started}: CommandRun): readonly string[] {
  return started.filter((name) => name !== 'login')
}

describe('before the build, a registry refuses', () => {
  const ofPush = refusals.filter(({path, access}) => path === undefined && access === undefined)

  test.each(ofPush)('$name: $expected', async (refusal) => {
    const registry = refusing(refusal)
    const done = await run(registry, {host: refusal.host})
    expect(done.failure?.code).toBe(refusal.expected)
    expect(done.failure?.evidence.join('\n')).toContain(refusal.message)
    expect(programs(done)).toEqual(['buildx inspect'])
    expect(registry.snapshot()).toEqual({})
    expect(registry.requests.filter(isUpload).length).toBeLessThanOrEqual(1)
  })

  test.each(ofPush.slice(0, 3))('a stage, too: $name', async (refusal) => {
    const registry = refusing(refusal)
    const done = await run(registry, {host: refusal.host, command: stage})
    expect(done.failure?.code).toBe(refusal.expected)
    expect(programs(done)).toEqual(['buildx inspect'])
  })

  test('one of several images: nothing is pushed to any of them', async () => {
    const open = memoryRegistry({host: 'open.example', auth: basic})
    const refusal = {status: 403, code: 'DENIED', message: 'access denied'}
    const other = memoryRegistry({
      host: 'r.example',
      auth: basic,
      fault: (request) =>
        isUpload(request) ? answerOf({...refusal, name: '', host: '', expected: 'push-denied'}) : undefined,
    })
    const logins = [open, other].map(({host}) => ({registry: host, username: 'AWS', password: users.AWS}))
    const done = await runCommand(publish, {
      registries: [open, other],
      inputs: {images: 'open.example/team/app\nr.example/team/app', 'registry-auth': JSON.stringify(logins)},
    })
    expect(done.failure?.code).toBe('push-denied')
    expect(programs(done)).toEqual(['buildx inspect'])
    expect([open.snapshot(), other.snapshot()]).toEqual([{}, {}])
  })
})

describe('the requests of the preflight', () => {
  test('are one that starts an upload and one that cancels it, and the log names the repository', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const {done, before} = await runRecordingUploads(registry)
    expect(done.failure).toBeUndefined()
    expect(before).toEqual(['POST 202', 'DELETE 204'])
    expect(done.io.workflow.log).toContain('printed: r.example/team/app accepts pushes')
  })

  test.each([
    {host: 'r.example', expected: ['GET 1.2', 'GET 1.2.3', 'GET latest']},
    // HEAD does not count as a pull there. A tag that does not exist is confirmed by GET.
    {host: 'docker.io', expected: ['GET 1.2', 'GET 1.2.3', 'HEAD 1.2', 'HEAD latest']},
  ])('read each tag of $host', async ({host, expected}) => {
    const registry = memoryRegistry({host: host === 'docker.io' ? 'registry-1.docker.io' : host, auth: basic})
    registry.putImage('team/app', {tag: 'latest', labels: {[factKeys.revision]: sha}})
    let before: readonly string[] = []
    await run(registry, {
      host,
      more: {tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'},
      program: (command) => {
        if (programOf(command) === 'buildx build')
          before = registry.requests.flatMap(({method, path}) => {
            const tag = /\/manifests\/([^:]+)$/.exec(path)?.[1]
            return tag === undefined ? [] : [`${method} ${tag}`]
          })
        return undefined
      },
    })
    expect([...before].sort()).toEqual(expected)
  })

  test('run beside the start of the builder, and the build waits for the answer', async () => {
    const started = Promise.withResolvers<undefined>()
    const inspected = Promise.withResolvers<undefined>()
    const registry = memoryRegistry({
      host: 'r.example',
      auth: basic,
      schedule: async (label) => {
        if (!label.includes('POST') || !label.endsWith('/blobs/uploads/')) return
        started.resolve(undefined)
        await inspected.promise
      },
    })
    const answered: (number | undefined)[] = []
    const done = await run(registry, {
      program: async (command) => {
        // Neither could continue if one waited for the end of the other.
        if (programOf(command) === 'buildx inspect') {
          await started.promise
          inspected.resolve(undefined)
        }
        if (programOf(command) === 'buildx build') answered.push(registry.requests.find(isUpload)?.status)
        return undefined
      },
    })
    expect(done.failure).toBeUndefined()
    expect(answered).toEqual([202])
  })

  test('check the password, so that the build does not wait for docker login', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const begun = Promise.withResolvers<string>()
    let waited = ''
    const done = await run(registry, {
      program: async (command) => {
        if (programOf(command) === 'buildx build')
          begun.resolve(await readFile(path.join(command.env['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8'))
        if (programOf(command) === 'login') waited = await begun.promise
        return undefined
      },
    })
    expect(done.failure).toBeUndefined()
    const auth = Buffer.from(`AWS:${users.AWS}`).toString('base64')
    expect(JSON.parse(waited)).toMatchObject({auths: {'r.example': {auth}}})
    expect(done.io.workflow.log).toContain('printed: Logged in to r.example as AWS')
  })

  test('leave a refusal of docker login, which ends the build', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    let isEnded: boolean | undefined
    const building = Promise.withResolvers<undefined>()
    const done = await run(registry, {
      program: async (command) => {
        if (programOf(command) === 'login') {
          await building.promise
          return {exitCode: 1, stderr: 'unauthorized'}
        }
        if (programOf(command) !== 'buildx build') return undefined
        const {until} = command
        building.resolve(undefined)
        await new Promise((resolve) => until?.addEventListener('abort', resolve))
        isEnded = until?.aborted
        throw until?.reason
      },
    })
    expect(done.failure?.code).toBe('login-refused')
    expect(isEnded).toBe(true)
    expect(registry.snapshot()).toEqual({})
  })

  test.each([
    {name: 'the token states the right to push', statesAccess: true, expected: []},
    {name: 'the token states nothing', statesAccess: false, expected: ['POST 202', 'DELETE 401', 'DELETE 401']},
  ])('of a registry with a token server, if $name', async ({statesAccess, expected}) => {
    const registry = memoryRegistry({host: 'r.example', auth: {kind: 'bearer', users, statesAccess}})
    const {done, before} = await runRecordingUploads(registry)
    expect(done.failure).toBeUndefined()
    // The upload is cancelled during the build.
    const cancelled = uploadsOf(registry).filter((request) => request.startsWith('DELETE'))
    expect([...before.filter((request) => request.startsWith('POST')), ...cancelled]).toEqual(expected)
  })

  test.each([
    {name: 'gets no token', answer: {status: 401}},
    {name: 'gets a token to read', answer: {status: 200, body: '{"token": "canary-token"}'}},
  ])('of Artifact Registry: an upload, if a request without a login $name', async ({answer}) => {
    const challenge = `Bearer realm="https://${gar}/v2/token",service="${gar}"`
    const registry = memoryRegistry({
      host: gar,
      fault(request) {
        if (request.path === '/v2/') return {kind: 'answer', status: 401, headers: {'www-authenticate': challenge}}
        if (request.path === '/v2/token') return {kind: 'answer', ...answer}
        return isUpload(request) ? {kind: 'answer', status: 401} : undefined
      },
    })
    const inputs = {images: `${gar}/team/images/app`, tags: '1.2.3', retries: '0'}
    const done = await runCommand(publish, {registries: [registry], inputs})
    expect(done.failure?.code).toBe('push-denied')
    expect(programs(done)).toEqual(['buildx inspect'])
    expect(registry.requests.filter(isUpload).map((request) => request.status)).toContain(401)
  })

  test('of a token server that leaves out the right: the registry names the refusal', async () => {
    const registry = memoryRegistry({
      host: 'r.example',
      auth: {kind: 'bearer', users, statesAccess: true, allows: () => ['pull']},
    })
    const done = await run(registry)
    expect(done.failure?.code).toBe('push-denied')
    expect(programs(done)).toEqual(['buildx inspect'])
  })

  test.each([
    {name: 'a build that does not push', more: {push: 'false'}},
    {name: 'dry-run: true', more: {'dry-run': 'true'}},
    {name: 'dry-run: registry', more: {'dry-run': 'registry'}},
  ])('are none that write: $name', async ({more}) => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const done = await run(registry, {more})
    expect(done.failure).toBeUndefined()
    expect(uploadsOf(registry)).toEqual([])
  })

  test('dry-run: registry fails for a token without the right', async () => {
    const registry = memoryRegistry({
      host: 'r.example',
      auth: {kind: 'bearer', users, statesAccess: true, allows: () => ['pull']},
    })
    const done = await run(registry, {more: {'dry-run': 'registry'}})
    expect(done.failure?.code).toBe('push-denied')
    expect(done.failure?.evidence).toEqual(['the token for r.example/team/app grants pull'])
    expect(done.summary).not.toContain('others-failed')
    expect(done.outputs['plan']).not.toContain('others-failed')
    expect(done.outputs['plan']).toContain('image-failed')
    expect(uploadsOf(registry)).toEqual([])
  })

  test('an error other than a refusal does not stop the build', async () => {
    const registry = memoryRegistry({
      host: 'r.example',
      auth: basic,
      fault: (request, count) => (isUpload(request) && count === 1 ? {kind: 'answer', status: 503} : undefined),
    })
    const done = await run(registry)
    expect(done.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf('team/app'))).toContain('1.2.3')
  })
})

describe('a published release', () => {
  const denied: RecordedRefusal = {
    name: '',
    host: 'r.example',
    status: 403,
    code: 'DENIED',
    message: 'access denied',
    expected: 'push-denied',
  }
  const labels = {[factKeys.revision]: sha, [factKeys.commitDate]: '2019-01-01T00:00:00Z'}
  const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], labels})
  const more = {tags: '1.2.3', platforms: 'linux/amd64,linux/arm64', flavor: 'latest=false'}

  test('needs no right to push if its tags stay', async () => {
    const registry = refusing(denied)
    registry.store('team/app', image, ['1.2.3'])
    const done = await run(registry, {more: {...more, 'if-exists': 'skip'}})
    expect(done.failure).toBeUndefined()
    expect(done.programs).not.toContain('buildx build')
  })

  test('needs it in a repository without the tags', async () => {
    const registry = refusing(denied)
    registry.store('team/source', image)
    const from = {from: `r.example/team/source@${image.digest}`, tags: '1.2.3', flavor: 'latest=false'}
    const done = await run(registry, {command: promote, builds: false, more: from})
    expect(done.failure?.code).toBe('push-denied')
    expect(registry.requests.filter(({method}) => ['PUT', 'PATCH'].includes(method))).toEqual([])
    registry.store('team/app', image, ['1.2.3'])
    const again = await run(registry, {command: promote, builds: false, more: from})
    expect(again.failure).toBeUndefined()
  })
})

test('a promotion handles a source that fails before the registries answer', async () => {
  const [asked, failed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const registry = memoryRegistry({
    host: 'r.example',
    schedule: async (label) => {
      if (!label.includes('POST') || !label.endsWith('/blobs/uploads/')) return
      asked.resolve(undefined)
      await failed.promise
    },
  })
  using clients = testClients(registry.http())
  const target = {repository: {host: 'r.example', path: 'team/app'}, tags: [], floating: []}
  const source = Promise.reject(new Error('the source is missing'))
  const asking = askRegistries([target], {clients, workflow: recordedWorkflow()}, source)
  await asked.promise
  // Jest fails a test for a rejection that nothing handles until then.
  await new Promise(setImmediate)
  failed.resolve(undefined)
  await expect(asking).rejects.toThrow('the source is missing')
  expect(uploadsOf(registry)).toEqual(['POST 202', 'DELETE 204'])
})

describe('a cache in a registry of its own', () => {
  const cache = 'type=registry,ref=cache.example/team/cache:main'

  function cacheRegistry(): MemoryRegistry {
    return memoryRegistry({
      host: 'cache.example',
      fault: (request) => (isUpload(request) ? {kind: 'answer', status: 403} : undefined),
    })
  }

  test('is refused before the build', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const done = await run(registry, {registries: [registry, cacheRegistry()], more: {'cache-to': cache}})
    expect(done.failure?.code).toBe('push-denied')
    expect(done.failure?.message).toContain('cache.example/team/cache')
    expect(programs(done)).toEqual(['buildx inspect'])
  })

  test('gives a warning if its errors are ignored', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const done = await run(registry, {
      registries: [registry, cacheRegistry()],
      more: {'cache-to': `${cache},ignore-error=true`},
      timer: () => ({sleep: async () => new Promise(() => undefined), random: () => 0}),
    })
    expect(done.failure).toBeUndefined()
    expect(done.io.workflow.log).toContainEqual(
      expect.stringMatching(/^warning: .*cache\.example\/team\/cache.*\[push-denied\]/s),
    )
  })

  test('does not hold up the build if its errors are ignored and its registry does not answer', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const asked = Promise.withResolvers<undefined>()
    const http: Scenario['http'] = (signal) => {
      const network = memoryNetwork([registry], {signal})
      return {
        ...network,
        send: async (request) => {
          if (request.url.host !== 'cache.example') return network.send(request)
          asked.resolve(undefined)
          return new Promise<HttpResponse>(() => undefined)
        },
      }
    }
    const timer: Scenario['timer'] = () => ({sleep: async () => asked.promise, random: () => 0})
    const done = await run(registry, {http, timer, more: {'cache-to': `${cache},ignore-error=true`}})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('buildx build')
  })
})

describe('a mirror that refuses', () => {
  test('gives its warning before anything is copied to it, and after the required image is published', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: basic})
    const mirror = memoryRegistry({
      host: 'm.example',
      fault: (request) => (isUpload(request) ? {kind: 'answer', status: 403} : undefined),
    })
    const images = 'r.example/team/app\nname=m.example/team/app,required=false'
    const done = await run(registry, {registries: [registry, mirror], more: {images}})
    expect(done.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf('team/app'))).toContain('1.2.3')
    const warnings = done.io.workflow.log.filter((line) => line.startsWith('warning: '))
    expect(warnings).toEqual([expect.stringMatching(/m\.example\/team\/app is not complete.*\[push-denied\]/s)])
    expect(uploadsOf(mirror)).toEqual(['POST 403'])
    expect(mirror.requests.filter(({method, path}) => method === 'HEAD' && path.includes('/blobs/'))).toEqual([])
  })
})

describe('Quay', () => {
  /** Stand-in for Quay, which creates a repository when a token for pushes to it is requested. */
  function quay(refusal?: Fault): {readonly registry: MemoryRegistry; readonly scopes: string[]} {
    const scopes: string[] = []
    const challenge = 'Bearer realm="https://quay.example/v2/auth",service="quay.example"'
    const registry = memoryRegistry({
      host: 'quay.example',
      fault(request) {
        if (request.path === '/v2/') return {kind: 'answer', status: 401, headers: {'www-authenticate': challenge}}
        if (request.path === '/v2/auth') {
          scopes.push(request.query.get('scope') ?? '')
          return {kind: 'answer', status: 200, body: '{"token": "canary-token"}'}
        }
        return isUpload(request) ? refusal : undefined
      },
    })
    return {registry, scopes}
  }

  test('is not asked before the build, and right before the first push', async () => {
    const {registry, scopes} = quay()
    let before: readonly string[] = ['not built']
    const done = await run(registry, {
      program: (command) => {
        if (programOf(command) === 'buildx build') before = [...scopes, ...uploadsOf(registry)]
        return undefined
      },
    })
    expect(done.failure).toBeUndefined()
    expect(before).toEqual(['repository:team/app:pull'])
    expect(uploadsOf(registry).slice(0, 2)).toEqual(['POST 202', 'DELETE 204'])
    expect(Object.keys(registry.tagsOf('team/app'))).toContain('1.2.3')
  })

  test('needs no right to push for a promote whose tags stay', async () => {
    const {registry, scopes} = quay({kind: 'answer', status: 401, body: '{"errors": [{"code": "UNAUTHORIZED"}]}'})
    const image = registry.putImage('team/source')
    const more = {from: `quay.example/team/source@${image.digest}`, tags: '1.2.3', flavor: 'latest=false'}
    const denied = await run(registry, {command: promote, builds: false, more})
    expect(denied.failure?.code).toBe('push-denied')
    expect(registry.tagsOf('team/app')).toEqual({})
    expect(uploadsOf(registry)).toEqual(['POST 401'])
    scopes.length = 0
    registry.putImage('team/app', {tag: '1.2.3'})
    const done = await run(registry, {command: promote, builds: false, more})
    expect(done.failure).toBeUndefined()
    expect(scopes.filter((scope) => scope.includes('push'))).toEqual([])
    expect(uploadsOf(registry)).toEqual(['POST 401'])
  })

  test('refuses before anything is pushed, to it and to others', async () => {
    const {registry} = quay({kind: 'answer', status: 401, body: '{"errors": [{"code": "UNAUTHORIZED"}]}'})
    const other = memoryRegistry({host: 'r.example'})
    const images = 'r.example/team/app\nquay.example/team/app'
    const done = await run(registry, {registries: [other, registry], more: {images}})
    expect(done.failure?.code).toBe('push-denied')
    expect([other.snapshot(), registry.snapshot()]).toEqual([{}, {}])
  })
})

describe('Azure', () => {
  /** Registry with the attributes of tags: https://learn.microsoft.com/rest/api/containerregistry/tag/get-attributes */
  function azure(locked: readonly string[], status = 200): MemoryRegistry {
    const registry = memoryRegistry({
      host: acr,
      auth: basic,
      fault({path, headers}) {
        const tag = /^\/acr\/v1\/team\/app\/_tags\/(.+)$/.exec(path)?.[1]
        if (tag === undefined) return undefined
        if (headers['authorization'] === undefined) return {kind: 'answer', status: 401}
        const attributes = {
          deleteEnabled: true,
          writeEnabled: !locked.includes(tag),
          readEnabled: true,
          listEnabled: true,
        }
        const body = JSON.stringify({
          registry: acr,
          imageName: 'team/app',
          tag: {name: tag, changeableAttributes: attributes},
        })
        return {kind: 'answer', status, body}
      },
    })
    registry.putImage('team/app', {tag: 'latest', text: 'an earlier image'})
    return registry
  }

  test('refuses to move a locked tag before the build', async () => {
    const done = await run(azure(['latest']))
    expect(done.failure?.code).toBe('tag-immutable')
    expect(done.failure?.evidence).toEqual([
      expect.stringMatching(/^example\.azurecr\.io\/team\/app:latest: .* is locked$/),
    ])
    expect(done.failure?.remedy).toMatch(/--write-enabled true\), or set `floating: never` .*No tag was changed\.$/)
    expect(programs(done)).toEqual(['buildx inspect'])
  })

  test.each([
    {locked: ['1.2.3'], remedy: /, or release under a new version: /},
    {locked: ['1.2.3', 'latest'], remedy: /, or release under a new version with `floating: never`\./},
  ])('has the remedy for the kinds of $locked', async ({locked, remedy}) => {
    const registry = azure(locked)
    registry.putImage('team/app', {tag: '1.2.3', text: 'an earlier image'})
    const done = await run(registry, {more: {'if-exists': 'overwrite'}})
    expect(done.failure?.code).toBe('tag-immutable')
    expect(done.failure?.remedy).toMatch(remedy)
  })

  test('does not call a run unchanged because of its mirror', async () => {
    const [required, mirror] = [memoryRegistry({host: 'r.example'}), azure(['latest'])]
    const images = `r.example/team/app\nname=${acr}/team/app,required=false`
    const done = await run(mirror, {registries: [required, mirror], more: {images}})
    expect(done.failure).toBeUndefined()
    const [warning] = done.io.workflow.log.filter((line) => line.startsWith('warning: '))
    expect(warning).toContain('[tag-immutable]')
    expect(warning).not.toMatch(/\b[Nn]othing\b|No tag/)
    expect(Object.keys(required.tagsOf('team/app'))).toContain('latest')
  })

  test.each([
    {name: 'a new tag that is locked', registry: azure(['1.2.3'])},
    {name: 'attributes that may not be read', registry: azure(['latest'], 401)},
  ])('lets the build begin: $name', async ({registry}) => {
    const done = await run(registry)
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('buildx build')
  })
})

describe('Amazon ECR', () => {
  const account = '123456789012'
  const keys = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'}

  /** Runs with a stand-in for the API, which answers signed requests for one repository, and the registry. */
  async function publishTo(
    described: HttpResponse,
    {command = publish, existing = 'latest', ...more}: Run & {readonly existing?: string} = {},
  ): Promise<{readonly done: CommandRun; readonly targets: string[]}> {
    const registry = memoryRegistry({host: ecr, auth: {kind: 'basic', users: {AWS: `canary-password-of-${account}`}}})
    registry.putImage('team/app', {tag: existing, text: 'an earlier image'})
    const aws = awsDouble({tokens: gitHubTokens(), account, roles: {}})
    const targets: string[] = []
    const answer = (request: HttpRequest): HttpResponse | undefined => {
      if (request.url.host !== 'api.ecr.eu-west-1.amazonaws.com') return undefined
      const target = request.headers['x-amz-target']?.split('.').at(-1) ?? ''
      targets.push(target)
      if (target !== 'DescribeRepositories') return aws.answer(request)
      const body = request.body instanceof Uint8Array ? Buffer.from(request.body).toString() : ''
      const isSigned = request.headers['authorization']?.startsWith('AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/') === true
      return isSigned && body === `{"registryId":"${account}","repositoryNames":["team/app"]}`
        ? described
        : json(400, {__type: 'SerializationException'})
    }
    const http: Scenario['http'] = (signal) => {
      const network = memoryNetwork([registry], {signal})
      return {...network, send: async (request) => answer(request) ?? network.send(request)}
    }
    const inputs = {
      images: `${ecr}/team/app`,
      tags: 'type=semver,pattern={{version}}',
      retries: '0',
      ...more.more,
      ...more.inputs,
    }
    const scenario = {...more, registries: [registry], http, environment: keys, inputs}
    return {done: await runCommand(command, scenario), targets}
  }

  function described(imageTagMutability: string, filters: readonly string[] = []): HttpResponse {
    const exclusion = filters.map((filter) => ({filterType: 'WILDCARD', filter}))
    const repository = {repositoryName: 'team/app', imageTagMutability, imageTagMutabilityExclusionFilters: exclusion}
    return json(200, {repositories: [repository]})
  }

  test.each([
    {mutability: 'IMMUTABLE', filters: []},
    {mutability: 'IMMUTABLE_WITH_EXCLUSION', filters: ['edge', 'la*tst', 'latest*x']},
    {mutability: 'MUTABLE_WITH_EXCLUSION', filters: ['l*e*t']},
  ])('refuses to move latest before the build: $mutability $filters', async ({mutability, filters}) => {
    const {done} = await publishTo(described(mutability, filters))
    expect(done.failure?.code).toBe('tag-immutable')
    expect(done.failure?.evidence.join('\n')).toContain(`${ecr}/team/app:latest`)
    expect(done.failure?.evidence.join('\n')).not.toContain('1.2.3')
    expect(programs(done)).toEqual(['buildx inspect'])
  })

  test.each([
    {name: 'a publication', run: {}},
    {name: 'a dry run', run: {more: {'dry-run': 'registry'}}},
    {name: 'a promote', run: {command: promote, builds: false, more: {from: `${ecr}/team/app:staged`}}},
  ])('names the new tags that could never move again, before they exist: $name', async (given) => {
    const tags = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=raw,value=nightly'
    const more = {tags, ...given.run.more}
    const settings = described('IMMUTABLE_WITH_EXCLUSION', ['night*'])
    const {done} = await publishTo(settings, {...given.run, more, existing: 'staged'})
    expect(done.failure).toBeUndefined()
    const [notice = '', ...others] = done.io.workflow.log.filter((line) => line.includes('IMMUTABLE_WITH_EXCLUSION'))
    expect(others).toEqual([])
    expect(notice).toMatch(/^notice: \S+\/team\/app: .*: 1\.2, latest\. .*put-image-tag-mutability/)
  })

  test.each([
    {name: 'exact tags alone', mutability: 'IMMUTABLE', more: {flavor: 'latest=false'}},
    {name: 'floating: never', mutability: 'IMMUTABLE', more: {floating: 'never'}},
    {name: 'mutable tags', mutability: 'MUTABLE', more: {}},
  ])('has no notice for $name', async ({mutability, more}) => {
    const {done} = await publishTo(described(mutability), {more, existing: 'other'})
    expect(done.failure).toBeUndefined()
    expect(done.io.workflow.log.join('\n')).not.toContain('MUTABLE')
  })

  test.each([
    {name: 'a filter excludes it', answer: described('IMMUTABLE_WITH_EXCLUSION', ['late*'])},
    {name: 'tags are mutable', answer: described('MUTABLE')},
    {
      name: 'the settings may not be read',
      answer: json(400, {
        __type: 'AccessDeniedException',
        Message: 'User is not authorized to perform: ecr:DescribeRepositories',
      }),
    },
  ])('lets latest move if $name', async ({answer}) => {
    const {done, targets} = await publishTo(answer)
    expect(done.failure).toBeUndefined()
    expect(targets).toContain('DescribeRepositories')
    expect(done.programs).toContain('buildx build')
  })
})
