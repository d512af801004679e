import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {chmod, mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {cleanup} from '../../../src/commands/cleanup.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../../testing/fake-io.ts'

const marker = '0a1b2c3d-0000-4000-8000-000000000000'
const homeName = `tagboat-${marker}`
const saved = new Map<string, string | undefined>()

function setVariable(name: string, value: string): void {
  if (!saved.has(name)) saved.set(name, process.env[name])
  process.env[name] = value
}

let temp: TemporaryDirectory

beforeEach(async () => {
  temp = await temporaryDirectory()
  setVariable('RUNNER_TEMP', temp.path)
  setVariable('GITHUB_RUN_ID', '7')
  setVariable('GITHUB_RUN_ATTEMPT', '1')
})

afterEach(async () => {
  for (const [name, value] of saved) {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }
  saved.clear()
  await temp[Symbol.asyncDispose]()
})

function state(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) setVariable(`STATE_${name}`, value)
}

function at(...names: readonly string[]): string {
  return path.join(temp.path, ...names)
}

/** Fails as a system without `/proc` does. */
const unlistable = async (): Promise<void> => Promise.reject(new Error('no /proc'))

describe('cleanup', () => {
  test('removes what a killed run left, and follows no link in it', async () => {
    for (const one of [homeName, 'user']) await mkdir(at(one))
    await writeFile(at('user', 'precious'), 'text')
    await writeFile(at(homeName, 'config.json'), 'login')
    await symlink(at('user'), at(homeName, 'contexts'))
    state({home: at(homeName), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual(['user'])
    expect(await readFile(at('user', 'precious'), 'utf8')).toBe('text')
  })

  test('removes the Bake files', async () => {
    const bake = at(`tagboat-bake-${randomUUID()}`)
    await mkdir(bake)
    await writeFile(path.join(bake, 'file'), '{}')
    state({bake})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([])
  })

  test('does nothing when the run saved no state', async () => {
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('is content when all is gone already', async () => {
    state({home: at(homeName), marker})
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('removes files and fails when it cannot list processes', async () => {
    await mkdir(at(homeName))
    state({home: at(homeName), marker})
    await expect(cleanup(unlistable)).rejects.toThrow('no /proc')
    expect(await readdir(temp.path)).toEqual([])
  })
})

describe('a directory that is not of this run stays', () => {
  interface Row {
    readonly name: string
    readonly given: string
  }
  const rows: readonly Row[] = [
    {name: 'any directory', given: 'precious'},
    {name: 'the temporary directory', given: '.'},
    {name: 'the one above it', given: '..'},
    {name: 'another name with our prefix', given: 'tagboat-precious'},
    {name: 'a prefix alone', given: 'tagboat-'},
    {name: 'a UUID with something behind it', given: `${homeName}.bak`},
    {name: 'a UUID in capitals', given: homeName.toUpperCase()},
    {name: 'deeper', given: `deep/${homeName}`},
    {name: 'through a directory and back', given: `deep/../${homeName}`},
    {name: 'with a slash behind it', given: `${homeName}/`},
  ]

  test.each(rows.flatMap((row) => (['home', 'bake'] as const).map((kind) => ({...row, kind}))))(
    '$kind: $name',
    async ({given, kind}) => {
      const name = kind === 'home' ? given : given.replace('tagboat-', 'tagboat-bake-')
      await using elsewhere = await temporaryDirectory()
      setVariable('RUNNER_TEMP', path.join(elsewhere.path, 'temp'))
      const planted = path.join(elsewhere.path, 'temp', name)
      await mkdir(path.join(elsewhere.path, 'temp', 'deep'), {recursive: true})
      await mkdir(planted, {recursive: true})
      await writeFile(path.join(planted, 'file'), 'text')
      state({[kind]: `${elsewhere.path}/temp/${name}`, marker})
      await cleanup()
      expect(await readFile(path.join(planted, 'file'), 'utf8')).toBe('text')
    },
  )

  test('in another directory', async () => {
    await using elsewhere = await temporaryDirectory()
    const planted = path.join(elsewhere.path, homeName)
    await mkdir(planted)
    state({home: planted, bake: planted, marker})
    await cleanup()
    expect(await readdir(elsewhere.path)).toEqual([homeName])
  })

  test('a link, and what it points to', async () => {
    await mkdir(at('precious'))
    await symlink(at('precious'), at(homeName))
    state({home: at(homeName), marker})
    await cleanup()
    expect((await readdir(temp.path)).sort()).toEqual(['precious', homeName].sort())
  })

  test('a file', async () => {
    await writeFile(at(homeName), 'text')
    state({home: at(homeName), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([homeName])
  })

  test('the directory of Bake files as a home', async () => {
    const name = `tagboat-bake-${randomUUID()}`
    await mkdir(at(name))
    state({home: at(name), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([name])
  })
})

describe('processes', () => {
  const running = {TAGBOAT_RUN: marker, GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1'}
  const home = (): string => at(homeName)

  interface Row {
    readonly name: string
    readonly child?: Readonly<Record<string, string>>
    readonly given: () => Readonly<Record<string, string>>
    readonly ends: boolean
  }
  const rows: readonly Row[] = [
    {name: 'of this run end', given: () => ({home: home(), marker}), ends: true},
    {
      name: 'of another run with the same mark stay',
      child: {...running, GITHUB_RUN_ID: '8'},
      given: () => ({home: home(), marker}),
      ends: false,
    },
    {
      name: 'of another runner stay',
      child: {...running, RUNNER_TEMP: '/elsewhere'},
      given: () => ({home: home(), marker}),
      ends: false,
    },
    {
      name: 'stay where the mark is not that of the home',
      given: () => ({home: at(`tagboat-${randomUUID()}`), marker}),
      ends: false,
    },
    {name: 'stay where there is no home', given: () => ({marker}), ends: false},
    {name: 'stay where the home is elsewhere', given: () => ({home: `/elsewhere/${homeName}`, marker}), ends: false},
  ]
  const onLinux = process.platform === 'linux' ? test : test.skip

  onLinux.each(rows)('$name', async ({child = running, given, ends}) => {
    const code = "console.log('up'); setInterval(() => {}, 1000)"
    const env = {RUNNER_TEMP: temp.path, ...child}
    const one = spawn(process.execPath, ['-e', code], {env, stdio: ['ignore', 'pipe', 'ignore']})
    try {
      await once(one.stdout, 'data')
      state(given())
      const exit = once(one, 'exit')
      await cleanup()
      if (ends) await exit
      expect(one.signalCode).toBe(ends ? 'SIGKILL' : null)
    } finally {
      one.kill('SIGKILL')
    }
  })
})

describe('the builder', () => {
  const record = {
    name: 'tagboat-7-1-0a1b2c3d',
    driver: 'kubernetes',
    keepState: false,
    dockerConfig: '/user',
    buildxConfig: '/user/buildx',
  }

  /** A `docker` first on the PATH that writes down what it is told; gives what it wrote. */
  async function playDocker(exitCode: number): Promise<() => Promise<string>> {
    await mkdir(at('bin'))
    const [log, program] = [at('log'), at('bin', 'docker')]
    const lines = [
      '#!/bin/sh',
      `echo "$DOCKER_CONFIG $BUILDX_CONFIG state:$GITHUB_STATE $*" >>${log}`,
      'echo the cluster is away >&2',
    ]
    await writeFile(program, [...lines, `exit ${exitCode}`, ''].join('\n'))
    await writeFile(log, '')
    await chmod(program, 0o755)
    setVariable('PATH', `${at('bin')}:${process.env['PATH'] ?? ''}`)
    return async () => readFile(log, 'utf8')
  }

  test('of the run is removed even when processes cannot be listed', async () => {
    const commands = await playDocker(0)
    await mkdir(at(homeName))
    state({home: at(homeName), marker, builder: JSON.stringify(record)})
    await expect(cleanup(unlistable)).rejects.toThrow('no /proc')
    expect(await readdir(temp.path)).toEqual(['bin', 'log'])
    expect(await commands()).toContain(`buildx rm --force ${record.name}`)
  })

  test('of the run is removed, by the directories that outlive it, and without the file of the state', async () => {
    const commands = await playDocker(0)
    setVariable('GITHUB_STATE', '/state')
    state({home: at(homeName), marker, builder: JSON.stringify(record)})
    await cleanup()
    expect((await commands()).split('\n')[0]).toBe(`/user /user/buildx state: buildx rm --force ${record.name}`)
  })

  test('that cannot be removed is named', async () => {
    await playDocker(1)
    state({home: at(homeName), marker, builder: JSON.stringify(record)})
    await expect(cleanup()).rejects.toMatchObject({
      code: 'command-failed',
      evidence: [`${record.name}: the cluster is away`],
    })
  })

  test('that was kept is removed with its claim', async () => {
    const commands = await playDocker(0)
    const name = 'tagboat-kept-0123456789-0'
    const claim = {file: at('buildx', 'tagboat-claims', name), text: `${marker} 2026-01-02T03:04:05.000Z\n`}
    await mkdir(path.dirname(claim.file), {recursive: true})
    await writeFile(claim.file, claim.text)
    const kept = {...record, name, keepState: true, buildxConfig: at('buildx'), claim}
    state({home: at(homeName), marker, builder: JSON.stringify(kept)})
    await cleanup()
    expect(await commands()).toContain(`buildx rm --force --keep-state ${name}`)
    expect(await readdir(path.dirname(claim.file))).toEqual([])
  })

  interface Row {
    readonly name: string
    readonly given: object | string
    readonly mark?: string
  }
  const container = {...record, driver: 'docker-container'}
  const keptName = 'tagboat-kept-0123456789-0'
  const claim = {file: `/user/buildx/tagboat-claims/${keptName}`, text: `${marker} 2026-01-02T03:04:05.000Z\n`}
  const kept = {...container, name: keptName, keepState: true, claim}
  const hostile: readonly Row[] = [
    {name: 'an empty name', given: {...container, name: ''}},
    {name: 'our prefix alone', given: {...container, name: 'tagboat-'}},
    {name: 'the name of a user', given: {...container, name: 'default'}},
    {name: 'an option', given: {...container, name: '--all-inactive'}},
    {name: 'the builder of another run', given: {...container, name: 'tagboat-8-1-0a1b2c3d'}},
    {name: 'the builder of another attempt', given: {...container, name: 'tagboat-7-2-0a1b2c3d'}},
    {name: 'the builder of another job of this run', given: {...container, name: 'tagboat-7-1-ffffffff'}},
    {name: 'a kept one without a claim', given: {...kept, claim: undefined}},
    {name: 'a kept one with the claim of another run', given: {...kept, claim: {...claim, text: 'other 2026'}}},
    {name: 'a kept one whose claim is elsewhere', given: {...kept, claim: {...claim, file: '/etc/passwd'}}},
    {name: 'a kept one whose claim is another', given: {...kept, claim: {...claim, file: `${claim.file}1`}}},
    {
      name: 'a claim for the name of a user',
      given: {...kept, name: 'default', claim: {...claim, file: '/user/buildx/tagboat-claims/default'}},
    },
    {name: 'no mark', given: container, mark: ''},
    {name: 'the mark of another run', given: container, mark: randomUUID()},
    {name: 'no JSON', given: '{"name":'},
    {name: 'fields of another type', given: '{"name":["tagboat-7-1-0a1b2c3d"],"driver":1}'},
  ]

  test.each(hostile)('is left alone: $name', async ({given, mark = marker}) => {
    const commands = await playDocker(0)
    const builder = typeof given === 'string' ? given : JSON.stringify(given)
    state({home: at(homeName), marker: mark, builder})
    await cleanup()
    expect(await commands()).toBe('')
  })
})
