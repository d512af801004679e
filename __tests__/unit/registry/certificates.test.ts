import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files, readable} from '../../../src/io/files.ts'
import {certificateDirectories, certificatesFor} from '../../../src/registry/certificates.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

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
  ])('files of other users are ignored: $name', async ({given, locked, expected}) => {
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
