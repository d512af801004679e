import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {cacheTag} from '../../../../src/stage/cache/cache-scope.ts'
import {temporaryDirectory} from '../../../../testing/fake-io.ts'
import {loadEvent} from '../../../../testing/events.ts'
import {closedToken, imageOfRef, runClosed, type ClosedRun} from '../../../../testing/closed-run.ts'
import {
  makeImage,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../../../../testing/memory-registry.ts'

const app = 'team/app'
const images = `registry.example/${app}`

/** Repository with a release, a branch, and the pull requests 2 and 267. */
function scene(options: MemoryRegistryOptions = {}, at = app): MemoryRegistry {
  const registry = memoryRegistry({deletes: {tags: 400}, ...options})
  registry.store(at, imageOfRef('refs/tags/v1.2.3'), ['1.2.3', '1.2', 'latest'])
  registry.store(at, imageOfRef('refs/heads/master'), ['master', 'edge'])
  registry.store(at, imageOfRef('refs/pull/2/merge'), ['pr-2'])
  registry.store(at, imageOfRef('refs/pull/267/merge'), ['pr-267'])
  return registry
}

function tagsOf(registry: MemoryRegistry, at = app): string {
  return Object.keys(registry.tagsOf(at)).sort().join(' ')
}

function lastLine({io}: ClosedRun): string {
  return io.workflow.log.filter((line) => line.startsWith('info: ')).at(-1) ?? ''
}

function changes({requests}: MemoryRegistry): readonly string[] {
  return requests.filter(({method}) => !['GET', 'HEAD'].includes(method)).map(({method}) => method)
}

const all = '1.2 1.2.3 edge latest master pr-2 pr-267'
const others = '1.2 1.2.3 edge latest master pr-267'

describe('a pull request', () => {
  test('loses its tag, and every other tag stays whole', async () => {
    const registry = scene()
    const before = registry.tagsOf(app)
    const run = await runClosed([registry], {inputs: {images}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(others)
    for (const [tag, digest] of Object.entries(registry.tagsOf(app))) expect(before[tag]).toBe(digest)
    expect(JSON.parse(run.outputs['deleted'] ?? '')).toEqual([
      expect.objectContaining({reference: `${images}:pr-2`, class: 'pr', code: 'pull-closed', digest: before['pr-2']}),
    ])
    expect(run.outputs).toMatchObject({skipped: 'true', pushed: 'false'})
    expect(lastLine(run)).toBe('info: Deleted 1 tag of pull request 2')
    expect(run.summary).toContain(`### Deleted 1 tag of pull request 2\n\n| Tag |`)
    expect(run.summary).toContain(`\`${images}:pr-2\``)
    expect(run.programs).toEqual([])
  })

  test('keeps it by default, without a request', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images, closed: ''}})
    expect(run.failure).toBeUndefined()
    expect([registry.requests.length, run.api.requests.length]).toEqual([0, 0])
    expect(run.outputs).not.toHaveProperty('deleted')
  })

  test('without a tag is a success', async () => {
    const registry = memoryRegistry({})
    const run = await runClosed([registry], {inputs: {images}})
    expect(run.failure).toBeUndefined()
    expect(run.outputs['deleted']).toBe('[]')
    expect(changes(registry)).toEqual([])
    expect(lastLine(run)).toMatch(/^info: Nothing to delete of pull request 2: /)
  })

  test('is read only as far as it is needed', async () => {
    const registry = scene()
    await runClosed([registry], {inputs: {images}})
    const read = registry.requests.filter(({method, path: at}) => method === 'GET' && at.includes('/manifests/'))
    expect(read).toHaveLength(3)
  })

  test('loses its tags in each repository', async () => {
    const [first, second] = [scene(), scene({host: 'quay.example'})]
    const run = await runClosed([first, second], {inputs: {images: `${images}\nquay.example/${app}`}})
    expect(run.failure).toBeUndefined()
    expect([tagsOf(first), tagsOf(second)]).toEqual([others, others])
    expect(lastLine(run)).toBe('info: Deleted 2 tags of pull request 2')
  })

  test('loses a tag whose image another tag has', async () => {
    const registry = scene()
    registry.store(app, imageOfRef('refs/pull/2/merge'), ['staging'])
    const run = await runClosed([registry], {inputs: {images}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(`${others} staging`)
  })

  test('loses its variant, and keeps that of another step', async () => {
    const registry = scene()
    registry.store(app, imageOfRef('refs/pull/2/merge'), ['pr-2-slim', 'pr-2-alpine'])
    const run = await runClosed([registry], {inputs: {images, variant: 'slim'}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(`1.2 1.2.3 edge latest master pr-2 pr-2-alpine pr-267`)
  })

  test('loses its signatures', async () => {
    const registry = scene()
    const signed = registry.tagsOf(app)['pr-2'] ?? ''
    const signature = `${signed.replace(':', '-')}.sig`
    registry.store(app, makeImage({text: 'signature'}), [signature])
    const run = await runClosed([registry], {inputs: {images}})
    expect(tagsOf(registry)).toBe(others)
    expect(lastLine(run)).toBe('info: Deleted 1 tag and 1 referrer tag of pull request 2')
    const deleted = JSON.parse(run.outputs['deleted'] ?? '') as readonly {readonly reference: string}[]
    expect(deleted.map(({reference}) => reference)).toEqual([`${images}:pr-2`, `${images}:${signature}`])
    expect(run.io.workflow.log.join('\n')).toContain(`${images}:${signature}`)
    expect(run.summary).toContain(signature)
  })

  test('keeps a branch with its name', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {branches: ['pr/2']}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(all)
  })

  test('keeps the image of another ref', async () => {
    const registry = scene()
    registry.store(app, imageOfRef('refs/heads/feature'), ['pr-2'])
    const run = await runClosed([registry], {inputs: {images}})
    expect(tagsOf(registry)).toBe(all)
    expect(run.summary).toContain('refs/heads/feature')
    expect(run.outputs['deleted']).toBe('[]')
  })

  test('that is open again loses nothing', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {openPulls: [2]}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(all)
    expect(run.summary).toContain('open again')
  })
})

describe('a fact that GitHub hides', () => {
  const permissions = [] as const

  test('is stated by the image', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {permissions}})
    expect(tagsOf(registry)).toBe(others)
    expect(run.io.workflow.log.filter((line) => line.includes('permissions: '))).toHaveLength(2)
  })

  test('keeps an image that states nothing', async () => {
    const registry = scene()
    registry.store(app, imageOfRef(undefined), ['pr-2'])
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {permissions}})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(all)
  })

  test('is an error if the list is not complete', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {token: 'another'}})
    expect(run.failure?.code).toBe('refs-unlisted')
    expect(tagsOf(registry)).toBe(all)
  })
})

