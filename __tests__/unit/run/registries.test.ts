import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setImmediate as turn} from 'node:timers/promises'
import {describe, expect, test} from '@jest/globals'
import {openRegistries, type RegistryUser} from '../../../src/run/registries.ts'
import {files} from '../../../src/io/files.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {fakeIo, scriptedHttp, scriptedProcesses, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'
import {memoryNetwork, memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'

const repository = {host: 'r.example', path: 'o/app'}
const anonymous: RegistryUser = {logins: [], userConfig: {}, userDirectory: '/nowhere', pushedTo: []}
const mona: RegistryUser = {
  ...anonymous,
  logins: [{host: 'r.example', username: 'mona', password: new Secret('canary-password')}],
}

function ioOf(registry: MemoryRegistry, changes: Partial<FakeIo> = {}): FakeIo {
  return fakeIo({http: (signal) => memoryNetwork([registry], {signal}), ...changes})
}

function guarded(): MemoryRegistry {
  const registry = memoryRegistry({
    host: 'r.example',
    auth: {kind: 'bearer', users: {mona: 'canary-password'}},
  })
  registry.putImage('o/app', {tag: '1'})
  return registry
}

describe('openRegistries', () => {
  test('shows the logins of the step, and masks them and the tokens that they get', async () => {
    const io = ioOf(guarded())
    using registries = await openRegistries(mona, 0, io)
    expect(await registries.clients.repository(repository).tags()).toEqual(['1'])
    expect(io.workflow.masks).toEqual(['canary-password', btoa('mona:canary-password'), 'token-1'])
  })

  test('masks nothing that would hide half of the log', async () => {
    const io = ioOf(guarded())
    const short = {...mona, logins: [{host: 'r.example', username: 'mona', password: new Secret('a')}]}
    using registries = await openRegistries(short, 0, io)
    await expect(registries.clients.repository(repository).tags()).rejects.toThrow(TagboatError)
    expect(io.workflow.masks).toEqual([])
  })

  test.each([
    {name: 'what this run publishes to', pushedTo: [repository], actions: 'pull,push'},
    {name: 'anything else', pushedTo: [], actions: 'pull'},
  ])('asks for no more than it needs of $name: $actions', async ({pushedTo, actions}) => {
    const registry = guarded()
    using registries = await openRegistries({...mona, pushedTo}, 0, ioOf(registry))
    await registries.clients.repository(repository).head('1')
    const scopes = registry.requests.flatMap(({query}) => query.getAll('scope'))
    expect(scopes).toEqual([`repository:o/app:${actions}`])
  })

  test('calls a credential helper with step variables, except inputs', async () => {
    const processes = scriptedProcesses(() => ({stdout: '{"Username":"mona","Secret":"canary-password"}'}))
    const io = ioOf(guarded(), {processes, environment: {INPUT_PASSWORD: 'x', PATH: '/bin'}})
    const user = {...anonymous, userConfig: {credHelpers: {'r.example': 'pass'}}}
    using registries = await openRegistries(user, 0, io)
    expect(await registries.clients.repository(repository).tags()).toEqual(['1'])
    expect(processes.commands.map(({file, env}) => ({file, env}))).toEqual([
      {file: 'docker-credential-pass', env: {PATH: '/bin', TAGBOAT_RUN: 'marker'}},
    ])
  })

  test('ends what is in progress, without a line', async () => {
    const {promise: closed, reject: close} = Promise.withResolvers<never>()
    closed.catch(() => undefined)
    const io = fakeIo({
      http: () => ({
        ...scriptedHttp(async ({url}) =>
          url.pathname === '/v2/' ? {status: 200, headers: {}, body: Buffer.from('')} : closed,
        ),
        [Symbol.dispose]() {
          close(Object.assign(new Error('closed'), {code: 'ECONNRESET'}))
        },
      }),
    })
    const registries = await openRegistries(anonymous, 4, io)
    const pending = registries.clients.repository(repository).head('1')
    await turn()
    registries[Symbol.dispose]()
    await expect(pending).rejects.toMatchObject({code: 'cancelled'})
    expect(io.workflow.log).toEqual([])
  })

  test.each([
    {retries: 0, tries: 1, lines: []},
    {retries: 1, tries: 2, lines: ['failed (503)']},
    {retries: 3, tries: 4, lines: ['failed (503)', 'GET v2: 2 more retries (503)']},
  ])('retries each request $retries times, which is logged', async ({retries, tries, lines}) => {
    const registry = memoryRegistry({host: 'r.example', fault: () => ({kind: 'answer', status: 503})})
    const io = ioOf(registry)
    using registries = await openRegistries(anonymous, retries, io)
    await expect(registries.clients.repository(repository).head('1')).rejects.toBeInstanceOf(TagboatError)
    expect(registry.requests).toHaveLength(tries)
    registries[Symbol.dispose]()
    expect(io.workflow.log).toEqual(lines.map((line) => expect.stringContaining(line)))
  })

  test('takes from the engine which hosts are insecure', async () => {
    await using directory = await temporaryDirectory()
    await mkdir(path.join(directory.path, 'docker'))
    const daemon = path.join(directory.path, 'docker', 'daemon.json')
    await writeFile(daemon, '{"insecure-registries": ["r.example"]}')
    const schemes: string[] = []
    const http: FakeIo['http'] = () => {
      const refuse = async (scheme: string): Promise<never> => {
        schemes.push(scheme)
        return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), {code: 'ECONNREFUSED'}))
      }
      return {
        send: async ({url}) => refuse(url.protocol),
        open: async ({url}) => refuse(url.protocol),
        [Symbol.dispose]: () => undefined,
      }
    }
    for (const environment of [{XDG_CONFIG_HOME: directory.path}, {XDG_CONFIG_HOME: '/nowhere'}]) {
      schemes.push('|')
      using registries = await openRegistries(anonymous, 0, fakeIo({http, environment}))
      await registries.clients
        .repository(repository)
        .head('1')
        .catch(() => undefined)
    }
    const [, insecure = '', secure = ''] = schemes.join(' ').split('|')
    expect(insecure).toContain('http:')
    expect(secure.trim().split(' ')).not.toContain('http:')
  })

  test('does without what the engine keeps to itself', async () => {
    const denied = async (): Promise<never> => Promise.reject(Object.assign(new Error('denied'), {code: 'EACCES'}))
    const io = ioOf(guarded(), {files: {...files, read: denied, list: denied}})
    using registries = await openRegistries(mona, 0, io)
    expect(await registries.clients.repository(repository).tags()).toEqual(['1'])
  })

  test('what has to be put back can be, though the run is cancelled', async () => {
    const abort = new AbortController()
    const registry = memoryRegistry({
      host: 'r.example',
      fault: ({path}, count) => {
        const isFirst = path.endsWith('/tags/list') && count === 1
        if (isFirst) abort.abort(new TagboatError('cancelled'))
        return isFirst ? {kind: 'hang'} : undefined
      },
    })
    registry.putImage('o/app', {tag: '1'})
    using registries = await openRegistries(anonymous, 0, ioOf(registry, {signal: abort.signal}))
    await expect(registries.clients.repository(repository).tags()).rejects.toMatchObject({code: 'cancelled'})
    const undo = registries.undoClients()
    expect(await undo.repository(repository).tags()).toEqual(['1'])
    expect(registries.undoClients()).toBe(undo)
  })

  test('closes every connection at its end', async () => {
    let open = 0
    const http: FakeIo['http'] = (signal) => {
      open += 1
      return {...memoryNetwork([guarded()], {signal}), [Symbol.dispose]: () => void (open -= 1)}
    }
    {
      using registries = await openRegistries(anonymous, 0, fakeIo({http}))
      registries.undoClients()
      expect(open).toBe(2)
    }
    expect(open).toBe(0)
  })
})
