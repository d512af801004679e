import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import type {Http, HttpRequest} from '../../../../src/io/http.ts'
import {readStoredManifest, type StoredContent} from '../../../../src/prune/content/stored-content.ts'
import {testClients} from '../../../../testing/registry-client.ts'

const body = Buffer.from('{"schemaVersion":2,"mediaType":"application/vnd.acme.thing+json"}')

function digest(algorithm: 'sha256' | 'sha512', bytes = body): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** Reads a reference of a registry that returns this body with these headers. */
async function readWith(
  reference: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{readonly content: StoredContent; readonly accept: string}> {
  const sent: HttpRequest[] = []
  const http: Http = {
    send: async (request) => {
      sent.push(request)
      return Promise.resolve({status: 200, headers, body})
    },
    open: async () => Promise.reject(new Error('no stream')),
    [Symbol.dispose]: () => undefined,
  }
  using clients = testClients(http)
  const content = await readStoredManifest(clients.host('registry.example'), {path: 'acme/app', reference})
  return {content, accept: sent.at(-1)?.headers['accept'] ?? ''}
}

describe('readStoredManifest', () => {
  test.each([
    {name: 'tag', reference: '1.2.3', stated: undefined, found: digest('sha256')},
    {name: 'tag with SHA-512', reference: '1.2.3', stated: digest('sha512'), found: digest('sha512')},
    {name: 'SHA-256', reference: digest('sha256'), stated: undefined, found: digest('sha256')},
    {name: 'SHA-512', reference: digest('sha512'), stated: digest('sha256'), found: digest('sha512')},
    {name: 'unknown algorithm', reference: 'blake3:0123', stated: undefined, found: 'blake3:0123'},
  ])('$name', async ({reference, stated, found}) => {
    const {content} = await readWith(reference, stated === undefined ? {} : {'docker-content-digest': stated})
    expect(content).toMatchObject({kind: 'read', digest: found})
  })

  test.each([
    {name: 'wrong SHA-256', reference: digest('sha256', Buffer.from('x'))},
    {name: 'wrong SHA-512', reference: digest('sha512', Buffer.from('x'))},
    {name: 'wrong statement', reference: '1.2.3', stated: digest('sha256', Buffer.from('x'))},
  ])('$name', async ({reference, stated}) => {
    const {content} = await readWith(reference, stated === undefined ? {} : {'docker-content-digest': stated})
    expect(content).toMatchObject({kind: 'unreadable', failure: undefined})
  })

  test.each([
    {header: 'application/vnd.acme.other+json; charset=utf-8', type: 'application/vnd.acme.other+json'},
    {header: 'application/json', type: 'application/vnd.acme.thing+json'},
    {header: undefined, type: 'application/vnd.acme.thing+json'},
  ])('type $header', async ({header, type}) => {
    const {content} = await readWith('1.2.3', header === undefined ? {} : {'content-type': header})
    expect(content).toMatchObject({mediaType: type})
  })

  test('accepts artifact manifests and schema 1', async () => {
    const {accept} = await readWith('1.2.3')
    expect(accept).toContain('application/vnd.oci.artifact.manifest.v1+json')
    expect(accept).toContain('application/vnd.docker.distribution.manifest.v1+prettyjws')
  })
})