describe('the cache', () => {
  const scope = {
    repository: {host: 'registry.example', path: app},
    target: undefined,
    variant: undefined,
    platforms: [],
  }
  const amd64 = {...scope, platforms: [{os: 'linux', architecture: 'amd64'}]}
  const [own, other, default_] = ['changes', 'changes-2', 'master'].map((name) =>
    cacheTag(amd64, {kind: 'branch', name}),
  )

  function withCaches(): MemoryRegistry {
    const registry = scene()
    for (const tag of [own, other, default_]) if (tag !== undefined) registry.store(app, makeImage({text: tag}), [tag])
    return registry
  }

  test.each([
    {name: 'goes with its branch', branches: ['changes-2'], gone: true},
    {name: 'stays with its branch', branches: ['changes', 'changes-2'], gone: false},
  ])('$name', async ({branches, gone}) => {
    const registry = withCaches()
    const run = await runClosed([registry], {inputs: {images}, gitHubState: {branches}})
    expect(run.failure).toBeUndefined()
    const tags = Object.keys(registry.tagsOf(app))
    expect(tags.includes(own ?? '')).toBe(!gone)
    expect(tags).toEqual(expect.arrayContaining([other, default_, 'pr-267']))
    expect(tags).not.toContain('pr-2')
  })

  test('of a deleted branch goes', async () => {
    const registry = scene()
    const tag = cacheTag(amd64, {kind: 'branch', name: 'feature/login'})
    registry.store(app, makeImage({text: tag}), [tag])
    registry.store(app, imageOfRef('refs/heads/feature/login'), ['feature-login'])
    const run = await runClosed([registry], {inputs: {images}, event: 'delete-branch'})
    expect(run.failure).toBeUndefined()
    expect(tagsOf(registry)).toBe(all)
    expect(lastLine(run)).toBe('info: Deleted 2 tags of the branch feature/login')
  })
})

test('a branch that exists again keeps its tag', async () => {
  const registry = scene()
  registry.store(app, imageOfRef('refs/heads/feature/login'), ['feature-login'])
  await runClosed([registry], {inputs: {images}, event: 'delete-branch', gitHubState: {branches: ['feature/login']}})
  expect(tagsOf(registry)).toBe('1.2 1.2.3 edge feature-login latest master pr-2 pr-267')
})

