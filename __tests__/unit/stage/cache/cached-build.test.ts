import {describe, expect, test} from '@jest/globals'
import path from 'node:path'
import type {BuildRequest, CacheFlags} from '../../../../src/buildx/arguments.ts'
import type {CacheFault} from '../../../../src/stage/cache/cache-watch.ts'
import {files} from '../../../../src/io/files.ts'
import type {CommandResult} from '../../../../src/io/command.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {cacheTimeoutMs, type CacheIo} from '../../../../src/stage/cache/cached-build.ts'
import {cachedBuild} from '../../../../src/stage/cache/caches.ts'
import {valuesOf} from '../../../../testing/command-run.ts'
import {
  scriptedProcesses,
  temporaryDirectory,
  type Script,
  type ScriptedProcesses,
} from '../../../../testing/fake-io.ts'

const ownCaches: CacheFlags = {
  from: ['type=registry,ref=r.test/app:buildcache-main-1234567'],
  to: ['type=registry,ref=r.test/app:buildcache-main-1234567,mode=max,ignore-error=true'],
}
const importing = '#1 importing cache manifest from r.test/app:buildcache-main-1234567\n'
const exporting = '#9 exporting cache to registry\n'
const failed = {exitCode: 1, stderr: 'ERROR: it failed\n'}

async function requestOf(directory: string, cache: CacheFlags | undefined): Promise<BuildRequest> {
  const inputs = await readInputs(new Map([['cache-from', 'r.test/app:user']]), new Problems())
  return {
    inputs: inputs.build,
    builder: undefined,
    cache,
    tags: [],
    labels: [],
    annotations: [],
    destination: {kind: 'none'},
    sourceDateEpoch: undefined,
    gitContext: 'https://github.com/octocat/Hello-World.git#main',
    gitToken: undefined,
    builderId: 'https://github.com/octocat/Hello-World/actions/runs/1',
    metadataFile: path.join(directory, 'metadata.json'),
    imageIdFile: path.join(directory, 'image-id'),
  }
}

interface CommandRun {
  readonly failure: TagboatError | undefined
  readonly processes: ScriptedProcesses
  readonly faults: readonly CacheFault[]
  readonly slept: readonly number[]
  /** Number of builds that were reported to `onBuilt`. */
  readonly reported: number
  readonly printed: string
}

/** Runs a cached build. `sleep` ends at once or never. */
async function run(
  script: Script,
  {
    cache = ownCaches,
    sleep = 'never',
  }: {readonly cache?: CacheFlags | undefined; readonly sleep?: 'at once' | 'never'} = {},
): Promise<CommandRun> {
  await using directory = await temporaryDirectory()
  const processes = scriptedProcesses(script)
  const faults: CacheFault[] = []
  const slept: number[] = []
  let reported = 0
  let printed = ''
  const io: CacheIo = {
    processes,
    files,
    hide: (text) => text,
    onBuilt: () => void (reported += 1),
    onCacheFaults: (some) => void faults.push(...some),
    sleep: async (ms, signal) => {
      slept.push(ms)
      return sleep === 'at once' ? Promise.resolve() : untilAborted(signal)
    },
  }
  const failure = await cachedBuild(
    await requestOf(directory.path, cache),
    {},
    (text) => {
      printed += text
    },
    io,
  ).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof TagboatError) return error
      throw error
    },
  )
  return {failure, processes, faults, slept, reported, printed}
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'))
    })
  })
}

/** Caches of each started build. */
function caches({processes}: CommandRun): readonly (readonly string[])[] {
  return processes.commands.map((command) => [...valuesOf(command, '--cache-from'), ...valuesOf(command, '--cache-to')])
}

const allCaches = ['r.test/app:user', ...ownCaches.from, ...ownCaches.to]
const userCaches = ['r.test/app:user']

/** Fails the first build with the given output; the second one succeeds. */
function onlyFirst(first: Partial<CommandResult>, ...lines: readonly string[]): Script {
  let count = 0
  return (_, onOutput) => {
    count += 1
    if (count > 1) return {}
    for (const line of lines) onOutput(line)
    onOutput(first.stderr ?? '')
    return first
  }
}

describe('a build with a cache', () => {
  test('is one build, also with the caches of the user', async () => {
    const ran = await run((_, onOutput) => {
      onOutput(`${importing}#1 DONE 0.1s\n${exporting}#9 DONE 0.2s\n`)
      return {}
    })
    expect(ran.failure).toBeUndefined()
    expect(caches(ran)).toEqual([allCaches])
    expect(ran.faults).toEqual([])
    expect(ran.reported).toBe(1)
  })

  test('reports a failed export', async () => {
    const ran = await run((_, onOutput) => {
      onOutput(`${exporting}#9 ERROR: error writing layer blob: 429 Too Many Requests\n`)
      return {}
    })
    expect(ran.failure).toBeUndefined()
    expect(ran.faults).toEqual([{kind: 'export', reason: 'error writing layer blob: 429 Too Many Requests'}])
  })

  test('is not watched without its ownCaches caches', async () => {
    const ran = await run(onlyFirst(failed, importing), {cache: {from: [], to: []}})
    expect(ran.failure?.code).toBe('build-failed')
    expect(caches(ran)).toEqual([userCaches])
    expect(ran.slept).toEqual([])
  })
})

