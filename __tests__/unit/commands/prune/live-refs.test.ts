import {describe, expect, test} from '@jest/globals'
import {readLiveRefs, readRefsIfListed} from '../../../../src/commands/prune/live-refs.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {repositoryClient, type RepositoryClient} from '../../../../testing/github/api-client.ts'
import type {RepositoryApiOptions} from '../../../../testing/github/repository-api.ts'

const repository = {owner: 'acme', name: 'app', defaultBranch: 'main'}

function named(count: number): readonly string[] {
  return Array.from({length: count}, (_, index) => `feature/${String(index).padStart(4, '0')}`)
}

function numbered(count: number): readonly number[] {
  return Array.from({length: count}, (_, index) => index + 1)
}

async function read(
  {client}: RepositoryClient,
  defaultBranch: string | undefined = 'main',
): ReturnType<typeof readLiveRefs> {
  return readLiveRefs({repository: {...repository, defaultBranch}, api: client})
}

test('branches and open pull requests are read at once', async () => {
  const scene = repositoryClient({branches: ['feature/a'], openPulls: [2, 267]})
  expect(await read(scene)).toEqual({
    refs: {defaultBranch: 'main', branches: new Set(['feature/a', 'main']), openPulls: new Set([267, 2])},
    denied: [],
  })
  expect(scene.api.requests).toEqual([
    'GET /repos/acme/app/branches?per_page=100&page=1',
    'GET /repos/acme/app/pulls?state=open&per_page=100&page=1',
  ])
})

test('all pages are read, and twice, since branches may disappear meanwhile', async () => {
  const scene = repositoryClient({branches: named(250), openPulls: numbered(200)})
  const {refs} = await read(scene)
  expect(refs.branches?.size).toBe(251)
  expect(refs.openPulls?.size).toBe(200)
  expect(scene.api.requests.filter((request) => request.includes('/branches'))).toHaveLength(6)
})

test.each([100, 101])('a list of %s pull requests is complete', async (count) => {
  const {refs} = await read(repositoryClient({openPulls: numbered(count)}))
  expect(refs.openPulls?.size).toBe(count)
})

test('a branch that moves to the page before is not lost', async () => {
  const scene: RepositoryClient = repositoryClient({
    branches: named(150),
    fault: (request, count) => {
      if (request.endsWith('/branches?per_page=100&page=2') && count === 1) scene.api.branches.delete('feature/0000')
      return undefined
    },
  })
  const {refs} = await read(scene)
  expect(refs.branches).toEqual(new Set([...named(150).slice(1), 'main']))
})

test('a list that changes each time has the branches of all reads', async () => {
  const scene: RepositoryClient = repositoryClient({
    branches: named(150),
    fault: (request, count) => {
      if (request.endsWith('/branches?per_page=100&page=2')) scene.api.branches.delete(`feature/000${count}`)
      return undefined
    },
  })
  const {refs} = await read(scene)
  for (const branch of scene.api.branches) expect(refs.branches).toContain(branch)
})

describe('a run that may not ask', () => {
  test.each([
    {permissions: ['pull-requests'], codes: ['branches-denied'], branches: undefined, openPulls: new Set([2])},
    {permissions: ['contents'], codes: ['pulls-denied'], branches: new Set(['main']), openPulls: undefined},
    {permissions: [], codes: ['branches-denied', 'pulls-denied'], branches: undefined, openPulls: undefined},
  ] as const)('knows less: $codes', async ({permissions, codes, branches, openPulls}) => {
    const {refs, denied} = await read(repositoryClient({permissions, openPulls: [2]}))
    expect(refs).toEqual({defaultBranch: 'main', branches, openPulls})
    expect(denied.map(({code}) => code)).toEqual(codes)
    expect(denied[0]?.answer).toMatch(/^GET \/repos\/acme\/app\/(?:branches|pulls).*: 403, Resource not accessible/)
  })

  test('knows nothing without a token', async () => {
    const {refs, denied} = await readLiveRefs({repository, api: undefined})
    expect(refs).toEqual({defaultBranch: 'main', branches: undefined, openPulls: undefined})
    expect(denied).toEqual([{code: 'branches-denied'}, {code: 'pulls-denied'}])
  })
})

test('the default branch is the present one', async () => {
  const {refs} = await read(repositoryClient({defaultBranch: 'trunk'}))
  expect(refs.defaultBranch).toBe('trunk')
  expect((await read(repositoryClient(), undefined)).refs.defaultBranch).toBe('main')
})

