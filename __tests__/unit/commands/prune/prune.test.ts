import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {HttpResponse} from '../../../../src/io/http.ts'
import type {Io} from '../../../../src/io/io.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {
  memoryNetwork,
  memoryRegistry,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../../../../testing/memory-registry.ts'
import {imageOfAge, runPrune, type PruneRun} from '../../../../testing/prune-run.ts'

const path = 'octo-org/octo-repo'
const images = {images: `registry.example/${path}`}
const real = {...images, 'dry-run': 'false'}
const closed = {openPulls: [2], branches: ['feature']}

/** Repository with a release, a branch, an open and a closed pull request. */
function scene(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const registry = memoryRegistry(options)
  registry.store(path, imageOfAge(400, 'release'), ['1.2.3', '1.2', 'latest'])
  registry.store(path, imageOfAge(400, 'branch'), ['main'])
  registry.store(path, imageOfAge(30, 'open'), ['pr-2'])
  registry.store(path, imageOfAge(30, 'closed'), ['pr-1'])
  registry.store(path, imageOfAge(30, 'other'), ['customer-7'])
  return registry
}

/** Requests that change something. */
function writes({requests}: MemoryRegistry): readonly string[] {
  return requests.filter(({method}) => !['GET', 'HEAD'].includes(method)).map(({method, path: at}) => `${method} ${at}`)
}

function lines({io}: PruneRun): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('info: '))
}

describe('a dry run', () => {
  test('changes nothing, and says what it would delete', async () => {
    const registry = scene()
    const before = registry.snapshot()
    const run = await runPrune([registry], {inputs: images, gitHubState: closed})
    expect(run.failure).toBeUndefined()
    expect(registry.snapshot()).toEqual(before)
    expect(writes(registry)).toEqual([])
    expect(JSON.parse(run.outputs['deleted'] ?? '')).toMatchObject([
      {reference: `registry.example/${path}:pr-1`, class: 'pr', code: 'pull-closed'},
    ])
    expect([run.outputs['deleted-count'], run.outputs['kept-count'], run.outputs['skipped']]).toEqual([
      '1',
      '6',
      'false',
    ])
    expect(lines(run)[0]).toMatch(/^info: Dry run: would delete 1 of 7 tags of registry\.example/)
    expect(lines(run).at(-1)).toMatch(/`dry-run: false`/)
    expect(run.summary).toMatch(/^### Would delete 1 of 7 tags/)
  })

  test('starts no program', async () => {
    const run = await runPrune([scene()], {inputs: images, gitHubState: closed})
    expect(run.programs).toEqual([])
    expect(run.isUserConfigUnchanged).toBe(true)
  })
})

describe('a prune', () => {
  test('deletes what the policy names, and a second run deletes nothing', async () => {
    const registry = scene({deletes: {tags: 400}})
    const first = await runPrune([registry], {inputs: real, gitHubState: closed})
    expect(first.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf(path))).toEqual(['1.2', '1.2.3', 'customer-7', 'latest', 'main', 'pr-2'])
    expect(first.outputs['deleted-count']).toBe('1')
    expect(lines(first).at(-1)).toMatch(/^info: Deleted 1 of 7 tags/)
    const before = registry.snapshot()
    const second = await runPrune([registry], {inputs: real, gitHubState: closed})
    expect([second.failure, second.outputs['deleted-count']]).toEqual([undefined, '0'])
    expect(registry.snapshot()).toEqual(before)
  })

  test('keeps an image for its other tags', async () => {
    const registry = scene({deletes: {tags: 400}})
    registry.store(path, imageOfAge(400, 'release'), ['pr-9'])
    const run = await runPrune([registry], {inputs: real, gitHubState: closed})
    expect(run.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf(path))).toEqual(['1.2', '1.2.3', 'customer-7', 'latest', 'main', 'pr-2'])
  })

  test('leaves such a tag with `untag: never`', async () => {
    const registry = scene({deletes: {tags: 400}})
    registry.store(path, imageOfAge(400, 'release'), ['pr-9'])
    const run = await runPrune([registry], {inputs: {...real, untag: 'never'}, gitHubState: closed})
    expect(Object.keys(registry.tagsOf(path))).toContain('pr-9')
    expect(run.outputs['kept']).toContain('"code":"shares-image"')
  })

  test('fails where the registry deletes nothing', async () => {
    const registry = scene({deletes: {tags: false, manifests: false}})
    for (const number of [11, 12, 13, 14]) registry.store(path, imageOfAge(30, `closed ${number}`), [`pr-${number}`])
    const run = await runPrune([registry], {inputs: real, gitHubState: closed})
    expect(run.failure?.code).toBe('prune-unsupported')
    expect(run.outputs['kept']).toContain('"code":"untried"')
    expect([run.outputs['kept'], run.summary].join()).not.toMatch(/the next run|garbage collection/)
    expect(run.outputs['remaining']).toBe('0')
    expect(run.summary).toContain('`prune-unsupported`')
    expect(run.outputs['deleted-count']).toBe('0')
  })
})

