import {randomUUID} from 'node:crypto'
import {setTimeout as delay} from 'node:timers/promises'
import type {Io} from '../src/io/io.ts'
import {timer} from '../src/io/timer.ts'
import {docker} from './docker.ts'
import {runSource, type SourceResult} from './source-run.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from './workspace.ts'

/** Build that shares no step with other builds, so that only its steps can be removed from the cache. */
export interface CachedBuild extends AsyncDisposable {
  readonly workspace: Workspace
  /** Runs a step for a push to this branch. */
  run(branch: string, options: CachedRun): Promise<SourceResult>
  /** Removes the steps of this build from the cache of the builder, and images with this name, which keep the steps. */
  prune(image?: string): Promise<void>
}

export interface CachedRun {
  readonly inputs: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly timer?: Io['timer']
}

/** Creates a build with a step that writes a random file, so that only a cached step results in the same file. */
export async function createCachedBuild(): Promise<CachedBuild> {
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
    async run(branch, {inputs, ...options}) {
      runs += 1
      // Each run has another commit, because a published commit is not built again.
      const sha = `${runs}`.padEnd(40, 'a')
      return runSource({
        push: {ref: `refs/heads/${branch}`, sha, runId: `${100 + runs}`},
        inputs: {context: workspace.directory, 'build-contexts': shellContext(), platforms: 'linux/amd64', ...inputs},
        timer,
        ...options,
      })
    },
    async prune(image) {
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

/** Results of the steps of the Dockerfile by name: `CACHED` or `DONE`. */
export function stepResults({log}: SourceResult): Readonly<Record<string, string>> {
  const lines = printed({log})
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, number = '', name = ''] = /^#(\d+) (\[[^\]]*\d+\/\d+\] .*)$/.exec(line) ?? []
      const result = lines
        .map((one) => new RegExp(`^#${number} ([A-Z]+)`).exec(one)?.[1])
        .find((one) => one !== undefined)
      return number === '' ? [] : [[name, result ?? 'nothing']]
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

/** Timer that waits 300 times shorter: two seconds instead of ten minutes. */
export function shortTimer(signal: AbortSignal): ReturnType<Io['timer']> {
  return {sleep: async (ms) => delay(ms / 300, undefined, {signal}), random: () => Math.random()}
}
