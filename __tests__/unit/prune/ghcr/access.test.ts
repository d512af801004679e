import {describe, expect, test} from '@jest/globals'
import {Secret} from '../../../../src/errors/secret.ts'
import {openGhcr} from '../../../../src/prune/ghcr/ghcr-store.ts'
import {GitHubApi} from '../../../../src/prune/ghcr/github-api.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {makeImage} from '../../../../testing/memory-registry.ts'
import {ghcrScene, sceneToken, type GhcrSceneOptions} from '../../../../testing/registries/ghcr-scene.ts'

/** Requests to the API that listing and deleting one of two images need. */
async function requestsOf(options: GhcrSceneOptions): Promise<readonly string[]> {
  const scene = ghcrScene(options)
  const image = await scene.publish(makeImage({text: 'doomed'}), 'doomed')
  await scene.publish(makeImage({text: 'kept'}), 'kept')
  const before = scene.github.requests.length
  await scene.store.list()
  expect(await scene.store.deleteImages([scene.doomed(image)])).toEqual([{kind: 'deleted'}])
  return scene.github.requests
    .slice(before)
    .filter((request) => !/^\w+ \/v2\//.test(request))
    .map((request) => request.replace(/\?.*$/, '').replace(/\/\d+$/, '/ID'))
}

const ofVersions = (base: string): readonly string[] => [
  `GET ${base}/versions`,
  `GET ${base}/versions/ID`,
  `DELETE ${base}/versions/ID`,
]

describe('a package address', () => {
  test.each<{name: string; options: GhcrSceneOptions; expected: readonly string[]}>([
    {
      name: 'is below an organization of the event',
      options: {owner: {name: 'Acme', kind: 'orgs'}},
      expected: ofVersions('/orgs/acme/packages/container/app'),
    },
    {
      name: 'is below a user of the event',
      options: {path: 'octocat/app', owner: {name: 'octocat', kind: 'users'}},
      expected: ['GET /users/octocat/packages/container/app', ...ofVersions('/users/octocat/packages/container/app')],
    },
    {
      name: 'is requested for another owner',
      options: {owner: {name: 'octocat', kind: 'users'}},
      expected: ['GET /users/acme', ...ofVersions('/orgs/acme/packages/container/app')],
    },
    {
      name: 'is below a user without an event',
      options: {path: 'octocat/app'},
      expected: [
        'GET /users/octocat',
        'GET /users/octocat/packages/container/app',
        ...ofVersions('/users/octocat/packages/container/app'),
      ],
    },
    {
      name: 'is that of the own user where GitHub hides it from others',
      options: {path: 'octocat/app', hidesFromUsers: true, tokenUser: 'Octocat'},
      expected: [
        'GET /users/octocat',
        'GET /users/octocat/packages/container/app',
        'GET /user',
        ...ofVersions('/user/packages/container/app'),
      ],
    },
    {
      name: 'has an encoded slash',
      options: {path: 'acme/team/app', owner: {name: 'acme', kind: 'orgs'}},
      expected: ofVersions('/orgs/acme/packages/container/team%2Fapp'),
    },
    {
      name: 'is on an Enterprise Server',
      options: {
        registryHost: 'containers.github.example.com',
        api: 'https://github.example.com/api/v3',
        owner: {name: 'acme', kind: 'orgs'},
      },
      expected: ofVersions('/orgs/acme/packages/container/app'),
    },
  ])('$name', async ({options, expected}) => {
    expect(await requestsOf(options)).toEqual(expected)
  })

  test('is never below another user', async () => {
    const scene = ghcrScene({path: 'octocat/app', hidesFromUsers: true, tokenUser: 'hubot'})
    await scene.publish(makeImage(), 'latest')
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-denied-ghcr'})
    expect(scene.github.requests.some((request) => request.includes(' /user/'))).toBe(false)
  })
})

describe('the store', () => {
  const repository = {host: 'ghcr.io', path: 'acme/app'}

  test('belongs to its server', async () => {
    const {clients, services} = testResources(scriptedHttp(() => json(200, {})))
    const gitHub = new GitHubApi({apiUrl: 'https://api.github.com', token: new Secret(sceneToken)}, services)
    const store = openGhcr(repository, {clients, services, gitHub, gitHubServer: 'https://github.com'})
    expect(store).toMatchObject({repository, denialCode: 'prune-denied-ghcr'})
    expect(await store.budget()).toBeUndefined()
    const open = (): unknown =>
      openGhcr(repository, {clients, services, gitHub, gitHubServer: 'https://github.example.com'})
    expect(open).toThrow(expect.objectContaining({code: 'credentials-missing'}))
  })

  test('needs a token', () => {
    const open = (): unknown => openGhcr(repository, testResources(scriptedHttp(() => json(200, {}))))
    expect(open).toThrow(expect.objectContaining({code: 'credentials-missing'}))
  })
})

describe('the token', () => {
  test.each<{name: string; options: GhcrSceneOptions}>([
    {name: 'that sees no package', options: {access: 'none'}},
    {name: 'that is not valid', options: {token: 'ghs_another'}},
    {
      name: 'that may not read packages',
      options: {fault: deny(403, 'Resource not accessible by integration')},
    },
  ])('$name is an error', async ({options}) => {
    const scene = ghcrScene({owner: {name: 'acme', kind: 'orgs'}, ...options})
    await scene.publish(makeImage(), 'latest')
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-denied-ghcr'})
  })

  test('is in the header of requests to the API only, and in no text', async () => {
    const scene = ghcrScene({fault: deny(500, `sent by ${sceneToken}`)})
    const error: unknown = await scene.store.list().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({code: 'prune-list-cut'})
    const {message, evidence} = error as {readonly message: string; readonly evidence: readonly string[]}
    expect([message, ...evidence, ...scene.lines].join('\n')).not.toContain(sceneToken)
    for (const {url, headers} of scene.http.requests) {
      expect(url.href).not.toContain(sceneToken)
      expect(headers['authorization'] === `Bearer ${sceneToken}`).toBe(url.host === 'api.github.com')
    }
  })

  test('is not sent to the target of a redirect', async () => {
    const moved = {...json(301, {message: 'Moved Permanently'}), headers: {location: 'https://elsewhere.example/x'}}
    const scene = ghcrScene({fault: () => ({when: 'before', answer: moved})})
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
    expect(new Set(scene.http.requests.map(({url}) => url.host))).toEqual(new Set(['api.github.com']))
  })
})

function deny(status: number, message: string): NonNullable<GhcrSceneOptions['fault']> {
  return (request) => (request.includes('/v2/') ? undefined : {when: 'before', answer: json(status, {message})})
}
