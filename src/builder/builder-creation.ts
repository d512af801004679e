import path from 'node:path'
import type {BuilderChoice, CreatedDriver} from './choose-builder.ts'
import type {Builder} from '../buildx/inspect.ts'
import {claimDirectory, claimText, keptBuilderNames, runBuilderName} from './builder-name.ts'
import {formatRecord, type BuilderRecord} from './builder-record.ts'
import {createBuilder} from './create-builder.ts'
import {fallbackWarning} from './creation-fallback.ts'
import {creationSettings, type CreationSettings, type Run} from './creation-settings.ts'
import {inspectBuilder} from './inspect-builder.ts'
import {jobBuilders, saveJobBuilder} from './job-builders.ts'
import {jobDirectory} from './job-directory.ts'
import type {PullIo} from './pull-image.ts'
import {reapBuilders} from './reap-builders.ts'
import {removeBuilder, type RemovalIo} from './remove-builder.ts'
import {runPrefix} from '../credentials/config-directory.ts'
import {TagboatError} from '../errors/error.ts'
import {readOnlyReason} from '../plan/cache-owners.ts'
import type {BuilderReason} from '../reasons/builder-reasons.ts'
import {formatReason} from '../reasons/reason.ts'
import {childEnvironment, type Io} from '../io/io.ts'
import {builderState} from '../run/saved-state.ts'

type Creation = Extract<BuilderChoice, {kind: 'create'}>

/** A new builder, or the current one if it could not be created. */
interface Created {
  readonly builder: Builder
  /** Whether it is the current builder of Buildx. */
  readonly isCurrent: boolean
  readonly reason: BuilderReason['code']
}

/** Creation and removal of the builder of a run, and its use by later steps of the job. */
export class BuilderCreation {
  readonly #run: Run
  #record: BuilderRecord | undefined
  #removal: Promise<void> | undefined
  #reaping: Promise<void> = Promise.resolve()
  /** Whether later steps of the job may use the builder, so that it stays until the post step. */
  #isShared = false
  readonly #settingsByDriver = new Map<CreatedDriver, Promise<CreationSettings>>()

  constructor(run: Run) {
    this.#run = run
  }

  /** Builder that an earlier step of this job has created with the same settings; undefined without one. */
  async shared(driver: CreatedDriver): Promise<Builder | undefined> {
    const directory = jobDirectory(this.#run.io)
    const {dockerConfig, io} = this.#run
    if (directory === undefined) return undefined
    const {needs} = await this.#settings(driver)
    for (const name of await jobBuilders(directory, needs, io.files)) {
      try {
        return await inspectBuilder(name, dockerConfig.env, io, true)
      } catch (error) {
        // Something has removed it, such as `docker buildx prune --all` of a step.
        if (!(error instanceof TagboatError) || io.signal.aborted) throw error
      }
    }
    return undefined
  }

  /** Creates a builder. On failure, the run uses the current builder if that has everything that is required. */
  async createOrUse({driver, optionalLoss, reason}: Creation, found: Builder | undefined): Promise<Created> {
    const {io} = this.#run
    try {
      return {builder: await this.#create(driver), isCurrent: false, reason: reason.code}
    } catch (error) {
      const isFatal = optionalLoss === undefined || found === undefined || io.signal.aborted
      if (isFatal || !(error instanceof TagboatError)) throw error
      io.workflow.warning(fallbackWarning(error, found, optionalLoss))
      return {builder: found, isCurrent: true, reason: 'builder-not-created'}
    }
  }

  async #create(driver: CreatedDriver): Promise<Builder> {
    const {prepared, dockerConfig, io} = this.#run
    const {builder: inputs, publish} = prepared.inputs
    const {needs, driverOpts, buildxConfig, config} = await this.#settings(driver)
    const record = await this.#recordOf(driver, buildxConfig)
    this.#reaping = reap(record, io)
    const request = {
      name: record.name,
      driver,
      driverOpts,
      buildkitdFlags: inputs.buildkitdFlags,
      buildkitdConfig: await this.#writeConfig(config),
      endpoint: inputs.endpoint,
      nodes: inputs.nodes,
      mirrors: inputs.mirrors,
      retries: publish.retries,
      env: dockerConfig.env,
    }
    const builder = await createBuilder(request, pullIo(io))
    const directory = jobDirectory(io)
    if (directory !== undefined) {
      await saveJobBuilder(directory, {name: record.name, ...needs}, io.files)
      this.#isShared = true
    }
    return builder
  }

  /**
   * Removes the builder, unless later steps of the job may use it. It never throws: failures are logged, and the post
   * step tries again.
   */
  async remove(): Promise<void> {
    if (this.#isShared) return
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

  /** Settings of a new builder: those of the inputs, and what this machine knows of the registries of the build. */
  async #settings(driver: CreatedDriver): Promise<CreationSettings> {
    const settings = this.#settingsByDriver.get(driver) ?? creationSettings(driver, this.#run)
    this.#settingsByDriver.set(driver, settings)
    return settings
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
    const debug = hasDebugFlag(prepared.inputs.builder.buildkitdFlags)
    const places = {driver, dockerConfig: dockerConfig.userDirectory, buildxConfig, debug}
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
    places: Pick<BuilderRecord, 'driver' | 'dockerConfig' | 'buildxConfig' | 'debug'>,
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

  async #writeConfig(text: string | undefined): Promise<string | undefined> {
    if (text === undefined) return undefined
    const {dockerConfig, io} = this.#run
    const file = path.join(dockerConfig.directory, `${runPrefix}buildkitd.toml`)
    await io.files.writePrivate(file, text)
    return file
  }
}

async function reap(record: BuilderRecord, io: Io): Promise<void> {
  // A failure to remove builders of other runs does not affect this run.
  const reaped = await reapBuilders(record, io.now(), removalIo(io)).catch(() => [])
  if (reaped.length > 0) io.workflow.print([`Removed builders of ended runs: ${reaped.join(', ')}`])
}

/** Reports whether BuildKit logs in detail, so that its log is worth showing. */
function hasDebugFlag(flags: string | undefined): boolean {
  return /(?:^|\s)--debug(?:=true)?(?:\s|$)/.test(flags ?? '')
}

function removalIo(io: Io): RemovalIo & {readonly files: Io['files']} {
  const env = childEnvironment(io)
  return {
    docker: async (args, variables) => io.lasting({file: 'docker', args, env: {...env, ...variables}}),
    files: io.files,
    show: async (title, text) =>
      io.workflow.inQuietGroup(title, async (write) => {
        write(text)
        return Promise.resolve()
      }),
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