describe('an incomplete list is an error', () => {
  const branches = 'GET /repos/acme/app/branches?per_page=100&page='

  test.each<{readonly name: string; readonly options: Partial<RepositoryApiOptions>; readonly evidence: RegExp}>([
    {
      name: 'of others only',
      options: {fault: (request) => (request === `${branches}1` ? json(200, [{name: 'other'}]) : undefined)},
      evidence: /^1 .*main$/,
    },
    {
      name: 'empty',
      options: {fault: (request) => (request === `${branches}1` ? json(200, []) : undefined)},
      evidence: /^0 .*main$/,
    },
    {
      name: 'whose second page fails',
      options: {
        branches: named(150),
        fault: (request) => (request === `${branches}2` ? json(502, {message: 'Server Error'}) : undefined),
      },
      evidence: /page=2: 502, Server Error$/,
    },
    {
      name: 'whose second page is refused',
      options: {
        branches: named(150),
        fault: (request) => (request === `${branches}2` ? json(404, {message: 'Not Found'}) : undefined),
      },
      evidence: /page=2: 404/,
    },
    {
      name: 'of something else',
      options: {fault: (request) => (request === `${branches}1` ? json(200, {message: 'hello'}) : undefined)},
      evidence: /page=1: 200/,
    },
    {
      name: 'with other entries',
      options: {fault: (request) => (request === `${branches}1` ? json(200, [{name: 'main'}, {ref: 'x'}]) : undefined)},
      evidence: /page=1: 200$/,
    },
    {
      name: 'whose pages form a circle',
      options: {
        fault: (request) =>
          request === `${branches}1`
            ? {...json(200, [{name: 'main'}]), headers: {link: '<https://api.github.com/x?page=1>; rel="next"'}}
            : undefined,
      },
      evidence: /page 1 as the next/,
    },
    {name: 'of a token that is not valid', options: {token: 'another'}, evidence: /page=1: 401/},
    {name: 'of a token that is used up', options: {limits: {used: 1_000}}, evidence: /limit/},
  ])('$name', async ({options, evidence}) => {
    await expect(read(repositoryClient(options))).rejects.toMatchObject({
      code: 'refs-unlisted',
      evidence: expect.arrayContaining([expect.stringMatching(evidence)]) as unknown,
    })
  })
})

test('a temporary failure is retried', async () => {
  const scene = repositoryClient({
    fault: (request, count) => (request.includes('/pulls') && count < 3 ? json(503, {}) : undefined),
    openPulls: [5],
  })
  expect((await read(scene)).refs.openPulls).toEqual(new Set([5]))
  expect(scene.lines).toHaveLength(2)
})

test('a short limit is waited for', async () => {
  const scene = repositoryClient({
    fault: (request, count) =>
      request.includes('/branches') && count === 1
        ? {...json(403, {message: 'You have exceeded a secondary rate limit.'}), headers: {'retry-after': '30'}}
        : undefined,
  })
  expect((await read(scene)).refs.branches).toEqual(new Set(['main']))
})

describe('a list that no deletion depends on', () => {
  const missing: Partial<RepositoryApiOptions> = {
    fault: (request) => (request.includes('/pulls') ? json(502, {message: 'Server Error'}) : undefined),
  }
  const question = ({client}: RepositoryClient): Parameters<typeof readLiveRefs>[0] => ({repository, api: client})

  test('is unknown if GitHub does not answer', async () => {
    const {refs, denied} = await readRefsIfListed(question(repositoryClient(missing)), false)
    expect(refs).toEqual({defaultBranch: 'main', branches: undefined, openPulls: undefined})
    expect(denied).toEqual([{code: 'refs-unlisted', answer: expect.stringMatching(/page=1: 502, Server Error$/)}])
  })

  test('is read otherwise', async () => {
    const {refs, denied} = await readRefsIfListed(question(repositoryClient({openPulls: [2]})), false)
    expect([refs.openPulls, denied]).toEqual([new Set([2]), []])
  })

  test('is unknown if the default branch does not answer', async () => {
    const scene = repositoryClient({
      defaultBranch: 'trunk',
      fault: (request) => {
        if (!request.endsWith('/repos/acme/app')) return undefined
        throw Object.assign(new Error('refused'), {code: 'ECONNREFUSED'})
      },
    })
    expect((await readRefsIfListed(question(scene), false)).refs.branches).toBeUndefined()
  })

  test('is an error if one depends on it', async () => {
    await expect(readRefsIfListed(question(repositoryClient(missing)), true)).rejects.toMatchObject({
      code: 'refs-unlisted',
    })
  })
})
