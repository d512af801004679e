import path from 'node:path'
import {buildkitdConfig, defaultConfigFile} from './buildkitd-config.ts'
import type {CreatedDriver} from './choose-builder.ts'
import type {Builder} from '../buildx/inspect.ts'
import {claimDirectory, claimText, keptBuilderNames, runBuilderName} from './builder-name.ts'
import {formatRecord, type BuilderRecord} from './builder-record.ts'
import {createBuilder} from './create-builder.ts'
import type {PullIo} from './pull-image.ts'
import {reapBuilders} from './reap-builders.ts'
import {removeBuilder, type RemovalIo} from './remove-builder.ts'
import {runPrefix} from '../credentials/docker-home.ts'
import {TagboatError} from '../errors/error.ts'
import {readOnlyReason} from '../plan/cache-owners.ts'
import {formatReason} from '../reasons/reason.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import type {PrivateDockerConfig} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {builderState} from '../run/saved-state.ts'

export interface Run {
  readonly prepared: Prepared
  readonly dockerConfig: PrivateDockerConfig
  readonly io: Io
}

/** Creation and removal of the builder of a run. */
export class BuilderCreation {
  readonly #run: Run
  #record: BuilderRecord | undefined
  #removal: Promise<void> | undefined
  #reaping: Promise<void> = Promise.resolve()

  constructor(run: Run) {
    this.#run = run
  }

  async create(driver: CreatedDriver): Promise<Builder> {
    const {prepared, dockerConfig, io} = this.#run
    const {builder: inputs, publish} = prepared.inputs
    const buildxConfig = await shareInstances(this.#run)
    const config = await this.#writeConfig(buildxConfig)
    const record = await this.#recordOf(driver, buildxConfig)
    this.#reaping = reap(record, io)
    const request = {
      name: record.name,
      driver,
      driverOpts: inputs.driverOpts,
      buildkitdFlags: inputs.buildkitdFlags,
      buildkitdConfig: config,
      endpoint: inputs.endpoint,
      nodes: inputs.nodes,
      mirrors: inputs.mirrors,
      retries: publish.retries,
      env: dockerConfig.env,
    }
    return createBuilder(request, pullIo(io))
  }

  /** Removes the builder. It never throws: failures are logged, and the post step tries again. */
  async remove(): Promise<void> {
    this.#removal ??= this.#removeNow()
    await this.#removal
  }

  /**
   * Removes the builder at the end of the run. A cancelled run has little time and removes its credentials first; its
   * post step removes the builder.
   */
  async end(): Promise<void> {
    const {signal} = this.#run.io
    if (signal.aborted) return
    const cancelled = Promise.withResolvers<undefined>()
    const cancel = (): void => {
      cancelled.resolve(undefined)
    }
    signal.addEventListener('abort', cancel, {once: true})
    await Promise.race([Promise.all([this.remove(), this.#reaping]), cancelled.promise])
    signal.removeEventListener('abort', cancel)
  }

  async #removeNow(): Promise<void> {
    const {io} = this.#run
    const record = this.#record
    if (record === undefined) return
    const left = await removeBuilder(record, false, removalIo(io)).catch(reasonOf)
    if (left.length === 0) io.workflow.saveState(builderState, '')
    else io.workflow.print(left.map((line) => `To be removed by the post step: ${line}`))
  }

  /** Record of the builder, saved for the post step before the builder is created. */
  async #recordOf(driver: string, buildxConfig: string): Promise<BuilderRecord> {
    const {prepared, dockerConfig, io} = this.#run
    const {run} = prepared.context
    const name = runBuilderName(run, io.marker)
    const places = {driver, dockerConfig: dockerConfig.home.userDirectory, buildxConfig}
    const kept = this.#keeps() ? await this.#claim(places) : undefined
    return kept ?? this.#save({...places, name, keepState: false, claim: undefined})
  }

  /**
   * Reports whether the run uses a kept cache. Its content reaches later builds, so a run that may not write caches has
   * none.
   */
  #keeps(): boolean {
    const {prepared, io} = this.#run
    if (!prepared.inputs.builder.keepState) return false
    const reason = readOnlyReason(prepared.context)
    if (reason !== undefined)
      io.workflow.print([`keep-state: this run neither reads nor writes the kept cache: ${formatReason(reason)}`])
    return reason === undefined
  }

  #save(record: BuilderRecord): BuilderRecord {
    this.#record = record
    this.#run.io.workflow.saveState(builderState, formatRecord(record))
    return record
  }

  /** Claims the first kept builder that no other run uses. */
  async #claim(
    places: Pick<BuilderRecord, 'driver' | 'dockerConfig' | 'buildxConfig'>,
  ): Promise<BuilderRecord | undefined> {
    const {prepared, io} = this.#run
    const {repository, server} = prepared.context
    const directory = claimDirectory(places.buildxConfig)
    await io.files.makePrivateDirectory(directory)
    const text = claimText(io.marker, io.now())
    for (const name of keptBuilderNames(`${server.url}/${repository.owner}/${repository.name}`)) {
      const claim = {file: path.join(directory, name), text}
      const record = this.#save({...places, name, keepState: true, claim})
      if (!(await io.files.writeNew(claim.file, text))) continue
      // A builder of a killed run. Its cache is kept.
      const isLeft = await io.files.exists(path.join(places.buildxConfig, 'instances', name))
      if (isLeft) await removeBuilder({...record, claim: undefined}, true, removalIo(io))
      return record
    }
    io.workflow.print(['All kept builders are in use by other runs on this machine: this run does not keep its cache.'])
    return undefined
  }

