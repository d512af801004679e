import {mkdir, readdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {
  builderOfNode,
  claimText,
  isKeptName,
  isOwnName,
  keptBuilderNames,
  runBuilderName,
} from '../../../src/builder/builder-name.ts'
import {formatRecord, parseRecord, type BuilderRecord} from '../../../src/builder/builder-record.ts'
import {reapBuilders} from '../../../src/builder/reap-builders.ts'
import {removeBuilder, type RemovalIo} from '../../../src/builder/remove-builder.ts'
import {files} from '../../../src/io/files.ts'
import type {CommandResult} from '../../../src/io/command.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

const record: BuilderRecord = {
  name: 'tagboat-7-1-000000ab',
  driver: 'docker-container',
  keepState: false,
  debug: false,
  dockerConfig: '/user/.docker',
  buildxConfig: '/user/.docker/buildx',
  claim: undefined,
}
const now = new Date('2026-03-10T12:00:00Z')

interface Played {
  readonly io: RemovalIo & {readonly files: typeof files}
  /** Arguments without `docker`. */
  readonly commands: string[]
  /** Titles and texts of logs. */
  readonly shown: string[]
}

/** A Docker that answers a command by how it begins. */
function play(answers: Readonly<Record<string, Partial<CommandResult>>> = {}): Played {
  const commands: string[] = []
  const shown: string[] = []
  const show = async (title: string, text: string): Promise<void> => {
    shown.push(`${title}\n${text}`)
    return Promise.resolve()
  }
  const docker: RemovalIo['docker'] = async (args) => {
    const command = args.join(' ')
    commands.push(command)
    const [, answer = {}] = Object.entries(answers).find(([start]) => command.startsWith(start)) ?? []
    return Promise.resolve({exitCode: 0, stdout: '', stderr: '', ...answer})
  }
  return {io: {docker, files, show}, commands, shown}
}

describe('the record for the post step', () => {
  test.each([
    {name: 'of a temporary builder', given: record},
    {name: 'of a kept one', given: {...record, keepState: true, claim: {file: '/claims/a', text: 'me now\n'}}},
  ])('$name is read as it was written', ({given}) => {
    expect(parseRecord(formatRecord(given))).toEqual(given)
  })

  test.each(['', '{}', '[]', '"text"', 'null', '{"name":'])('%s is none', (text) => {
    expect(parseRecord(text)).toBeUndefined()
  })
})

describe('names', () => {
  test('say the run', () => {
    const chance = '0a1b2c3d-0000-4000-8000-000000000000'
    expect(runBuilderName({id: '1234567890', attempt: '2'}, chance)).toBe('tagboat-1234567890-2-0a1b2c3d')
    expect(runBuilderName({id: '', attempt: ''}, chance)).toBe('tagboat-local-1-0a1b2c3d')
  })

  test('of kept builders differ by repository, are the same in every run, and none begins another', () => {
    const names = keptBuilderNames('https://github.com/o/app')
    expect(names).toEqual(keptBuilderNames('https://github.com/o/app'))
    expect(names.filter((name) => keptBuilderNames('https://github.com/o/other').includes(name))).toEqual([])
    expect(names.every(isKeptName)).toBe(true)
    expect(names.filter((name) => names.some((other) => other !== name && other.startsWith(name)))).toEqual([])
  })
})

describe('a name created by Tagboat', () => {
  const chance = '0a1b2c3d-0000-4000-8000-000000000000'
  const given = [
    runBuilderName({id: '1234567890', attempt: '2'}, chance),
    runBuilderName({id: '', attempt: ''}, chance),
    ...keptBuilderNames('https://github.com/o/app'),
  ]

  test('is every one that is given here, and of its nodes', () => {
    for (const name of given) {
      expect(name).toEqual(name)
      expect(isOwnName(name)).toBe(true)
      for (const node of ['0', '12', '-arm64', '-my-node']) {
        expect(builderOfNode(`${name}${node}`)).toBe(name)
        expect(`${name}${node}`).toBe(`${name}${node}`)
        expect(isOwnName(`${name}${node}`)).toBe(false)
      }
    }
  })

  test.each([
    'tagboat-arm',
    'tagboat-arm-farm',
    'tagboat-1-1-old',
    'tagboat-local-1-mine',
    'tagboat-kept-mine-0',
    'tagboat-kept-0123456789',
    'tagboat-1-1-0a1b2c3dx',
    'tagboat-1-1-0a1b2c3D',
    'my-tagboat-1-1-0a1b2c3d',
    'tagboat',
    '',
  ])('is not %j, which a user may have given', (name) => {
    expect(isOwnName(name)).toBe(false)
    expect(builderOfNode(name)).toBeUndefined()
  })
})

describe('removal', () => {
  test.each(['', 'tagboat-', 'tagboat', 'default', '--all-inactive', 'tagboat-kept', '.*'])(
    'calls no program for a name that Tagboat does not create: "%s"',
    async (name) => {
      const {io, commands} = play({ps: {stdout: 'everything\n'}})
      const left = await removeBuilder({...record, name}, true, io)
      expect({commands, left}).toEqual({
        commands: [],
        left: [expect.stringContaining(`"${name}"`)],
      })
    },
  )

  test('is one command where the run ended by itself', async () => {
    const {io, commands} = play()
    expect(await removeBuilder(record, false, io)).toEqual([])
    expect(commands).toEqual(['buildx rm --force tagboat-7-1-000000ab'])
  })

  test('looks on the engine too where the run was killed', async () => {
    const {io, commands} = play({
      'buildx rm': {exitCode: 1, stderr: 'failed to remove: no builder "tagboat-7-1-000000ab" found\nERROR: failed\n'},
      'ps ': {stdout: 'c1\nc2\n'},
      'volume ls': {stdout: 'v1\n'},
    })
    expect(await removeBuilder(record, true, io)).toEqual([])
    expect(commands).toEqual([
      'buildx rm --force tagboat-7-1-000000ab',
      'ps --all --quiet --filter name=buildx_buildkit_tagboat-7-1-000000ab',
      'rm --force --volumes c1 c2',
      'volume ls --quiet --filter name=buildx_buildkit_tagboat-7-1-000000ab',
      'volume rm --force v1',
    ])
  })

  test.each([
    {name: 'fails', rm: {exitCode: 1, stderr: 'ERROR: connection refused\n'}, remains: true},
    {name: 'succeeds', rm: {}, remains: false},
  ])('that $name: another one can find the builder: $remains', async ({rm, remains}) => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'instances', record.name)
    await mkdir(path.dirname(file))
    await writeFile(file, '{"Nodes":[]}')
    const {io} = play({'buildx rm': rm})
    // Buildx removes the file in any case.
    const docker: RemovalIo['docker'] = async (args, variables) => {
      await files.remove(file)
      return io.docker(args, variables)
    }
    await removeBuilder({...record, driver: 'kubernetes', buildxConfig: directory.path}, true, {...io, docker})
    expect(await files.read(file)).toBe(remains ? '{"Nodes":[]}' : undefined)
  })

  test('leaves the volume of a kept one', async () => {
    const {io, commands} = play({'ps ': {stdout: 'c1\n'}})
    await removeBuilder({...record, keepState: true}, true, io)
    expect(commands).toEqual([
      'buildx rm --force --keep-state tagboat-7-1-000000ab',
      'ps --all --quiet --filter name=buildx_buildkit_tagboat-7-1-000000ab',
      'rm --force --volumes c1',
    ])
  })

  test('says what is left', async () => {
    const {io} = play({
      'buildx rm': {exitCode: 1, stderr: 'ERROR: the cluster does not answer\n'},
      'ps ': {stdout: 'c1\n'},
      'rm ': {exitCode: 1},
    })
    expect(await removeBuilder(record, true, io)).toEqual([
      'tagboat-7-1-000000ab: ERROR: the cluster does not answer',
      expect.stringMatching(/^c1: .*code 1$/),
    ])
  })

  test('of a name that another run has by now does nothing', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'claim')
    await writeFile(file, 'another')
    const {io, commands} = play()
    expect(await removeBuilder({...record, claim: {file, text: 'claimed'}}, true, io)).toEqual([])
    expect(commands).toEqual([])
    expect(await readdir(directory.path)).toEqual(['claim'])
    await removeBuilder({...record, claim: {file, text: 'another'}}, false, io)
    expect(commands).toEqual(['buildx rm --force tagboat-7-1-000000ab'])
    expect(await readdir(directory.path)).toEqual([])
  })
})

