import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {stage} from '../../../src/commands/stage.ts'
import type {Io} from '../../../src/io/io.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {programOf, runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {
  makeImage,
  memoryNetwork,
  memoryRegistry,
  type MemoryRegistry,
  type RecordedRequest,
} from '../../../testing/memory-registry.ts'

const images = 'r.example/o/app\nname=m.example/o/app,required=false'
const registryAuth = JSON.stringify([
  {registry: 'r.example', username: 'mona', password: 'canary-1'},
  {registry: 'm.example', username: 'mirror', password: 'canary-2'},
])
const given = {
  images,
  'registry-auth': registryAuth,
  tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}',
}
const tagNames = ['1.2', '1.2.3', 'latest']
type Command = Parameters<typeof runCommand>[0]

async function run(
  registries: readonly MemoryRegistry[],
  scenario: Partial<Scenario> = {},
  command: Command = publish,
): Promise<CommandRun> {
  return runCommand(command, {...scenario, registries, inputs: {...given, ...scenario.inputs}})
}

function warnings({io}: CommandRun): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('warning: '))
}

function isTagWrite({method, path}: RecordedRequest): boolean {
  return method === 'PUT' && /\/manifests\/(?!sha256:)/.test(path)
}

/** Hosts of `docker login`, sorted. */
function loginHosts({io}: CommandRun): readonly string[] {
  const logins = io.processes.commands.filter((command) => programOf(command) === 'login')
  return logins.map(({args}) => args.at(-1) ?? '').sort()
}

const cloudHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const cloudImages = `r.example/o/app\nname=${cloudHost}/o/app,required=false`
const cloudKeys = {AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'canary-3'}

/** Network in which the cloud of the mirror does not respond. Has the tags of the first registry at each request to it. */
function cloudNetwork(registries: readonly MemoryRegistry[]): {requests: string[]; http: Io['http']} {
  const requests: string[] = []
  const http: Io['http'] = (signal) => {
    const network = memoryNetwork(registries, {signal})
    return {
      ...network,
      send: async (request) => {
        if (!request.url.hostname.endsWith('.amazonaws.com')) return network.send(request)
        requests.push(Object.keys(registries[0]?.tagsOf('o/app') ?? {}).join())
        return {status: 403, headers: {}, body: Buffer.from('')}
      },
    }
  }
  return {requests, http}
}

/** Registry that answers these requests with 503. */
function failing(matches: (request: RecordedRequest) => boolean): MemoryRegistry {
  return memoryRegistry({
    host: 'm.example',
    fault: (request) => (matches(request) ? {kind: 'answer', status: 503} : undefined),
  })
}