  async #writeConfig(buildxConfig: string): Promise<string | undefined> {
    const {prepared, dockerConfig, io} = this.#run
    const {buildkitdConfig: given, buildkitdConfigInline: inline, mirrors} = prepared.inputs.builder
    const file = given === undefined ? undefined : await io.files.read(given)
    if (given !== undefined && file === undefined) {
      throw new TagboatError('input-invalid', {evidence: [`buildkitd-config: the file ${given} does not exist.`]})
    }
    const isAlone = given === undefined && inline === undefined && mirrors.length > 0
    const byDefault = isAlone ? await io.files.read(path.join(buildxConfig, defaultConfigFile)) : undefined
    const text = await buildkitdConfig({file, inline, byDefault, mirrors})
    if (text === undefined) return undefined
    const written = path.join(dockerConfig.home.directory, `${runPrefix}buildkitd.toml`)
    await io.files.writePrivate(written, text)
    return written
  }
}

/**
 * Links the directory of Buildx in the private configuration to that of the user, which outlives the run, and returns
 * its path.
 */
async function shareInstances({dockerConfig, io}: Run): Promise<string> {
  const set = io.environment['BUILDX_CONFIG'] ?? ''
  if (set !== '') return set
  const {directory, userDirectory} = dockerConfig.home
  const shared = path.join(userDirectory, 'buildx')
  const link = path.join(directory, 'buildx')
  await io.files.makePrivateDirectory(shared)
  // A directory that Buildx created, or an earlier link.
  await io.files.remove(link)
  await io.files.link(shared, link)
  return shared
}

async function reap(record: BuilderRecord, io: Io): Promise<void> {
  // A failure to remove builders of other runs does not affect this run.
  const reaped = await reapBuilders(record, io.now(), removalIo(io)).catch(() => [])
  if (reaped.length > 0) io.workflow.print([`Removed builders of ended runs: ${reaped.join(', ')}`])
}

function removalIo(io: Io): RemovalIo & {readonly files: Io['files']} {
  const env = childEnvironment(io)
  return {
    docker: async (args, variables) => io.lasting({file: 'docker', args, env: {...env, ...variables}}),
    files: io.files,
  }
}

function reasonOf(error: unknown): readonly string[] {
  return [error instanceof Error ? error.message : 'the builder could not be removed']
}

export function pullIo(io: Io): PullIo {
  return {
    processes: io.processes,
    timer: io.timer(io.signal),
    say: (line) => {
      io.workflow.print([line])
    },
  }
}