describe('a build that fails because of its cache', () => {
  test.each([
    {
      name: 'a token that BuildKit cannot read',
      lines: [],
      ending: 'failed to configure gha cache exporter: invalid token without expiration time',
    },
    {name: 'a cache that times out', lines: [importing], ending: 'Canceled: context canceled'},
    {
      name: 'a deleted layer',
      lines: [importing, '#1 DONE 0.1s\n'],
      ending: 'failed to load cache key: blob sha256:12 not found',
    },
  ])('is repeated without cache: $name', async ({lines, ending}) => {
    const ran = await run(onlyFirst({exitCode: 1, stderr: `ERROR: failed to solve: ${ending}\n`}, ...lines))
    expect(ran.failure).toBeUndefined()
    expect(caches(ran)).toEqual([allCaches, userCaches])
    expect(ran.faults).toEqual([{kind: 'export', reason: ending}])
    expect(ran.reported).toBe(1)
    expect(ran.printed).toContain(`The build is repeated without its cache: ${ending}`)
  })

  test('is not repeated for a missing source', async () => {
    const ending = 'ERROR: failed to solve: failed to load cache key: invalid response status 404\n'
    const ran = await run(onlyFirst({exitCode: 1, stderr: ending}, importing, '#1 DONE 0.1s\n'))
    expect(ran.failure).toBeDefined()
    expect(caches(ran)).toEqual([allCaches])
    expect(ran.faults).toEqual([])
  })

  test('reports an import fault if the cache would only be read', async () => {
    const ending = 'ERROR: failed to configure registry cache importer: broken\n'
    const ran = await run(onlyFirst({exitCode: 1, stderr: ending}), {cache: {...ownCaches, to: []}})
    expect(ran.faults.map(({kind}) => kind)).toEqual(['import'])
  })

  test('reports only the second failure if it fails again', async () => {
    let count = 0
    const ran = await run((_, onOutput) => {
      count += 1
      const stderr =
        count === 1 ? 'ERROR: failed to configure gha cache exporter: no\n' : 'ERROR: no builder "x" found\n'
      onOutput(stderr)
      return {exitCode: 1, stderr}
    })
    expect(ran.failure?.code).toBe('builder-missing')
    expect(ran.processes.commands).toHaveLength(2)
    expect(ran.faults).toEqual([])
  })
})

describe('a build that fails for another reason', () => {
  test('is not repeated', async () => {
    const ran = await run(onlyFirst(failed, importing, '#1 DONE 0.1s\n'))
    expect(ran.failure?.code).toBe('build-failed')
    expect(caches(ran)).toEqual([allCaches])
    expect(ran.faults).toEqual([])
    expect(ran.reported).toBe(1)
  })

  test('is not repeated when it is cancelled during a cache step', async () => {
    const ran = await run((_, onOutput) => {
      onOutput(`${exporting}ERROR: failed to solve: Canceled: context canceled\n`)
      throw new TagboatError('cancelled')
    })
    expect(ran.failure?.code).toBe('cancelled')
    expect(ran.processes.commands).toHaveLength(1)
  })
})

describe('an unresponsive cache', () => {
  test.each([
    {name: 'during the import', lines: importing},
    {name: 'during the export', lines: exporting},
  ])('stops the build, which is repeated without cache: $name', async ({lines}) => {
    let count = 0
    const ran = await run(
      async ({until}, onOutput) => {
        count += 1
        if (count > 1) return {}
        onOutput(lines)
        await new Promise((resolve) => until?.addEventListener('abort', resolve))
        throw until?.reason
      },
      {sleep: 'at once'},
    )
    expect(ran.failure).toBeUndefined()
    expect(caches(ran)).toEqual([allCaches, userCaches])
    expect(ran.slept).toEqual([cacheTimeoutMs])
    expect(ran.faults).toEqual([{kind: 'export', reason: 'no response for 10 minutes'}])
  })

  test('has a timeout that restarts on output and stops with the cache step', async () => {
    const ran = await run((_, onOutput) => {
      onOutput('#2 [1/2] RUN make\n')
      onOutput(exporting)
      onOutput('#9 writing layer sha256:12 5.0s\n')
      onOutput('#9 DONE 6.0s\n')
      onOutput('#10 done\n')
      return {}
    })
    expect(ran.failure).toBeUndefined()
    expect(ran.slept).toEqual([cacheTimeoutMs, cacheTimeoutMs])
  })
})
