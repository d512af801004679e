import {describe, expect, test} from '@jest/globals'
import type {HttpRequest} from '../../../src/io/http.ts'
import {makeImage} from '../../../testing/memory-registry.ts'
import {ghcrScene, sceneToken, type GhcrScene, type GhcrSceneOptions} from '../../../testing/registries/ghcr-scene.ts'

const versions = '/orgs/acme/packages/container/app/versions'

/** Sends a request as a client that knows the rules. */
async function send(
  {github}: GhcrScene,
  method: HttpRequest['method'],
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{status: number; headers: Readonly<Record<string, string | undefined>>; json: unknown}> {
  const known = {accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28'}
  const request = {...known, authorization: `Bearer ${sceneToken}`, ...headers}
  const answer = await github.answer({method, url: new URL(`https://api.github.com${path}`), headers: request})
  const text = answer.body.toString()
  return {status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text)}
}

async function sceneWith(count: number, options: GhcrSceneOptions = {}): Promise<GhcrScene> {
  const scene = ghcrScene(options)
  await scene.publishMany(count)
  return scene
}

/** Relations and pages of a `Link` header. */
function links(link: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...(link ?? '').matchAll(/[?&]page=(\d+)>; rel="(\w+)"/g)].map(([, page = '', relation = '']) => [relation, page]),
  )
}

/** Tags of versions, in order. */
function tagsIn(json: unknown): readonly string[] {
  return (json as readonly {readonly metadata: {readonly container: {readonly tags: readonly string[]}}}[]).flatMap(
    ({metadata}) => metadata.container.tags,
  )
}

describe('the stand-in for GitHub', () => {
  test('has pages of 30 by default, newest first, with links', async () => {
    const scene = await sceneWith(65)
    const first = await send(scene, 'GET', versions)
    expect(first.json).toHaveLength(30)
    expect(tagsIn(first.json).slice(0, 2)).toEqual(['t65', 't64'])
    expect(links(first.headers['link'])).toEqual({next: '2', last: '3'})
    const last = await send(scene, 'GET', `${versions}?page=3`)
    expect(last.json).toHaveLength(5)
    expect(links(last.headers['link'])).toEqual({prev: '2', first: '1'})
    expect((await send(scene, 'GET', `${versions}?per_page=500`)).json).toHaveLength(65)
  })

  test('lists deleted versions until they are restored', async () => {
    const scene = ghcrScene()
    const image = await scene.publish(makeImage())
    const {id, digest} = scene.doomed(image)
    expect((await send(scene, 'DELETE', `${versions}/${id}`)).status).toBe(204)
    expect((await send(scene, 'GET', `${versions}?state=deleted`)).json).toMatchObject([{name: digest}])
    expect((await send(scene, 'DELETE', `${versions}/${id}`)).status).toBe(404)
    expect((await send(scene, 'POST', `${versions}/${id}/restore`)).status).toBe(204)
    expect((await send(scene, 'GET', `${versions}?state=deleted`)).json).toEqual([])
  })

  test.each([
    {name: 'another kind of owner', path: '/users/acme/packages/container/app/versions', headers: {}, status: 404},
    {
      name: 'a slash that is not encoded',
      path: '/orgs/acme/packages/container/team/app/versions',
      headers: {},
      status: 404,
    },
    {name: 'another token', path: versions, headers: {authorization: 'Bearer ghs_another'}, status: 401},
    {name: 'no version of the API', path: versions, headers: {'x-github-api-version': ''}, status: 400},
    {name: 'another type', path: versions, headers: {accept: '*/*'}, status: 415},
    {name: 'the user of a job', path: '/user', headers: {}, status: 403},
  ])('refuses $name', async ({path, headers, status}) => {
    expect((await send(await sceneWith(1), 'GET', path, headers)).status).toBe(status)
  })

  test.each(['t1', 'digest'])('refuses deletions in the registry by %s', async (by) => {
    const scene = await sceneWith(2)
    const reference = by === 'digest' ? Object.keys(scene.tags())[0] : by
    const url = new URL(`https://ghcr.io/v2/acme/app/manifests/${reference}`)
    expect((await scene.github.answer({method: 'DELETE', url, headers: {}})).status).toBe(405)
    expect(Object.keys(scene.tags())).toHaveLength(2)
  })

  test('counts reads of manifests as downloads', async () => {
    const scene = ghcrScene()
    const {digest} = await scene.publish(makeImage(), 'latest')
    for (const reference of ['latest', digest]) await scene.client.manifest(reference)
    await scene.client.head('latest')
    expect(scene.github.package(scene.path).byDigest(digest)?.downloads).toBe(2)
  })

  test('has 900 points a minute', async () => {
    const scene = await sceneWith(1, {limits: {perHour: 'unlimited'}})
    const send5 = async (): Promise<number> => (await send(scene, 'DELETE', `${versions}/1`)).status
    for (let points = 0; points < 900; points += 5) expect(await send5()).toBe(404)
    const refused = await send(scene, 'DELETE', `${versions}/1`)
    expect([refused.status, refused.headers['retry-after']]).toEqual([403, '60'])
    scene.clock.advance(60_000)
    expect(await send5()).toBe(404)
  })

  test('has a limit for an hour', async () => {
    const scene = await sceneWith(1, {limits: {used: 999, status: 429}})
    expect((await send(scene, 'GET', versions)).headers).toMatchObject({'x-ratelimit-remaining': '0'})
    expect((await send(scene, 'GET', versions)).status).toBe(429)
    scene.clock.advance(3_600_000)
    expect((await send(scene, 'GET', versions)).headers).toMatchObject({'x-ratelimit-remaining': '999'})
  })
})
