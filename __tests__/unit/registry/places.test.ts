import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files, readable} from '../../../src/io/files.ts'
import {certificateDirectories, certificatesFor} from '../../../src/registry/certificates.ts'
import {insecureRegistries} from '../../../src/registry/insecure.ts'
import {temporaryDirectory} from '../../../testing/fake-edges.ts'

describe('insecureRegistries', () => {
  const configuration = JSON.stringify({
    debug: true,
    'insecure-registries': [
      'r.example:5000',
      'http://Plain.example',
      '10.0.0.0/8',
      'fd00::/8',
      '192.168.1.1/32',
      7,
      '1.2.3.4/33',
    ],
  })
  test.each([
    {host: 'r.example:5000', expected: true},
    {host: 'R.example:5000', expected: true},
    {host: 'r.example', expected: false},
    {host: 'r.example:5001', expected: false},
    {host: 'plain.example', expected: true},
    {host: '10.1.2.3', expected: true},
    {host: '10.1.2.3:5000', expected: true},
    {host: '11.0.0.1:5000', expected: false},
    {host: '192.168.1.1', expected: true},
    {host: '192.168.1.2', expected: false},
    {host: '1.2.3.4', expected: false},
    {host: '10.0.0.300', expected: false},
    {host: '[fd12:3456::1]:5000', expected: true},
    {host: '[fe80::1]', expected: false},
    {host: '10.example', expected: false},
  ])('$host: $expected', ({host, expected}) => {
    expect(insecureRegistries(configuration)(host)).toBe(expected)
  })

  test.each([
    {name: 'all of IPv4', given: ['0.0.0.0/0'], host: '8.8.8.8', expected: true},
    {name: 'IPv6 is not in it', given: ['0.0.0.0/0'], host: '[::1]', expected: false},
    {name: 'one address of IPv6', given: ['::1/128'], host: '[::1]:1', expected: true},
    {name: 'no list', given: 'r.example', host: 'r.example', expected: false},
  ])('$name', ({given, host, expected}) => {
    expect(insecureRegistries(JSON.stringify({'insecure-registries': given}))(host)).toBe(expected)
  })

  test.each(['', '{', 'null', '[]', '{"insecure-registries":null}'])('no configuration: %s', (text) => {
    expect(insecureRegistries(text)('r.example')).toBe(false)
  })
})

describe('certificatesFor', () => {
  const host = 'r.example:5000'

  async function written(names: readonly string[]): Promise<AsyncDisposable & {readonly path: string}> {
    const directory = await temporaryDirectory()
    for (const name of names) {
      await mkdir(path.dirname(path.join(directory.path, name)), {recursive: true})
      await writeFile(path.join(directory.path, name), name)
    }
    return directory
  }

  test.each([
    {name: 'nothing', given: [], expected: undefined},
    {name: 'another host', given: ['a/r.example/ca.crt'], expected: undefined},
    {
      name: 'authorities, in order of names',
      given: [`a/${host}/b.crt`, `a/${host}/a.crt`, `a/${host}/readme`],
      expected: {ca: [`a/${host}/a.crt`, `a/${host}/b.crt`]},
    },
    {
      name: 'the client’s own',
      given: [`a/${host}/client.cert`, `a/${host}/client.key`],
      expected: {cert: `a/${host}/client.cert`, key: `a/${host}/client.key`},
    },
    {name: 'a certificate without its key', given: [`a/${host}/client.cert`], expected: undefined},
    {
      name: 'the first folder that has any',
      given: [`b/${host}/b.crt`, `c/${host}/c.crt`],
      expected: {ca: [`b/${host}/b.crt`]},
    },
  ])('$name', async ({given, expected}) => {
    await using directory = await written(given)
    const directories = ['a', 'b', 'c'].map((name) => path.join(directory.path, name))
    expect(await certificatesFor(host, {directories}, files)).toEqual(expected)
  })

  test.each([
    {name: 'the engine’s own key', given: ['client.cert', 'client.key'], locked: /\.key$/, expected: undefined},
    {name: 'an authority', given: ['a.crt', 'b.crt'], locked: /a\.crt$/, expected: {ca: [`a/${host}/b.crt`]}},
    {name: 'the whole folder', given: ['a.crt'], locked: /a\/r\.example:5000$/, expected: undefined},
  ])('what is not for this user counts for nothing: $name', async ({given, locked, expected}) => {
    await using directory = await written(given.map((name) => `a/${host}/${name}`))
    const denied = Object.assign(new Error('permission denied'), {code: 'EACCES'})
    const guarded = readable({
      read: async (file) => (locked.test(file) ? Promise.reject(denied) : files.read(file)),
      list: async (folder) => (locked.test(folder) ? Promise.reject(denied) : files.list(folder)),
    })
    expect(await certificatesFor(host, {directories: [path.join(directory.path, 'a')]}, guarded)).toEqual(expected)
  })

  test('a file for every host beside them', async () => {
    await using directory = await written(['bundle.pem', `a/${host}/ca.crt`])
    const places = {directories: [path.join(directory.path, 'a')], bundle: path.join(directory.path, 'bundle.pem')}
    expect(await certificatesFor(host, places, files)).toEqual({ca: [`a/${host}/ca.crt`, 'bundle.pem']})
    expect(await certificatesFor('ghcr.io', places, files)).toEqual({ca: ['bundle.pem']})
    expect(await certificatesFor('ghcr.io', {directories: [], bundle: 'missing.pem'}, files)).toBeUndefined()
  })

  test('the folders of Docker’s tools', () => {
    expect(certificateDirectories({configHome: '/h/.config', dockerConfig: '/h/.docker'})).toEqual([
      '/etc/docker/certs.d',
      '/h/.config/docker/certs.d',
      '/h/.docker/certs.d',
    ])
  })
})
