import {describe, expect, test} from '@jest/globals'
import {httpClient, type HttpRequest} from '../../../src/edge/http.ts'
import {loopback, type Loopback} from '../../support/loopback.ts'

function get({host}: Loopback, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  return {method: 'GET', url: new URL(`http://${host}/path?x=1`), headers}
}

const running = new AbortController().signal

describe('httpClient', () => {
  test('one request, one answer', async () => {
    await using server = await loopback((request, response) => {
      response.writeHead(418, {'x-kind': 'teapot', 'set-cookie': ['a=1', 'b=2']})
      response.end(JSON.stringify([request.method, request.url, request.headers.accept, request.headers['user-agent']]))
    })
    using http = httpClient(running, {})
    const {status, headers, body} = await http.send(get(server, {accept: 'text/plain'}))
    expect({status, kind: headers['x-kind'], cookies: headers['set-cookie'], body: body.toString()}).toEqual({
      status: 418,
      kind: 'teapot',
      cookies: 'a=1, b=2',
      body: '["GET","/path?x=1","text/plain","tagboat"]',
    })
  })

  test('a redirect is an answer', async () => {
    await using server = await loopback((_, response) => {
      response.writeHead(307, {location: 'https://elsewhere.example/'}).end()
    })
    using http = httpClient(running, {})
    expect((await http.send(get(server))).status).toBe(307)
  })

  test('a connection is used again', async () => {
    await using server = await loopback((_, response) => response.end('x'))
    using http = httpClient(running, {})
    for (let round = 0; round < 3; round += 1) await http.send(get(server))
    expect(server.connections()).toBe(1)
  })

  test.each([
    {name: 'four MiB are taken', given: 4 * 1024 * 1024, expected: undefined},
    {name: 'a byte more is not', given: 4 * 1024 * 1024 + 1, expected: 'an answer of more than 4194304 bytes'},
  ])('$name', async ({given, expected}) => {
    await using server = await loopback((_, response) => response.end(Buffer.alloc(given)))
    using http = httpClient(running, {})
    const answer = http.send(get(server)).then(
      ({body}) => (body.length === given ? undefined : 'cut'),
      (error: unknown) => (error as Error).message,
    )
    expect(await answer).toBe(expected)
  })

  test('a body that is cut is an error, not a short body', async () => {
    await using server = await loopback((_, response) => {
      response.writeHead(200, {'content-length': '100'})
      response.write('half')
      setTimeout(() => response.destroy(), 50)
    })
    using http = httpClient(running, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ECONNRESET'})
  })

  test('nobody there', async () => {
    const server = await loopback((_, response) => response.end())
    await server[Symbol.asyncDispose]()
    using http = httpClient(running, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ECONNREFUSED'})
  })

  test.each([
    {name: 'the variable of lower case', given: (proxy: string) => ({http_proxy: `http://${proxy}`})},
    {name: 'a proxy without a scheme', given: (proxy: string) => ({http_proxy: '', HTTP_PROXY: proxy})},
  ])('what is elsewhere is asked through the proxy: $name', async ({given}) => {
    await using proxy = await loopback((request, response) => response.end(request.url))
    using http = httpClient(running, given(proxy.host))
    const {body} = await http.send({method: 'GET', url: new URL('http://registry.invalid/v2/'), headers: {}})
    expect(body.toString()).toBe('http://registry.invalid/v2/')
  })

  test.each([
    {name: 'this machine', given: {}},
    {name: 'this machine, beside those that the user exempts', given: {NO_PROXY: 'in.house'}},
    {name: 'anybody, when the proxy is no address', given: {HTTP_PROXY: 'http://a b'}},
  ])('no proxy is used for $name', async ({given}) => {
    await using proxy = await loopback((_, response) => response.end('of the proxy'))
    await using server = await loopback((_, response) => response.end('of the server'))
    using http = httpClient(running, {HTTP_PROXY: `http://${proxy.host}`, ...given})
    expect((await http.send(get(server))).body.toString()).toBe('of the server')
  })

  test('a request ends with the run', async () => {
    await using server = await loopback(() => undefined)
    const abort = new AbortController()
    using http = httpClient(abort.signal, {})
    const answer = http.send(get(server))
    setTimeout(() => {
      abort.abort()
    }, 50)
    await expect(answer).rejects.toMatchObject({code: 'ABORT_ERR'})
  })
})