describe('reaping', () => {
  /** Instances with what Buildx notes of each: when a build last began. */
  async function reap(
    instances: Readonly<Record<string, string | undefined>>,
    played: Played,
  ): Promise<readonly string[]> {
    await using directory = await temporaryDirectory()
    for (const folder of ['instances', 'activity']) await mkdir(path.join(directory.path, folder))
    for (const [name, activity] of Object.entries(instances)) {
      await writeFile(path.join(directory.path, 'instances', name), '{}')
      if (activity !== undefined) await writeFile(path.join(directory.path, 'activity', name), activity)
    }
    return await reapBuilders({...record, buildxConfig: directory.path}, now, played.io)
  }

  test('removes those that were unused longer than a job can run', async () => {
    const played = play()
    const reaped = await reap(
      {
        'tagboat-1-1-0000001d': '2026-03-05T11:59:59Z',
        'tagboat-2-1-000000e2': '2026-03-05T12:00:01Z',
        'tagboat-3-1-00000003': undefined,
        'tagboat-4-1-00000004': 'yesterday',
        'tagboat-kept-00000000ab-0': '2026-03-01T00:00:00Z',
        [record.name]: '2026-03-01T00:00:00Z',
        'mine-old': '2026-03-01T00:00:00Z',
        'tagboat-arm-farm': '2026-03-01T00:00:00Z',
        'tagboat-arm': '2026-03-01T00:00:00Z',
        'tagboat-1-1-0000001d-mine': '2026-03-01T00:00:00Z',
      },
      played,
    )
    expect([...reaped].sort()).toEqual(['tagboat-1-1-0000001d', 'tagboat-kept-00000000ab-0'])
    expect(played.commands.filter((command) => command.startsWith('buildx rm')).sort()).toEqual([
      'buildx rm --force --keep-state tagboat-kept-00000000ab-0',
      'buildx rm --force tagboat-1-1-0000001d',
    ])
  })

  test('leaves a kept builder whose name another run takes meanwhile', async () => {
    await using directory = await temporaryDirectory()
    const at = (...parts: readonly string[]): string => path.join(directory.path, ...parts)
    const [old, taken] = [claimText('dead', new Date('2026-03-01T00:00:00Z')), claimText('alive', now)]
    const names = ['tagboat-kept-00000000ab-0', 'tagboat-kept-00000000ab-1']
    for (const folder of ['instances', 'activity', 'tagboat-claims']) await mkdir(at(folder))
    for (const name of names) {
      await writeFile(at('instances', name), '{}')
      await writeFile(at('activity', name), '2026-03-01T00:00:00Z')
      await writeFile(at('tagboat-claims', name), old)
    }
    const {io, commands} = play()
    const docker: RemovalIo['docker'] = async (args, variables) => {
      // Between the look and the removal of the second one.
      if (args[0] === 'buildx') await writeFile(at('tagboat-claims', names[1] ?? ''), taken)
      return io.docker(args, variables)
    }
    expect(await reapBuilders({...record, buildxConfig: directory.path}, now, {...io, docker})).toEqual([names[0]])
    expect(commands.filter((command) => command.startsWith('buildx'))).toEqual([
      'buildx rm --force --keep-state tagboat-kept-00000000ab-0',
    ])
    expect(await readdir(at('tagboat-claims'))).toEqual([names[1]])
  })

  test('takes containers that no Buildx here knows once no job can be running', async () => {
    const played = play({
      'ps --all --filter': {
        stdout: [
          'buildx_buildkit_tagboat-5-1-000000050\t2026-03-05 11:00:00 +0000 UTC',
          'buildx_buildkit_tagboat-6-1-000000060\t2026-03-05 13:30:00 +0100 CET',
          'buildx_buildkit_tagboat-2-1-000000e20\t2026-03-01 00:00:00 +0000 UTC',
          'buildx_buildkit_tagboat-kept-00000000ab-10\t2026-03-01 00:00:00 +0000 UTC',
          'buildx_buildkit_tagboat-arm-farm0\t2026-03-01 00:00:00 +0000 UTC',
          'buildx_buildkit_tagboat-9-1-00000009-arm64\t2026-03-01 00:00:00 +0000 UTC',
          'other_buildx_buildkit_tagboat-9-1-000000090\t2026-03-01 00:00:00 +0000 UTC',
          'buildx_buildkit_tagboat-8-1-000000080\tlong ago',
          '',
        ].join('\n'),
      },
    })
    const reaped = await reap({'tagboat-2-1-000000e2': '2026-03-10T00:00:00Z'}, played)
    expect(reaped).toEqual([
      'buildx_buildkit_tagboat-5-1-000000050',
      'buildx_buildkit_tagboat-kept-00000000ab-10',
      'buildx_buildkit_tagboat-9-1-00000009-arm64',
    ])
    expect(played.commands.slice(1)).toEqual([
      'rm --force --volumes buildx_buildkit_tagboat-5-1-000000050',
      'volume rm --force buildx_buildkit_tagboat-5-1-000000050_state',
      'rm --force --volumes buildx_buildkit_tagboat-kept-00000000ab-10',
      'rm --force --volumes buildx_buildkit_tagboat-9-1-00000009-arm64',
      'volume rm --force buildx_buildkit_tagboat-9-1-00000009-arm64_state',
    ])
  })

  test('frees the names of runs that ended long ago', async () => {
    await using directory = await temporaryDirectory()
    const claims = path.join(directory.path, 'tagboat-claims')
    for (const folder of ['instances', 'tagboat-claims']) await mkdir(path.join(directory.path, folder))
    await writeFile(path.join(directory.path, 'instances', 'tagboat-kept-000000000a-1'), '{}')
    const old = claimText('marker', new Date('2026-03-05T11:00:00Z'))
    const contents = {
      'tagboat-kept-000000000a-0': old,
      'tagboat-kept-000000000a-1': old,
      'tagboat-kept-000000000a-2': claimText('marker', new Date('2026-03-05T13:00:00Z')),
      'tagboat-kept-000000000a-3': 'something else',
    }
    for (const [name, text] of Object.entries(contents)) await writeFile(path.join(claims, name), text)
    await reapBuilders({...record, buildxConfig: directory.path}, now, play().io)
    expect((await readdir(claims)).sort()).toEqual([
      'tagboat-kept-000000000a-1',
      'tagboat-kept-000000000a-2',
      'tagboat-kept-000000000a-3',
    ])
  })
})
