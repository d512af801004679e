import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {chmod, mkdir, readdir, readFile, symlink, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {cleanup} from '../../../src/commands/cleanup.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../../testing/fake-io.ts'

const marker = '0a1b2c3d-0000-4000-8000-000000000000'
const configName = `tagboat-${marker}`
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

/** Fails like a system without `/proc`. */
const unlistable = async (): Promise<void> => Promise.reject(new Error('no /proc'))

describe('cleanup', () => {
  test('removes the directory of a killed run without following links', async () => {
    for (const one of [configName, 'user']) await mkdir(at(one))
    await writeFile(at('user', 'precious'), 'text')
    await writeFile(at(configName, 'config.json'), 'login')
    await symlink(at('user'), at(configName, 'contexts'))
    state({config: at(configName), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual(['user'])
    expect(await readFile(at('user', 'precious'), 'utf8')).toBe('text')
  })

  test.each(['bake', 'scan'])('removes the files of %s', async (kind) => {
    const directory = at(`tagboat-${kind}-${randomUUID()}`)
    await mkdir(directory)
    await writeFile(path.join(directory, 'file'), '{}')
    state({[kind]: directory})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([])
  })

  test('does nothing without saved state', async () => {
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('succeeds if everything is already removed', async () => {
    state({config: at(configName), marker})
    await expect(cleanup()).resolves.toBeUndefined()
  })

  test('removes files and fails when it cannot list processes', async () => {
    await mkdir(at(configName))
    state({config: at(configName), marker})
    await expect(cleanup(unlistable)).rejects.toThrow('no /proc')
    expect(await readdir(temp.path)).toEqual([])
  })
})

describe('a directory of another run is not removed', () => {
  interface Row {
    readonly name: string
    readonly given: string
  }
  const rows: readonly Row[] = [
    {name: 'any directory', given: 'precious'},
    {name: 'the temporary directory', given: '.'},
    {name: 'its parent', given: '..'},
    {name: 'another name with the prefix', given: 'tagboat-precious'},
    {name: 'only the prefix', given: 'tagboat-'},
    {name: 'a UUID with a suffix', given: `${configName}.bak`},
    {name: 'a UUID in upper case', given: configName.toUpperCase()},
    {name: 'a subdirectory', given: `deep/${configName}`},
    {name: 'a path with ..', given: `deep/../${configName}`},
    {name: 'a trailing slash', given: `${configName}/`},
  ]

  test.each(rows.flatMap((row) => (['config', 'bake', 'scan'] as const).map((kind) => ({...row, kind}))))(
    '$kind: $name',
    async ({given, kind}) => {
      const name = kind === 'config' ? given : given.replace('tagboat-', `tagboat-${kind}-`)
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
    const planted = path.join(elsewhere.path, configName)
    await mkdir(planted)
    state({config: planted, bake: planted, marker})
    await cleanup()
    expect(await readdir(elsewhere.path)).toEqual([configName])
  })

  test('a link and its target', async () => {
    await mkdir(at('precious'))
    await symlink(at('precious'), at(configName))
    state({config: at(configName), marker})
    await cleanup()
    expect((await readdir(temp.path)).sort()).toEqual(['precious', configName].sort())
  })

  test('a file', async () => {
    await writeFile(at(configName), 'text')
    state({config: at(configName), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([configName])
  })

  test('the directory of Bake files as a configuration directory', async () => {
    const name = `tagboat-bake-${randomUUID()}`
    await mkdir(at(name))
    state({config: at(name), marker})
    await cleanup()
    expect(await readdir(temp.path)).toEqual([name])
  })
})

describe('processes', () => {
  const running = {TAGBOAT_RUN: marker, GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1'}
  const configPath = (): string => at(configName)

  interface Row {
    readonly name: string
    readonly child?: Readonly<Record<string, string>>
    readonly given: () => Readonly<Record<string, string>>
    readonly ends: boolean
  }
  const rows: readonly Row[] = [
    {name: 'are stopped', given: () => ({config: configPath(), marker}), ends: true},
    {
      name: 'of another run with the same marker are not stopped',
      child: {...running, GITHUB_RUN_ID: '8'},
      given: () => ({config: configPath(), marker}),
      ends: false,
    },
    {
      name: 'of another runner are not stopped',
      child: {...running, RUNNER_TEMP: '/elsewhere'},
      given: () => ({config: configPath(), marker}),
      ends: false,
    },
    {
      name: 'are not stopped if the configuration directory has another marker',
      given: () => ({config: at(`tagboat-${randomUUID()}`), marker}),
      ends: false,
    },
    {name: 'are not stopped without a saved configuration directory', given: () => ({marker}), ends: false},
    {
      name: 'are not stopped if the configuration directory is in another place',
      given: () => ({config: `/elsewhere/${configName}`, marker}),
      ends: false,
    },
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

  /** Puts a `docker` first on the PATH that records its arguments, and returns a function that reads them. */
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

  test('of the run is removed also if processes cannot be listed', async () => {
    const commands = await playDocker(0)
    await mkdir(at(configName))
    state({config: at(configName), marker, builder: JSON.stringify(record)})
    await expect(cleanup(unlistable)).rejects.toThrow('no /proc')
    expect(await readdir(temp.path)).toEqual(['bin', 'log'])
    expect(await commands()).toContain(`buildx rm --force ${record.name}`)
  })

  test('of the run is removed with the directories of the user, without access to the state file', async () => {
    const commands = await playDocker(0)
    setVariable('GITHUB_STATE', '/state')
    state({config: at(configName), marker, builder: JSON.stringify(record)})
    await cleanup()
    expect((await commands()).split('\n')[0]).toBe(`/user /user/buildx state: buildx rm --force ${record.name}`)
  })

  test('is named if it cannot be removed', async () => {
    await playDocker(1)
    state({config: at(configName), marker, builder: JSON.stringify(record)})
    await expect(cleanup()).rejects.toMatchObject({
      code: 'command-failed',
      evidence: [`${record.name}: the cluster is away`],
    })
  })

  test('with kept state is removed with its claim', async () => {
    const commands = await playDocker(0)
    const name = 'tagboat-kept-0123456789-0'
    const claim = {file: at('buildx', 'tagboat-claims', name), text: `${marker} 2026-01-02T03:04:05.000Z\n`}
    await mkdir(path.dirname(claim.file), {recursive: true})
    await writeFile(claim.file, claim.text)
    const kept = {...record, name, keepState: true, buildxConfig: at('buildx'), claim}
    state({config: at(configName), marker, builder: JSON.stringify(kept)})
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
    {name: 'only the prefix', given: {...container, name: 'tagboat-'}},
    {name: 'a builder of the user', given: {...container, name: 'default'}},
    {name: 'an option', given: {...container, name: '--all-inactive'}},
    {name: 'the builder of another run', given: {...container, name: 'tagboat-8-1-0a1b2c3d'}},
    {name: 'the builder of another attempt', given: {...container, name: 'tagboat-7-2-0a1b2c3d'}},
    {name: 'the builder of another job of this run', given: {...container, name: 'tagboat-7-1-ffffffff'}},
    {name: 'a kept builder without a claim', given: {...kept, claim: undefined}},
    {name: 'a kept builder with the claim of another run', given: {...kept, claim: {...claim, text: 'other 2026'}}},
    {
      name: 'a kept builder with a claim in another directory',
      given: {...kept, claim: {...claim, file: '/etc/passwd'}},
    },
    {
      name: 'a kept builder with the claim of another builder',
      given: {...kept, claim: {...claim, file: `${claim.file}1`}},
    },
    {
      name: 'a claim for a builder of the user',
      given: {...kept, name: 'default', claim: {...claim, file: '/user/buildx/tagboat-claims/default'}},
    },
    {name: 'no marker', given: container, mark: ''},
    {name: 'the marker of another run', given: container, mark: randomUUID()},
    {name: 'invalid JSON', given: '{"name":'},
    {name: 'fields of another type', given: '{"name":["tagboat-7-1-0a1b2c3d"],"driver":1}'},
  ]

  test.each(hostile)('is not removed: $name', async ({given, mark = marker}) => {
    const commands = await playDocker(0)
    const builder = typeof given === 'string' ? given : JSON.stringify(given)
    state({config: at(configName), marker: mark, builder})
    await cleanup()
    expect(await commands()).toBe('')
  })
})
