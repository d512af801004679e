import {expect, test} from '@jest/globals'
import {readDeployed} from '../../../../src/commands/prune/deployed.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {repositoryClient, type RepositoryClient} from '../../../../testing/github/api-client.ts'
import type {DeploymentState, TestDeployment} from '../../../../testing/github/repository-api.ts'

const repository = {owner: 'acme', name: 'app'}

function shaOf(letter: string): string {
  return letter.repeat(40)
}

function to(environment: string, letter: string, ...states: readonly DeploymentState[]): TestDeployment {
  return {environment, sha: shaOf(letter), states}
}

async function read(
  {client}: RepositoryClient,
  keepDeployed: 'auto' | 'true' | 'false' = 'auto',
): ReturnType<typeof readDeployed> {
  return readDeployed({repository, api: client, keepDeployed})
}

test.each<{readonly name: string; readonly deployments: readonly TestDeployment[]; readonly expected: string}>([
  {name: 'none', deployments: [], expected: ''},
  {
    name: 'the last successful one of each environment',
    deployments: [
      to('production', 'a', 'success', 'inactive'),
      to('staging', 'b', 'in_progress', 'success'),
      to('production', 'c', 'queued', 'in_progress', 'success'),
    ],
    expected: 'bc',
  },
  {
    name: 'the one before a failure',
    deployments: [to('production', 'a', 'success'), to('production', 'b', 'in_progress', 'failure')],
    expected: 'a',
  },
  {
    name: 'one that waits, and the one that runs',
    deployments: [to('production', 'a', 'success'), to('production', 'b', 'queued'), to('production', 'c')],
    expected: 'abc',
  },
  {
    name: 'nothing of an environment that ended',
    deployments: [to('pr-12', 'a', 'success', 'inactive'), to('pr-12', 'b', 'success', 'inactive')],
    expected: '',
  },
  {
    name: 'the one before a deployment that was withdrawn before it ran',
    deployments: [to('production', 'a', 'success'), to('production', 'b', 'queued', 'inactive')],
    expected: 'a',
  },
  {
    name: 'late failure',
    deployments: [
      to('production', 'a', 'success', 'inactive'),
      to('production', 'b', 'success', 'inactive'),
      to('production', 'c', 'success', 'error'),
      to('production', 'd', 'success', 'failure', 'inactive'),
    ],
    expected: 'b',
  },
  {
    name: 'two tasks',
    deployments: [to('production', 'a', 'success'), {...to('production', 'b', 'success'), task: 'deploy:web'}],
    expected: 'ab',
  },
  {
    name: 'manually inactive',
    deployments: [to('production', 'a', 'success'), to('production', 'b', 'success', 'inactive')],
    expected: 'a',
  },
  {
    name: 'a commit of two environments once',
    deployments: [to('staging', 'a', 'success'), to('production', 'a', 'success')],
    expected: 'a',
  },
])('active deployments: $name', async ({deployments, expected}) => {
  const {revisions, denied} = await read(repositoryClient({deployments}))
  expect(
    [...revisions]
      .map((sha) => sha[0])
      .sort()
      .join(''),
  ).toBe(expected)
  expect([...revisions].every((sha) => sha.length === 40)).toBe(true)
  expect(denied).toEqual([])
})

test('an old deployment on the last page counts', async () => {
  const recent = Array.from({length: 220}, () => to('staging', 'b', 'success'))
  const scene = repositoryClient({deployments: [to('production', 'a', 'success'), ...recent]})
  expect(await read(scene)).toMatchObject({revisions: new Set([shaOf('a'), shaOf('b')])})
  // One request for the newest of each environment.
  expect(scene.api.requests.filter((request) => request.includes('/statuses'))).toHaveLength(2)
})

test('without the permission, nothing is known, and `true` is an error', async () => {
  const scene = repositoryClient({permissions: ['contents'], deployments: [to('production', 'a', 'success')]})
  const {revisions, denied} = await read(scene)
  expect(revisions.size).toBe(0)
  expect(denied.map(({code}) => code)).toEqual(['deployments-denied'])
  await expect(read(scene, 'true')).rejects.toMatchObject({
    code: 'deployments-unlisted',
    evidence: [expect.stringMatching(/^GET \/repos\/acme\/app\/deployments\?.*: 403/)],
  })
})

test('without a token, nothing is known, and `true` is an error', async () => {
  const question = {repository, api: undefined}
  expect(await readDeployed({...question, keepDeployed: 'auto'})).toEqual({
    revisions: new Set(),
    denied: [{code: 'deployments-denied'}],
  })
  await expect(readDeployed({...question, keepDeployed: 'true'})).rejects.toMatchObject({
    code: 'deployments-unlisted',
  })
})

test('used-up limit', async () => {
  const deployments = ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((letter) => [
    to(`preview-${letter}`, letter, 'success', 'inactive'),
    to(`preview-${letter}`, letter.toUpperCase(), 'failure'),
  ])
  const scene = repositoryClient({deployments, limits: {perHour: 5}})
  const {revisions, denied} = await read(scene, 'true')
  expect(denied.map(({code}) => code)).toEqual(['deployments-limited'])
  expect(revisions.size).toBe(12)
  expect(scene.api.requests.length).toBeLessThan(12)
})

test('`false` asks nothing', async () => {
  const scene = repositoryClient({deployments: [to('production', 'a', 'success')]})
  expect((await read(scene, 'false')).revisions.size).toBe(0)
  expect(scene.api.requests).toEqual([])
})

test.each(['deployments?', 'statuses?'])('a failure of %s is an error', async (part) => {
  const scene = repositoryClient({
    deployments: [to('production', 'a', 'success')],
    fault: (request) => (request.includes(part) ? json(500, {message: 'Server Error'}) : undefined),
  })
  await expect(read(scene)).rejects.toMatchObject({
    code: 'deployments-unlisted',
    remedy: expect.stringMatching(/^Run the job again later/) as unknown,
  })
})

test('a list beyond the limit names the limit, and no permission', async () => {
  const scene = repositoryClient({limits: {used: 1_000}})
  await expect(read(scene)).rejects.toMatchObject({
    code: 'deployments-unlisted',
    message: expect.stringContaining('rate limit') as unknown,
    evidence: expect.arrayContaining([expect.stringMatching(/reset at/)]) as unknown,
    remedy: expect.stringMatching(/^Run the job again later/) as unknown,
  })
})
