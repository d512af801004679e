import {containerdStore} from '../errors/causes.ts'
import {formatLacks, type BuilderLack, type BuilderReason} from '../reasons/builder-reasons.ts'
import {
  chooseBuilder,
  choiceLine,
  needsOf,
  choiceFromInputs,
  type BuilderChoice,
  type CreatedDriver,
} from './choose-builder.ts'
import {contextOf} from './docker-context.ts'
import {engineBuilder, isPlugin} from './engine/engine-builder.ts'
import {hasToBoot} from './emulation/emulators.ts'
import type {Builder} from '../buildx/inspect.ts'
import type {BuilderName} from '../buildx/progress/progress.ts'
import {TagboatError} from '../errors/error.ts'
import {inspectBuilder} from './inspect-builder.ts'
import {prepareEmulation} from './emulation/prepare-emulation.ts'
import {hasJobBuilders} from './job-directory.ts'
import type {BuilderCreation} from './builder-creation.ts'
import type {Run} from './creation-settings.ts'
import type {Io} from '../io/io.ts'

/** Builder of a run. A builder that the run creates is removed by its post step, or at the end of a run without one. */
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
  /** Reason of the choice, when the builder is ready. */
  readonly reason: BuilderReason['code'] | undefined
  /** Error for a build step on a platform that the builder cannot run; undefined if it runs all requested platforms. */
  readonly gap: TagboatError | undefined
  /** Starts to remove a created builder that no later step can use, when nothing more is built. Disposal waits for it. */
  retire(): void
}

export function builderLife(run: Run): BuilderLife {
  const {prepared} = run
  let creation: Promise<BuilderCreation> | undefined
  // Loaded on demand: most runs create no builder.
  const creating = async (): Promise<BuilderCreation> =>
    (creation ??= import('./builder-creation.ts').then((module) => new module.BuilderCreation(run)))
  let name = prepared.inputs.build.builder
  let chosen: BuilderName | undefined
  let features: Builder | undefined
  let reason: BuilderReason['code'] | undefined
  let gap: TagboatError | undefined
  return {
    get gap() {
      return gap
    },
    get reason() {
      return reason
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
      const {builder, isCurrent, ...choice} = await choose(run, creating)
      ;({reason} = choice)
      name = isCurrent ? undefined : builder.name
      chosen = {name: builder.name, driver: builder.driver}
      const emulation = await prepareEmulation(builder, name, run)
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
  readonly reason: BuilderReason['code']
}

async function choose(run: Run, creating: Creating): Promise<Ready> {
  const {prepared, dockerConfig, io} = run
  const {inputs} = prepared
  const {driver} = inputs.builder
  const ask = async (name: string | undefined): Promise<Builder> => askBooted(name, run)
  const settled = choiceFromInputs(inputs.builder, inputs.build.builder)
  const found = settled === undefined ? await ask(driver === 'docker' ? contextOf(dockerConfig) : undefined) : undefined
  const choice = settled ?? (await choiceFor(found ?? noBuilder, run, creating))
  switch (choice.kind) {
    case 'refuse':
      throw unsuited(choice.lacks)
    case 'share':
      return use(choice.builder, {code: 'builder-of-job'}, {isCurrent: false, io})
    case 'create': {
      const shared = await sharedBuilder(choice.driver, run, creating)
      if (shared !== undefined) return use(shared, {code: 'builder-of-job'}, {isCurrent: false, io})
      io.workflow.print([choiceLine(choice, found)])
      return (await creating()).createOrUse(choice, found)
    }
    case 'use': {
      const builder = found ?? (await ask(choice.name))
      return use(builder, choice.reason, {isCurrent: choice.name === undefined, io})
    }
  }
}

function use(
  builder: Builder,
  reason: BuilderReason,
  {isCurrent, io}: {readonly isCurrent: boolean; readonly io: Io},
): Ready {
  io.workflow.print([choiceLine({kind: 'use', name: undefined, reason}, builder)])
  return {builder, isCurrent, reason: reason.code}
}

/** Builder of an earlier step of this job. The code of a creation is loaded only if such a step has created one. */
async function sharedBuilder(driver: CreatedDriver, run: Run, creating: Creating): Promise<Builder | undefined> {
  return (await hasJobBuilders(run.io)) ? (await creating()).shared(driver) : undefined
}

type Choice = BuilderChoice | {readonly kind: 'share'; readonly builder: Builder}

/**
 * Choice that depends on the existing builder. Base images that only the engine has need its own builder. Otherwise the
 * builder of an earlier step of this job comes before that of the engine, which does not have its cache.
 */
async function choiceFor(found: Builder, run: Run, creating: Creating): Promise<Choice> {
  const {inputs, plan} = run.prepared
  const {driver} = inputs.builder
  if (driver === 'docker') return chooseBuilder(driver, found, needsOf(inputs.build, plan.push.do))
  const choice = chooseBuilder('auto', found, needsOf(inputs.build, plan.push.do))
  if (found.driver !== 'docker' || choice.kind === 'refuse') return choice
  const isOptional = choice.kind === 'use' || (choice.optionalLoss !== undefined && canPushTagged(run))
  const shared = choice.kind === 'use' ? await sharedBuilder('docker-container', run, creating) : undefined
  if (!isOptional || (choice.kind === 'use' && shared === undefined)) return choice
  const {imagesOfBuild, imagesOfEngine} = await import('./engine-images.ts')
  const images = await imagesOfEngine(await imagesOfBuild(inputs.build, run.io), {...run.io, env: run.dockerConfig.env})
  if (images.length > 0) return {kind: 'use', name: undefined, reason: {code: 'engine-images', images}}
  return shared === undefined ? choice : {kind: 'share', builder: shared}
}

/** Reports whether the run can publish with a builder that pushes with tags only. */
function canPushTagged({prepared}: Run): boolean {
  return prepared.action === 'publish' && prepared.inputs.publish.test === undefined
}

function unsuited(lacks: readonly BuilderLack[]): TagboatError {
  return new TagboatError('builder-unsuited', {
    message: `The engine's own builder, which \`driver: docker\` requires, cannot ${formatLacks(lacks)}.`,
    evidence: ['the engine has no containerd image store'],
    remedy: `Set \`driver: auto\` or \`docker-container\` for a builder that can, or ${containerdStore}.`,
  })
}

type Creating = () => Promise<BuilderCreation>

/** Reads the features of a builder, and boots it when they are not known otherwise. */
async function askBooted(name: string | undefined, {prepared, dockerConfig, io}: Run): Promise<Builder> {
  const ofEngine = await engineBuilder(name, {dockerConfig, io, runsBuildx: isPlugin})
  if (ofEngine !== undefined) return ofEngine
  const builder = await inspectBuilder(name, dockerConfig.env, io)
  const boots = hasToBoot(builder, prepared.inputs.build.platforms)
  return boots ? inspectBuilder(builder.name, dockerConfig.env, io, true) : builder
}

const noBuilder: Builder = {name: '', driver: '', staging: 'none', dials: false, nodes: [], platforms: [], errors: []}
