import {formatLacks, type BuilderLack} from '../reasons/builder-reasons.ts'
import {chooseBuilder, choiceLine, needsOf, choiceFromInputs, type BuilderChoice} from './choose-builder.ts'
import {currentContext} from './docker-context.ts'
import {hasToBoot} from './emulation.ts'
import {missingPlatforms, type Builder} from '../buildx/inspect.ts'
import type {BuilderName} from '../buildx/progress/progress.ts'
import {TagboatError} from '../errors/error.ts'
import {inspectBuilder} from './inspect-builder.ts'
import type {Emulation} from './qemu.ts'
import type {BuilderCreation, Run} from './builder-creation.ts'
import type {Io} from '../io/io.ts'
import type {PrivateDockerConfig} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'

/** Builder of a run. A builder that the run creates is removed at its end. */
export interface BuilderLife extends AsyncDisposable {
  /**
   * Chooses a builder or creates one, boots it and logs the choice. Emulators for missing platforms are installed.
   * @throws TagboatError when no builder suits the plan. A missing platform is reported, and is the value of `gap`.
   */
  ready(): Promise<Builder>
  /** Value of `--builder`, when the builder is ready; undefined for the current builder of Buildx. */
  readonly name: string | undefined
  /** Name and driver, when the builder is ready. */
  readonly chosen: BuilderName | undefined
  /** Features, when the builder is ready. */
  readonly features: Builder | undefined
  /** Error for a build step on a platform that the builder cannot run; undefined if it runs all requested platforms. */
  readonly gap: TagboatError | undefined
  /** Starts to remove a created builder, when nothing more is built. Disposal waits for it. */
  retire(): void
}

export function builderLife(prepared: Prepared, dockerConfig: PrivateDockerConfig, io: Io): BuilderLife {
  const run: Run = {prepared, dockerConfig, io}
  let creation: Promise<BuilderCreation> | undefined
  // Loaded on demand: most runs create no builder.
  const creating = async (): Promise<BuilderCreation> =>
    (creation ??= import('./builder-creation.ts').then((module) => new module.BuilderCreation(run)))
  let name = prepared.inputs.build.builder
  let chosen: BuilderName | undefined
  let features: Builder | undefined
  let gap: TagboatError | undefined
  return {
    get gap() {
      return gap
    },
    get features() {
      return features
    },
    get chosen() {
      return chosen
    },
    get name() {
      return name
    },
    async ready() {
      const {builder, isCurrent} = await choose(run, creating)
      name = isCurrent ? undefined : builder.name
      chosen = {name: builder.name, driver: builder.driver}
      const emulation = await emulating(builder, name, run)
      ;({builder: features, gap} = emulation)
      return features
    },
    retire: () => void creation?.then(async (one) => one.remove()),
    [Symbol.asyncDispose]: async () => (await creation)?.end(),
  }
}

interface Ready {
  readonly builder: Builder
  /** Whether it is the current builder of Buildx, which needs no `--builder`. */
  readonly isCurrent: boolean
}

async function choose({prepared, dockerConfig, io}: Run, creating: Creating): Promise<Ready> {
  const {inputs, plan} = prepared
  const {driver} = inputs.builder
  const ask = async (name: string | undefined): Promise<Builder> => askBooted(name, {prepared, dockerConfig, io})
  const settled = choiceFromInputs(inputs.builder, inputs.build.builder)
  const found = settled === undefined ? await ask(driver === 'docker' ? contextOf(dockerConfig) : undefined) : undefined
  const choice =
    settled ??
    chooseBuilder(driver === 'docker' ? driver : 'auto', found ?? noBuilder, needsOf(inputs.build, plan.push.do))
  switch (choice.kind) {
    case 'refuse':
      throw unsuited(choice.lacks)
    case 'create':
      io.workflow.print([choiceLine(choice, found)])
      return create(choice, found, {creating, io})
    case 'use': {
      const builder = found ?? (await ask(choice.name))
      io.workflow.print([choiceLine(choice, builder)])
      return {builder, isCurrent: choice.name === undefined}
    }
  }
}

function unsuited(lacks: readonly BuilderLack[]): TagboatError {
  return new TagboatError('builder-unsuited', {
    message: `The engine's own builder, which \`driver: docker\` insists on, cannot ${formatLacks(lacks)}.`,
    evidence: ['the engine has no containerd image store'],
    remedy: 'Set `driver: auto` or `docker-container` for a builder that can, or turn on the containerd image store.',
  })
}

type Creating = () => Promise<BuilderCreation>
type Creation = Extract<BuilderChoice, {kind: 'create'}>

/** Creates a builder. On failure, the run falls back to the current builder if that has everything that is required. */
async function create(
  {driver, optionalLoss}: Creation,
  found: Builder | undefined,
  {creating, io}: {readonly creating: Creating; readonly io: Io},
): Promise<Ready> {
  const creation = await creating()
  try {
    return {builder: await creation.create(driver), isCurrent: false}
  } catch (error) {
    const isFatal = optionalLoss === undefined || found === undefined || io.signal.aborted
    if (isFatal || !(error instanceof TagboatError)) throw error
    const {message, evidence} = error
    const reason = [message.replace(/\.$/, ''), ...evidence.slice(0, 1)].join(': ')
    const used = `"${found.name}" (${found.driver}) builds, which cannot ${formatLacks(optionalLoss)}`
    io.workflow.warning(`There is no new builder, so ${used}. ${reason}`)
    return {builder: found, isCurrent: true}
  }
}

/** Reads the features of a builder, and boots it when they are not known otherwise. */
async function askBooted(name: string | undefined, {prepared, dockerConfig, io}: Run): Promise<Builder> {
  const builder = await inspectBuilder(name, dockerConfig.env, io)
  const boots = hasToBoot(builder, prepared.inputs.build.platforms)
  return boots ? inspectBuilder(builder.name, dockerConfig.env, io, true) : builder
}

function contextOf({env, home}: PrivateDockerConfig): string {
  return currentContext(env, home.userConfig['currentContext'])
}

async function emulating(builder: Builder, name: string | undefined, run: Run): Promise<Emulation<Builder>> {
  const {inputs} = run.prepared
  if (inputs.builder.qemu !== 'always' && missingPlatforms(builder, inputs.build.platforms).length === 0)
    return {builder, gap: undefined}
  const [{ensureEmulation}, {pullIo}] = await Promise.all([import('./qemu.ts'), import('./builder-creation.ts')])
  const request = {
    builder,
    platforms: inputs.build.platforms,
    inputs: inputs.builder,
    retries: inputs.publish.retries,
    env: run.dockerConfig.env,
    context: contextOf(run.dockerConfig),
    inspectAgain: async () => inspectBuilder(name, run.dockerConfig.env, run.io),
  }
  const warn = (text: string): void => {
    run.io.workflow.warning(text)
  }
  return ensureEmulation(request, {...pullIo(run.io), warn})
}

const noBuilder = {name: '', driver: '', staging: 'none', platforms: []} as const