describe('a refusal', () => {
  const pattern = {'delete-tags': '*', 'max-deleted': '1'}

  test('deletes nothing', async () => {
    const registry = scene()
    const run = await runPrune([registry], {inputs: {...real, ...pattern}, gitHubState: closed})
    expect(run.failure?.code).toBe('prune-too-much')
    expect(writes(registry)).toEqual([])
    expect([run.outputs['deleted'], run.outputs['deleted-count']]).toEqual(['[]', '0'])
    expect(run.summary).toMatch(/^### ❌ Refused to delete/)
    expect(run.summary).toMatch(/Refused: the policy deletes: [1-9]/)
    expect(run.summary).not.toMatch(/>Deleted: /)
    expect(lines(run).some((line) => line.includes('Dry run'))).toBe(false)
  })

  test('of one repository does not stop the others', async () => {
    const [first, second] = [scene({host: 'a.example'}), scene({host: 'b.example', listsTags: 405})]
    const inputs = {...real, images: `b.example/${path}\na.example/${path}`}
    const run = await runPrune([first, second], {inputs, gitHubState: closed})
    expect(run.failure?.code).toBe('tags-unlisted')
    expect(Object.keys(first.tagsOf(path))).not.toContain('pr-1')
    expect(run.summary).toContain('#### `b.example/')
  })

  test('of a repository with required=false is a warning', async () => {
    const [first, second] = [scene({host: 'a.example'}), scene({host: 'b.example', listsTags: 405})]
    const inputs = {...real, images: `a.example/${path}\nname=b.example/${path},required=false`}
    const run = await runPrune([first, second], {inputs, gitHubState: closed})
    expect(run.failure).toBeUndefined()
    expect(run.io.workflow.warnings().map(({about}) => about?.error.code)).toEqual(['tags-unlisted'])
  })
})

describe('a run that ends early', () => {
  test('has a summary without an answer of GitHub, and the remedy to try again', async () => {
    const fault = (): never => {
      throw Object.assign(new Error('refused'), {code: 'ECONNREFUSED'})
    }
    const run = await runPrune([scene()], {inputs: real, gitHubState: {...closed, fault}})
    expect(run.failure?.code).toMatch(/-unlisted$/)
    expect(run.failure?.remedy).toMatch(/^Run the job again later/)
    expect(run.summary).toContain(`\`${run.failure?.code ?? ''}\``)
  })

  test('reports no deletion in a repository that it did not reach', async () => {
    const cancelling = new AbortController()
    const first = scene({
      host: 'a.example',
      fault: ({method}) => {
        if (method === 'DELETE') cancelling.abort(new TagboatError('cancelled'))
        return undefined
      },
    })
    const second = scene({host: 'b.example'})
    const inputs = {...real, images: `a.example/${path}\nb.example/${path}`}
    const run = await runPrune([first, second], {inputs, gitHubState: closed, signal: cancelling.signal})
    expect(run.failure?.code).toBe('cancelled')
    expect(writes(second)).toEqual([])
    expect(run.outputs['deleted']).not.toContain('b.example')
    expect(run.outputs['kept']).toContain('"code":"remaining"')
  })

  describe('by a cancellation in the middle of a deletion', () => {
    /** Repository of which another client deletes a platform of a kept image meanwhile. */
    function cancelled(then: (registry: MemoryRegistry) => void): {
      readonly registry: MemoryRegistry
      readonly signal: AbortSignal
    } {
      const cancelling = new AbortController()
      const registry = scene({
        fault: ({method}) => {
          if (method !== 'DELETE' || cancelling.signal.aborted) return undefined
          cancelling.abort(new TagboatError('cancelled'))
          then(registry)
          return undefined
        },
      })
      return {registry, signal: cancelling.signal}
    }

    test('puts back what is missing', async () => {
      const [platform] = imageOfAge(400, 'release').manifests
      const {registry, signal} = cancelled((one) => {
        const url = new URL(`https://${one.host}/v2/${path}/manifests/${platform?.digest ?? ''}`)
        void one.http().send({method: 'DELETE', url, headers: {}})
      })
      const run = await runPrune([registry], {inputs: real, gitHubState: closed, signal})
      expect(run.failure?.code).toBe('cancelled')
      expect(Object.keys(registry.tagsOf(path))).not.toContain('pr-1')
      expect(registry.snapshot()[path]?.manifests).toContain(platform?.digest)
      const warnings = run.io.workflow.log.filter((line) => line.startsWith('warning: '))
      expect(warnings).toEqual([expect.stringContaining(platform?.digest ?? 'no digest')])
    })

    test('warns of what it could not put back', async () => {
      const broken = imageOfAge(1, 'broken')
      const {registry, signal} = cancelled((one) => {
        one.store(path, {...broken, manifests: broken.manifests.slice(1)}, ['1.3.0'])
      })
      const run = await runPrune([registry], {inputs: real, gitHubState: closed, signal})
      expect(run.failure?.code).toBe('cancelled')
      expect(run.io.workflow.warnings().map(({about}) => about?.error.code)).toEqual(['prune-raced'])
    })

    test('warns if the registry cannot be read any more', async () => {
      const state = {isDown: false}
      const {registry, signal} = cancelled(() => (state.isDown = true))
      const network: Io['http'] = (ofRun) => {
        const inner = memoryNetwork([registry], {signal: ofRun})
        return {
          ...inner,
          send: async (request) => {
            if (state.isDown && request.method !== 'DELETE')
              throw Object.assign(new Error('down'), {code: 'ECONNREFUSED'})
            return inner.send(request)
          },
        }
      }
      const run = await runPrune([registry], {inputs: real, gitHubState: closed, signal, network})
      expect(run.failure?.code).toBe('cancelled')
      const warnings = run.io.workflow.log.filter((line) => line.startsWith('warning: '))
      expect(warnings).toHaveLength(1)
    })
  })

  test('reports a loss before deletions that failed', async () => {
    const broken = imageOfAge(1, 'broken')
    let deletions = 0
    const registry = scene({
      fault: ({method}) => {
        if (method !== 'DELETE') return undefined
        deletions += 1
        if (deletions > 1) return {kind: 'answer', status: 500}
        // One of its platforms is missing.
        registry.store(path, {...broken, manifests: broken.manifests.slice(1)}, ['1.3.0'])
        return undefined
      },
    })
    registry.store(path, imageOfAge(30, 'closed too'), ['pr-3'])
    const run = await runPrune([registry], {inputs: real, gitHubState: closed})
    expect(run.io.workflow.warnings().map(({about}) => about?.error.code)).toEqual(['prune-incomplete'])
    expect(run.failure?.code).toBe('prune-raced')
  })
})

describe('without a request to a registry', () => {
  test.each([
    {name: 'an unknown policy', inputs: {policy: 'type=prs,gone=true'}},
    {name: 'a wrong value', inputs: {'dry-run': 'registry'}},
    {name: 'inputs of publications', inputs: {platforms: 'linux/amd64'}},
  ])('refuses $name', async ({inputs}) => {
    const registry = scene()
    const run = await runPrune([registry], {inputs: {...real, ...inputs}})
    expect(run.failure?.code).toBe('input-invalid')
    expect(run.failure?.evidence).toHaveLength(1)
    expect([registry.requests, run.api.requests]).toEqual([[], []])
    expect(run.summary).toContain('`input-invalid`')
  })

  test.each([
    {event: 'pull-request-fork', inputs: real},
    {event: 'pull-request-dependabot', inputs: real},
    {event: 'schedule', inputs: {...real, images: `name=registry.example/${path},enable=false`}},
  ])('skips $event', async ({event, inputs}) => {
    const registry = scene()
    const run = await runPrune([registry], {event, inputs})
    expect([run.failure, run.outputs['skipped'], run.outputs['deleted']]).toEqual([undefined, 'true', '[]'])
    expect([registry.requests, run.api.requests]).toEqual([[], []])
    expect(run.summary).toMatch(/^### Nothing to delete/)
  })
})

test('missing permissions keep tags of refs, with notices', async () => {
  const registry = scene()
  const run = await runPrune([registry], {inputs: real, gitHubState: {...closed, permissions: ['contents']}})
  expect(run.failure).toBeUndefined()
  expect(run.outputs['deleted-count']).toBe('0')
  expect(run.io.workflow.log.filter((line) => line.startsWith('notice: '))).toHaveLength(2)
  expect(run.outputs['kept']).toContain('"code":"refs-unknown"')
})

describe('a repository without tags', () => {
  test('that does not exist is a warning', async () => {
    const inputs = {images: 'registry.example/octo-org/octo-rep'}
    const run = await runPrune([scene()], {inputs, gitHubState: closed})
    expect(run.failure).toBeUndefined()
    expect(run.io.workflow.log).toContainEqual(
      expect.stringMatching(/^warning: registry\.example\/octo-org\/octo-rep does not exist\. Check `images`/),
    )
    expect(lines(run).at(-1)).toMatch(/: the repository does not exist$/)
    expect(run.summary).toMatch(/\n\nThe repository does not exist\.$/m)
  })

  test('with required=false is noted', async () => {
    const inputs = {images: 'name=registry.example/octo-org/octo-rep,required=false'}
    const {io} = await runPrune([scene()], {inputs, gitHubState: closed})
    expect(io.workflow.warnings()).toEqual([])
    expect(io.workflow.log).toContain('notice: registry.example/octo-org/octo-rep does not exist.')
  })

  test('that is empty is none', async () => {
    const registry = scene({
      fault: ({path: at}) =>
        at.endsWith('/tags/list') ? {kind: 'answer', status: 200, body: '{"tags":null}'} : undefined,
    })
    const run = await runPrune([registry], {inputs: images, gitHubState: closed})
    expect(run.io.workflow.warnings()).toEqual([])
    expect(lines(run).at(-1)).toMatch(/: there are no tags$/)
  })
})

test('a pattern in `tags` is one for `delete-tags`', async () => {
  const {failure} = await runPrune([scene()], {inputs: {...real, tags: 'type=sha\npr-*'}})
  expect(failure?.code).toBe('input-invalid')
  expect(failure?.evidence.join('\n')).toMatch(/^tags, line 2.*"pr-\*" is a pattern.*`delete-tags`/m)
})

test('a notice of a repository is a sentence', async () => {
  const run = await runPrune([scene()], {inputs: {...images, 'exclude-tags': 'v*'}, gitHubState: closed})
  expect(run.io.workflow.log).toContain(`notice: In registry.example/${path}, v* in \`exclude-tags\` matches no tag.`)
})

describe('a line for images that the step does not have', () => {
  test('is an error if it keeps tags', async () => {
    const registry = scene()
    const policy = 'type=pr,gone=true\ntype=keep,pattern=*,images=octo-org/*'
    const run = await runPrune([registry], {inputs: {...real, policy}, gitHubState: closed})
    expect(run.failure?.code).toBe('input-invalid')
    expect(run.failure?.evidence).toEqual([expect.stringMatching(/^policy, line 2: images=octo-org\/\* names none/)])
    expect(registry.requests).toEqual([])
  })

  test('is noted if it deletes', async () => {
    const policy = 'type=pr,gone=true\ntype=commit,keep=2,images=ghcr.io/*'
    const run = await runPrune([scene()], {inputs: {...images, policy}, gitHubState: closed})
    expect(run.failure).toBeUndefined()
    expect(run.io.workflow.log.filter((line) => line.startsWith('notice: '))).toEqual([
      expect.stringMatching(/images=ghcr\.io\/\* names none/),
    ])
  })
})

test('digests in `protect` that no repository has are noted', async () => {
  const [first, second] = [scene({host: 'a.example'}), scene({host: 'b.example'})]
  const [known = ''] = Object.values(second.tagsOf(path))
  const [unknown, other] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)
  const protect = [known, unknown, `a.example/${path}@${other}`, `c.example/x@${other}`].join('\n')
  const inputs = {images: `a.example/${path}\nb.example/${path}`, protect}
  const run = await runPrune([first, second], {inputs, gitHubState: closed})
  const notices = run.io.workflow.log.filter((line) => line.startsWith('notice: '))
  expect(notices).toEqual([expect.stringMatching(`has 2 digests of .*${unknown ?? ''},`)])
  const failed = await runPrune([first, scene({host: 'b.example', listsTags: 405})], {inputs, gitHubState: closed})
  expect(failed.io.workflow.log.filter((line) => line.startsWith('notice: '))).toEqual([])
})

test('an image of a deployment stays', async () => {
  const sha = 'b'.repeat(40)
  const registry = scene()
  registry.store(path, imageOfAge(30, 'run', {'org.opencontainers.image.revision': sha}), ['pr-7'])
  const deployments = [{environment: 'production', sha, states: ['success']}] as const
  const run = await runPrune([registry], {inputs: real, gitHubState: {...closed, deployments}})
  expect(run.outputs['kept']).toContain('"code":"deployed"')
  expect(Object.keys(registry.tagsOf(path))).toContain('pr-7')
})

test('no secret is in log, outputs or summary', async () => {
  const password = 'canary-9f8e7d6c'
  const registry = scene({auth: {kind: 'basic', users: {mona: password}}})
  const login = {registry: 'registry.example', username: 'mona', password}
  const run = await runPrune([registry], {inputs: {...real, ...login}, gitHubState: closed})
  expect(run.failure).toBeUndefined()
  const texts = JSON.stringify([run.io.workflow.log, run.outputs, run.summary])
  expect(texts).not.toContain(password)
  expect(texts).not.toContain('canaryOfThePruneAction')
})

describe('without a list of branches and pull requests', () => {
  const fault = (request: string): HttpResponse | undefined =>
    /\/(?:branches|pulls)\?/.test(request) ? json(502, {message: 'Server Error'}) : undefined

  test.each<Readonly<Record<string, string>>>([
    {'delete-tags': 'customer-*'},
    {policy: 'type=match,pattern=customer-*,older-than=5d\ntype=commit,older-than=90d'},
    {policy: 'type=branch,pattern=customer-*'},
  ])('a run that does not depend on them goes on: %j', async (inputs) => {
    const registry = scene({deletes: {tags: 400}})
    const run = await runPrune([registry], {inputs: {...real, ...inputs}, gitHubState: {...closed, fault}})
    expect(run.failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf(path))).toEqual(['1.2', '1.2.3', 'latest', 'main', 'pr-1', 'pr-2'])
    const notices = run.io.workflow.log.filter((line) => line.startsWith('notice: '))
    expect(notices.filter((line) => line.includes('did not list'))).toHaveLength(1)
  })

  const edge = {tags: 'type=edge,branch=develop'}

  test.each<Readonly<Record<string, string>>>([
    {},
    {policy: 'type=cache,gone=true'},
    {policy: 'type=pr,older-than=30d'},
    {...edge, 'delete-tags': 'e*'},
    {...edge, policy: 'type=branch,pattern=e*'},
  ])('a run that depends on them fails: %j', async (inputs) => {
    const registry = scene()
    const run = await runPrune([registry], {inputs: {...real, ...inputs}, gitHubState: {...closed, fault}})
    expect(run.failure?.code).toBe('refs-unlisted')
    expect(writes(registry)).toEqual([])
  })
})
