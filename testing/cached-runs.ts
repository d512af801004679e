import {randomUUID} from 'node:crypto'
import {setTimeout as delay} from 'node:timers/promises'
import type {Io} from '../src/io/io.ts'
import {timer} from '../src/io/timer.ts'
import {docker} from './docker.ts'
import {runSource, type SourceResult} from './source-run.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from './workspace.ts'

/** A build of which no other one shares a step: the engine's cache can be emptied of it alone. */
export interface CachedBuild extends AsyncDisposable {
  readonly workspace: Workspace
  /** A run for a push to this branch. */
  run(branch: string, given: CachedRun): Promise<SourceResult>
  /** Takes every step of this build out of the builder's cache, and the images with this name, which hold them too. */
  forget(image?: string): Promise<void>
}

export interface CachedRun {
  readonly inputs: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly timer?: Io['timer']
}

/** The step that is wanted from the cache writes another file each time that it runs. */
export async function cachedBuildOf(): Promise<CachedBuild> {
  const key = `k${randomUUID().replaceAll('-', '')}`
  const workspace = await workspaceOf({
    Dockerfile: [
      ...shellDockerfile,
      `RUN cat /proc/sys/kernel/random/uuid >/${key}`,
      `RUN cat /${key} /${key} >/${key}-twice`,
      'FROM scratch',
      `COPY --from=shell /${key} /${key}-twice /`,
    ],
  })
  let runs = 0
  return {
    workspace,
    async run(branch, {inputs, ...given}) {
      runs += 1
      // Another commit each time: one that is published already is not built again.
      const sha = `${runs}`.padEnd(40, 'a')
      return runSource({
        push: {ref: `refs/heads/${branch}`, sha, runId: `${100 + runs}`},
        inputs: {context: workspace.directory, 'build-contexts': shellContext(), platforms: 'linux/amd64', ...inputs},
        timer,
        ...given,
      })
    },
    async forget(image) {
      if (image !== undefined) await removeImages(image)
      await docker(['buildx', 'prune', '--force', '--filter', `description~=${key}`])
    },
    async [Symbol.asyncDispose]() {
      await docker(['buildx', 'prune', '--force', '--filter', `description~=${key}`])
      await workspace[Symbol.asyncDispose]()
    },
  }
}

async function removeImages(name: string): Promise<void> {
  const listed = await docker(['image', 'ls', '--quiet', '--no-trunc', '--filter', `reference=${name}`])
  const ids = new Set(listed.split('\n').filter((id) => id !== ''))
  for (const id of ids) await docker(['image', 'rm', '--force', id])
}

/** The steps of the Dockerfile by what became of them: `CACHED`, or `DONE`. */
export function stepEnds({log}: SourceResult): Readonly<Record<string, string>> {
  const lines = printed({log})
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, number = '', name = ''] = /^#(\d+) (\[[^\]]*\d+\/\d+\] .*)$/.exec(line) ?? []
      const end = lines.map((one) => new RegExp(`^#${number} ([A-Z]+)`).exec(one)?.[1]).find((one) => one !== undefined)
      return number === '' ? [] : [[name, end ?? 'nothing']]
    }),
  )
}

export function printed({log}: Pick<SourceResult, 'log'>): readonly string[] {
  return log
    .map((entry) => entry.replace(/^printed: /, ''))
    .join('')
    .split('\n')
}

export function warningsIn({log}: Pick<SourceResult, 'log'>): readonly string[] {
  return log.flatMap((entry) => /^warning: (.*)$/s.exec(entry)?.[1] ?? [])
}

/** Ten minutes are two seconds. */
export function hastyTimer(signal: AbortSignal): ReturnType<Io['timer']> {
  return {sleep: async (ms) => delay(ms / 300, undefined, {signal}), random: () => Math.random()}
}
