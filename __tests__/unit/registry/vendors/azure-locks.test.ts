import {expect, test} from '@jest/globals'
import {Secret} from '../../../../src/errors/secret.ts'
import type {HttpResponse} from '../../../../src/io/http.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {testClients} from '../../../../testing/registry-client.ts'

const host = 'example.azurecr.io'

function answer(status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {status, headers, body: Buffer.from(JSON.stringify(body))}
}

test.each([
  {name: 'the token server', isRefused: (path: string) => path.startsWith('/oauth2')},
  {name: 'the registry', isRefused: (path: string) => path.startsWith('/acr')},
])('locks that $name refuses keep the login', async ({isRefused}) => {
  const used: string[] = []
  let replaced = 0
  const bearer = {'www-authenticate': `Bearer realm="https://${host}/oauth2/token",service="${host}"`}
  const http = scriptedHttp(({method, url, headers}) => {
    const {pathname, searchParams} = url
    if (pathname === '/oauth2/token') {
      const scope = searchParams.get('scope') ?? ''
      if (scope.includes('metadata_read') && isRefused(pathname)) return answer(401)
      return answer(200, {token: `for ${scope}`})
    }
    const token = headers['authorization'] ?? ''
    if (pathname === '/v2/' || token === '' || isRefused(pathname)) return answer(401, {}, bearer)
    used.push(`${method} ${token.replace('Bearer for ', '')}`)
    if (method === 'POST') return answer(202, {}, {location: '/v2/o/app/blobs/uploads/1'})
    return answer(method === 'DELETE' ? 204 : 404)
  })
  const clients = testClients(http, {
    pushedTo: [{host, path: 'o/app'}],
    credentials: async (_, use) => {
      if (use?.refused !== undefined) replaced += 1
      return Promise.resolve({kind: 'basic', username: 'me', password: new Secret('p')})
    },
  })
  const client = clients.of(host, 'o/app')
  const {isKnown, lockedTags, cancelled} = await client.checkPush('before-build', ['latest'])
  await cancelled
  expect(await client.head('1')).toBeUndefined()
  expect({isKnown, lockedTags, replaced}).toEqual({isKnown: true, lockedTags: [], replaced: 0})
  expect(used.length).toBeGreaterThan(2)
  expect(used.filter((one) => !one.endsWith(' repository:o/app:pull,push'))).toEqual([])
})
