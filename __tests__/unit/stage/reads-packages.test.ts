import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import {readsHost, readsPackages} from '../../../src/stage/reads-packages.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'

type Given = Readonly<Record<string, string>>

async function reads(given: Given, environment: Given = {}): Promise<boolean> {
  const inputs = await readInputs(new Map(Object.entries(given)), new Problems())
  return readsPackages({inputs}, fakeIo({environment}))
}

describe('a build reads from ghcr.io if an input names it', () => {
  test.each<{name: string; given: Given; environment?: Given; expected: boolean}>([
    {name: 'nothing', given: {context: '/none'}, expected: false},
    {name: 'a cache', given: {'cache-from': 'type=registry,ref=ghcr.io/acme/app:cache'}, expected: true},
    {name: 'a cache that is written', given: {'cache-to': 'type=registry,ref=GHCR.io/acme/app:cache'}, expected: true},
    {name: 'a cache elsewhere', given: {'cache-from': 'type=registry,ref=quay.io/acme/app:cache'}, expected: false},
    {name: 'a build context', given: {'build-contexts': 'base=docker-image://ghcr.io/acme/base'}, expected: true},
    {name: 'a build argument', given: {'build-args': 'BASE=ghcr.io/acme/base:1'}, expected: true},
    {
      name: 'a build argument of the environment',
      given: {'build-args': 'BASE'},
      environment: {BASE: 'ghcr.io/a/b'},
      expected: true,
    },
    {name: 'a mirror', given: {mirrors: 'docker.io=ghcr.io/acme'}, expected: true},
    {name: 'a generator', given: {sbom: 'generator=ghcr.io/acme/scanner'}, expected: true},
    {name: 'a similar host', given: {'build-args': 'BASE=ghcr.io.example/b\nOTHER=myghcr.io/b'}, expected: false},
    {name: 'the published image', given: {images: 'ghcr.io/acme/app', context: '/none'}, expected: false},
  ])('$name: $expected', async ({given, environment, expected}) => {
    expect(await reads(given, environment)).toBe(expected)
  })
})

describe('a build reads from ghcr.io if its Dockerfile names it', () => {
  test.each<{name: string; given: Given; file?: string; text: string; expected: boolean}>([
    {name: 'as the base image', given: {}, text: 'FROM ghcr.io/acme/base', expected: true},
    {
      name: 'as a source of files',
      given: {},
      text: 'FROM scratch\nCOPY --from=ghcr.io/acme/tools /a /a',
      expected: true,
    },
    {name: 'as a build argument', given: {}, text: 'ARG REGISTRY=ghcr.io\nFROM $REGISTRY/acme/base', expected: true},
    {name: 'under another name', given: {}, file: 'dockerfile', text: 'FROM ghcr.io/acme/base', expected: true},
    {name: 'not at all', given: {}, text: 'FROM alpine', expected: false},
    {
      name: 'in a remote context',
      given: {context: 'https://git.example/a.git'},
      text: 'FROM ghcr.io/a',
      expected: false,
    },
  ])('$name: $expected', async ({given, file = 'Dockerfile', text, expected}) => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, file), text)
    expect(await reads({context: directory.path, ...given})).toBe(expected)
  })

  test('in a file that the input names', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'build.Dockerfile')
    await writeFile(file, 'FROM ghcr.io/acme/base')
    expect(await reads({context: directory.path, file})).toBe(true)
  })

  test('a directory in its place is not an error', async () => {
    await using directory = await temporaryDirectory()
    await mkdir(path.join(directory.path, 'Dockerfile'))
    expect(await reads({context: directory.path})).toBe(false)
  })
})

describe('a build reads from a registry of a mirror', () => {
  const local = 'FROM quay.io/acme/base'
  test.each<{name: string; given: Given; host: string; expected: boolean}>([
    {name: 'named in the Dockerfile', given: {}, host: 'quay.io', expected: true},
    {
      name: 'named in a build argument',
      given: {'build-args': 'BASE=M.example/base'},
      host: 'm.example',
      expected: true,
    },
    {name: 'named nowhere', given: {}, host: 'm.example', expected: false},
    {name: 'Docker Hub', given: {}, host: 'docker.io', expected: true},
    {name: 'unknown', given: {context: 'https://git.example/a.git'}, host: 'm.example', expected: true},
  ])('$name: $expected', async ({given, host, expected}) => {
    await using directory = await temporaryDirectory()
    await writeFile(path.join(directory.path, 'Dockerfile'), local)
    const inputs = await readInputs(new Map(Object.entries({context: directory.path, ...given})), new Problems())
    expect((await readsHost({inputs}, fakeIo()))(host)).toBe(expected)
  })
})