test('a merged pull request publishes, and loses its tag', async () => {
  const registry = scene()
  const run = await runClosed([registry], {inputs: {images, push: 'true'}, event: 'pull-request-merged'})
  expect(run.failure).toBeUndefined()
  expect(run.outputs['pushed']).toBe('true')
  expect(Object.keys(registry.tagsOf(app))).not.toContain('pr-2')
  expect(Object.keys(registry.tagsOf(app)).some((tag) => tag.startsWith('sha-'))).toBe(true)
})

test('a tag that the run of the merge publishes stays', async () => {
  const registry = scene()
  const inputs = {images, push: 'true', tags: 'type=raw,value=pr-{{pr}}'}
  const run = await runClosed([registry], {inputs, event: 'pull-request-merged'})
  expect(run.failure).toBeUndefined()
  expect(tagsOf(registry)).toBe(all)
})

describe('a run that may not delete', () => {
  test.each([
    {name: 'of a fork', event: 'pull-request-fork', reason: /is from a fork/},
    {name: 'of Dependabot', event: 'pull-request-dependabot', reason: /Dependabot started/},
  ])('$name is skipped', async ({event, reason}) => {
    const registry = scene()
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'event.json')
    await writeFile(file, JSON.stringify({...(loadEvent(event).payload as object), action: 'closed'}))
    const run = await runClosed([registry], {inputs: {images}, event, environment: {GITHUB_EVENT_PATH: file}})
    expect(run.failure).toBeUndefined()
    expect([registry.requests.length, run.api.requests.length]).toEqual([0, 0])
    expect(run.summary).toMatch(reason)
  })

  test('by the registry fails, with all tags in place', async () => {
    const registry = scene({deletes: {tags: false, manifests: false}})
    const run = await runClosed([registry], {inputs: {images}})
    expect(run.failure?.code).toBe('prune-unsupported')
    expect(tagsOf(registry)).toBe(all)
    expect(run.summary).toMatch(/### ❌ Nothing was deleted.*: 1 tag could not/)
  })

  test('for a wrong password names the repository', async () => {
    const registry = scene({auth: {kind: 'basic', users: {mona: 'another'}}})
    const run = await runClosed([registry], {inputs: {images}})
    expect(run.failure?.code).toBe('tags-unlisted')
    expect(lastLine(run)).toMatch(/^info: Nothing was deleted/)
    expect(run.summary).toContain(`: ${images} could not`)
  })

  test('in one of two repositories names what is left', async () => {
    const [first, second] = [scene(), scene({host: 'quay.example', listsTags: 405})]
    const run = await runClosed([first, second], {inputs: {images: `${images}\nquay.example/${app}`}})
    expect(lastLine(run)).toContain(`; quay.example/${app} could not`)
  })

  test('in a repository with required=false is a warning', async () => {
    const [first, second] = [scene(), scene({host: 'quay.example', listsTags: 405})]
    const run = await runClosed([first, second], {
      inputs: {images: `${images}\nname=quay.example/${app},required=false`},
    })
    expect(run.failure).toBeUndefined()
    expect(tagsOf(first)).toBe(others)
    expect(run.io.workflow.log.some((line) => line.startsWith('warning: ') && line.includes('tags-unlisted'))).toBe(
      true,
    )
  })
})

describe('a dry run', () => {
  test('without requests names what it would delete', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images, 'dry-run': 'true'}})
    expect([registry.requests.length, run.api.requests.length]).toEqual([0, 0])
    expect(lastLine(run)).toMatch(/^info: Dry run: .*: pr-2$/)
  })

  test('that reads the registry deletes nothing', async () => {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images, 'dry-run': 'registry'}})
    expect(run.failure).toBeUndefined()
    expect(changes(registry)).toEqual([])
    expect(lastLine(run)).toMatch(/^info: Dry run: .* delete 1 tag/)
  })
})

test('other events delete nothing', async () => {
  for (const event of ['pull-request', 'delete-tag', 'push-tag-deleted']) {
    const registry = scene()
    const run = await runClosed([registry], {inputs: {images}, event})
    expect(run.failure).toBeUndefined()
    expect([event, tagsOf(registry)]).toEqual([event, all])
    expect(run.api.requests).toEqual([])
  }
})

test('no text has a secret', async () => {
  const run = await runClosed([scene()], {inputs: {images}})
  const texts = JSON.stringify([run.io.workflow.log, run.summary, run.outputs])
  expect(texts).not.toContain(closedToken)
  expect(texts).not.toContain('canary-1')
})