describe('an image that is not required', () => {
  test('gets the image and its tags after the required one has them', async () => {
    const [required, mirror] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})]
    const done = await run([required, mirror])
    expect(done.failure).toBeUndefined()
    const {digest = ''} = done.outputs
    expect(Object.keys(mirror.tagsOf('o/app'))).toEqual(tagNames)
    expect(mirror.tagsOf('o/app')).toEqual(required.tagsOf('o/app'))
    expect(done.outputs['images']).toBe(`r.example/o/app@${digest}\nm.example/o/app@${digest}`)
    expect(done.outputs['tags']?.split('\n')).toHaveLength(6)
    expect(JSON.parse(done.outputs['moved-tags'] ?? '')).toHaveLength(6)
    expect(warnings(done)).toEqual([])
  })

  test('is not a destination of the build', async () => {
    const done = await run([memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})], {
      builder: 'inspect-remote',
    })
    expect(done.failure).toBeUndefined()
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args.join(' ')).not.toContain('m.example')
  })

  const failures = [
    {name: 'every request', matches: () => true, outcomes: ['failed', 'failed', 'failed']},
    {
      name: 'the PUT of a floating tag',
      matches: (request: RecordedRequest) => isTagWrite(request) && request.path.endsWith('/latest'),
      outcomes: ['failed', 'new', 'new'],
    },
  ]
  test.each(failures)('fails alone: $name', async ({matches, outcomes}) => {
    const required = memoryRegistry({host: 'r.example'})
    const done = await run([required, failing(matches)])
    expect(done.failure).toBeUndefined()
    expect(Object.keys(required.tagsOf('o/app'))).toEqual(tagNames)
    const {digest = ''} = done.outputs
    expect(done.outputs['images']).toBe(`r.example/o/app@${digest}`)
    expect(done.outputs['tags']).not.toContain('m.example')
    expect(done.outputs['json']).not.toContain('m.example')
    expect(warnings(done)).toEqual([
      expect.stringMatching(/^warning: m\.example\/o\/app is not complete.*\[registry-failed\]/),
    ])
    const rows = done.io.workflow.log.filter((line) => /^printed: \w+ +m\.example/.test(line))
    expect(rows.map((line) => line.split(/ +/)[1]).sort()).toEqual(outcomes)
    expect(done.io.workflow.log.at(-1)).toMatch(/^info: Published r\.\S+ with 3 tags \(not at m\.example\/o\/app\) for/)
    const [heading] = done.summary.split('\n')
    expect(heading).toBe('### 🟡 Published `r.example/o/app:1.2.3`, but not at `m.example/o/app`')
    expect(done.summary).toMatch(
      /^- ⚠️ \*\*m\.example\/o\/app is .*\*\*\n\n {2}```\n {2}\S+ https:.*: 503\n(?: {2}.*\n)* {2}```\n\n {2}\*\*What to do/m,
    )
  })

  test('has a row with the version of its earlier image', async () => {
    const older = makeImage({text: 'old', labels: {[factKeys.revision]: 'b'.repeat(40), [factKeys.version]: '1.2.2'}})
    const mirror = memoryRegistry({host: 'm.example'})
    mirror.store('o/app', older, ['1.2.2', 'latest'])
    const done = await run([memoryRegistry({host: 'r.example'}), mirror])
    const line = done.io.workflow.log.find((one) => one.startsWith('printed: moved'))
    expect(line).toContain('m.example/o/app:latest from 1.2.2 (')
    expect(done.summary.replaceAll('\u00a0', ' ')).toContain('moved from `1.2.2`')
  })

  const names = [
    {name: 'nothing', inputs: {}, hosts: ['r.example']},
    {name: 'a build argument', inputs: {'build-args': 'BASE=M.example/base'}, hosts: ['m.example', 'r.example']},
    {name: 'export-login', inputs: {'export-login': 'true'}, hosts: ['m.example', 'r.example']},
  ]
  test.each(names)('has a login in Docker only if the build or a later step may use it: $name', async (one) => {
    const [required, mirror] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})]
    const done = await run([required, mirror], {inputs: one.inputs})
    expect(done.failure).toBeUndefined()
    expect(loginHosts(done)).toEqual(one.hosts)
    expect(Object.keys(mirror.tagsOf('o/app'))).toEqual(tagNames)
  })

  const unpushed = [
    {name: 'a pull request', command: publish, event: 'pull-request'},
    {name: 'a stage', command: stage, event: 'push-tag'},
  ]
  test.each(unpushed)('gets no credentials in $name', async ({command, event}) => {
    const cloud = cloudNetwork([memoryRegistry({host: 'r.example'})])
    const done = await run(
      [],
      {event, inputs: {images: cloudImages}, environment: cloudKeys, http: cloud.http},
      command,
    )
    expect(done.failure).toBeUndefined()
    expect(cloud.requests).toEqual([])
    expect(loginHosts(done)).not.toContain(cloudHost)
  })

  test('gets cloud credentials only when the required tags exist', async () => {
    const required = memoryRegistry({host: 'r.example'})
    const cloud = cloudNetwork([required])
    const done = await run([], {inputs: {images: cloudImages}, environment: cloudKeys, http: cloud.http})
    expect(done.failure).toBeUndefined()
    expect(cloud.requests.length).toBeGreaterThan(0)
    expect(new Set(cloud.requests)).toEqual(new Set([tagNames.join()]))
  })

  test('does not get the build cache', async () => {
    const done = await run([memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})], {
      inputs: {images: images.split('\n').reverse().join('\n'), cache: 'registry', platforms: 'linux/amd64'},
    })
    expect(done.failure).toBeUndefined()
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args.find((arg) => arg.startsWith('type=registry,'))).toContain('ref=r.example/o/app:')
  })

  test('is listed as unpublished if every required tag is kept, without staging', async () => {
    const required = memoryRegistry({host: 'r.example'})
    const revision = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
    const other = makeImage({labels: {[factKeys.revision]: revision, [factKeys.build]: 'context=other'}})
    required.store('o/app', other, ['sha-6113728'])
    const done = await run([required], {
      builder: 'inspect-docker-driver',
      inputs: {tags: 'type=sha', driver: 'docker', platforms: ''},
    })
    expect(done.failure).toBeUndefined()
    expect(done.outputs).toMatchObject({pushed: 'false'})
    expect(done.summary).toMatch(/^### 🟡 Not published `[^,]+`$/m)
    expect(done.outputs['tags']).not.toContain('m.example')
    expect(done.io.workflow.log.filter((line) => /^notice: .*m\.example/.test(line))).toHaveLength(1)
    expect(done.io.workflow.log.filter((line) => /^printed: not created +m\.example/.test(line))).toHaveLength(1)
  })

  test('has a login that may fail', async () => {
    const done = await run([memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})], {
      inputs: {'build-args': 'BASE=m.example/base'},
      program: (command) =>
        programOf(command) === 'login' && command.args.includes('m.example')
          ? {exitCode: 1, stderr: 'unauthorized: incorrect username or password'}
          : undefined,
    })
    expect(done.failure).toBeUndefined()
    expect(warnings(done)).toEqual([expect.stringContaining('[login-refused]')])
  })

  test('has a login that must work if a required image needs it', async () => {
    const done = await run([memoryRegistry({host: 'r.example'})], {
      inputs: {images: 'r.example/o/app\nname=r.example/o/copy,required=false'},
      program: (command) => (programOf(command) === 'login' ? {exitCode: 1, stderr: 'unauthorized'} : undefined),
    })
    expect(done.failure?.code).toBe('login-refused')
  })

  test('is completed by the next run, which builds nothing', async () => {
    const required = memoryRegistry({host: 'r.example'})
    const first = await run([required, failing(() => true)])
    expect(first.failure).toBeUndefined()
    const mirror = memoryRegistry({host: 'm.example'})
    const second = await run([required, mirror])
    expect(second.failure).toBeUndefined()
    expect(second.programs).not.toContain('buildx build')
    expect(mirror.tagsOf('o/app')).toEqual(required.tagsOf('o/app'))
    expect(second.outputs['pushed']).toBe('true')
  })

  test('keeps an exact tag of another commit, and the required image is published', async () => {
    const other = makeImage({labels: {[factKeys.revision]: 'b'.repeat(40)}})
    const mirror = memoryRegistry({host: 'm.example'})
    mirror.store('o/app', other, ['1.2.3'])
    const done = await run([memoryRegistry({host: 'r.example'}), mirror])
    expect(done.failure).toBeUndefined()
    expect(mirror.tagsOf('o/app')).toEqual({'1.2.3': other.digest})
    expect(warnings(done)).toEqual([expect.stringContaining('[tag-taken]')])
  })

  test('is not touched by a run that fails', async () => {
    const mirror = memoryRegistry({host: 'm.example'})
    const required = memoryRegistry({
      host: 'r.example',
      fault: (request) => (isTagWrite(request) ? {kind: 'answer', status: 403} : undefined),
    })
    const done = await run([required, mirror])
    expect(done.failure?.code).toBe('push-denied')
    expect(mirror.requests).toEqual([])
  })

  test('is not staged to', async () => {
    const mirror = memoryRegistry({host: 'm.example'})
    const done = await run([memoryRegistry({host: 'r.example'}), mirror], {}, stage)
    expect(done.failure).toBeUndefined()
    expect(mirror.requests).toEqual([])
  })

  test('gets a promoted image', async () => {
    const [required, mirror] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})]
    const image = makeImage({labels: {[factKeys.revision]: '6113728f27ae82c7b1a177c8d03f9e96e0adf246'}})
    required.store('o/app', image, ['staging'])
    const promotion = {builds: false, inputs: {from: 'r.example/o/app:staging'}}
    const failed = await run([required, failing(() => true)], promotion, promote)
    expect([failed.failure, warnings(failed).length]).toEqual([undefined, 1])
    const done = await run([required, mirror], promotion, promote)
    expect(done.failure).toBeUndefined()
    expect(mirror.tagsOf('o/app')).toEqual({'1.2': image.digest, '1.2.3': image.digest, latest: image.digest})
  })

  test('does not hide a cancellation', async () => {
    const controller = new AbortController()
    const mirror = memoryRegistry({
      host: 'm.example',
      fault: (request) => {
        if (isTagWrite(request)) controller.abort(new Error('cancelled'))
        return undefined
      },
    })
    const required = memoryRegistry({host: 'r.example'})
    let log: readonly string[] = []
    const command: Command = async (io) => {
      try {
        await publish(io)
      } finally {
        log = io.workflow.warnings().map(({text}) => text)
      }
    }
    const done = await run([required, mirror], {signal: controller.signal}, command).catch((error: unknown) => error)
    expect(done).not.toMatchObject({failure: undefined})
    expect(Object.keys(required.tagsOf('o/app'))).toEqual(tagNames)
    expect(log.filter((text) => text.startsWith('m.example'))).toEqual([])
  })
})

describe('images', () => {
  const refused = [
    {name: 'no required one', images: 'name=m.example/o/app,required=false', place: 'images, line 1'},
    {
      name: 'no enabled required one',
      images: 'name=r.example/o/app,enable=false\nname=m.example/o/app,required=false',
      place: 'images, line 2',
    },
    {
      name: 'neither true nor false',
      images: 'r.example/o/app\nname=m.example/a,required=no',
      place: 'images, line 2, column 27',
    },
  ]
  test.each(refused)('are refused: $name', async ({images: text, place}) => {
    const done = await run([], {inputs: {images: text}})
    expect(done.failure?.code).toBe('input-invalid')
    expect(done.failure?.evidence.join()).toContain(place)
  })

  test('that are listed twice are required if one of the lines is', async () => {
    const registry = memoryRegistry({
      host: 'r.example',
      fault: (request) => (isTagWrite(request) ? {kind: 'answer', status: 403} : undefined),
    })
    const done = await run([registry], {inputs: {images: 'name=r.example/o/app,required=false\nr.example/o/app'}})
    expect(done.failure?.code).toBe('push-denied')
  })
})
