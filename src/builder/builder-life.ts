import {formatLacks, type BuilderLack} from '../reasons/builder-reasons.ts'
import {chooseBuilder, choiceLine, needsOf, settledChoice, type BuilderChoice} from './choose-builder.ts'
import {currentContext} from './docker-context.ts'
import {hasToBoot} from './emulation.ts'
import {missingPlatforms, type Builder} from '../buildx/inspect.ts'
import type {BuilderName} from '../buildx/progress/progress.ts'
import {TagboatError} from '../errors/error.ts'
import {inspectBuilder} from './inspect-builder.ts'
import type {BuilderCreation, Run} from './builder-creation.ts'
import type {Edges} from '../io/io.ts'
import type {LentHome} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'

/** The builder of one run: chosen, perhaps created, and removed again if it was. */
export interface BuilderLife extends AsyncDisposable {
  /**
   * Chooses, creates where that is the choice, and boots; logged in one line. Platforms that only emulation gives are there
   * afterwards. @throws TagboatError when there is no builder for this plan.
   */
  ready(): Promise<Builder>
  /** For `--builder`, once it is ready; undefined for Buildx's current one. */
  readonly name: string | undefined
  /** Who builds, once it is ready. */
  readonly chosen: BuilderName | undefined
  /** What that builder can do, once it is ready. */
  readonly features: Builder | undefined
  /** Nothing more will be built: a builder that was created is removed meanwhile. The end of its life waits for it. */
  retire(): void
}

export function builderLife(prepared: Prepared, lent: LentHome, edges: Edges): BuilderLife {
  const run: Run = {prepared, lent, edges}
  let creation: Promise<BuilderCreation> | undefined
  // Loaded where a builder is created: most runs have one that will do.
  const creating = async (): Promise<BuilderCreation> =>
    (creation ??= import('./builder-creation.ts').then((module) => new module.BuilderCreation(run)))
  let name = prepared.inputs.build.builder
  let chosen: BuilderName | undefined
  let features: Builder | undefined
  return {
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
      features = await emulating(builder, name, run)
      return features
    },
    retire: () => void creation?.then(async (one) => one.remove()),
    [Symbol.asyncDispose]: async () => (await creation)?.end(),
  }
}

interface Ready {
  readonly builder: Builder
  /** It needs no name to be found. */
  readonly isCurrent: boolean
}

async function choose({prepared, lent, edges}: Run, creating: Creating): Promise<Ready> {
  const {inputs, plan} = prepared
  const {driver} = inputs.builder
  const ask = async (name: string | undefined): Promise<Builder> => askBooted(name, {prepared, lent, edges})
  const settled = settledChoice(inputs.builder, inputs.build.builder)
  const found = settled === undefined ? await ask(driver === 'docker' ? contextOf(lent) : undefined) : undefined
  const choice =
    settled ??
    chooseBuilder(driver === 'docker' ? driver : 'auto', found ?? noBuilder, needsOf(inputs.build, plan.push.do))
  switch (choice.kind) {
    case 'refuse':
      throw unsuited(choice.lacks)
    case 'create':
      edges.workflow.print([choiceLine(choice, found)])
      return create(choice, found, {creating, edges})
    case 'use': {
      const builder = found ?? (await ask(choice.name))
      edges.workflow.print([choiceLine(choice, builder)])
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

/** Where the builder that is there would do too, though with less, a new one that is not to be had only costs that. */
async function create(
  {driver, spared}: Creation,
  found: Builder | undefined,
  {creating, edges}: {readonly creating: Creating; readonly edges: Edges},
): Promise<Ready> {
  const creation = await creating()
  try {
    return {builder: await creation.create(driver), isCurrent: false}
  } catch (error) {
    const isFatal = spared === undefined || found === undefined || edges.signal.aborted
    if (isFatal || !(error instanceof TagboatError)) throw error
    const {message, evidence} = error
    const reason = [message.replace(/\.$/, ''), ...evidence.slice(0, 1)].join(': ')
    const used = `"${found.name}" (${found.driver}) builds, which cannot ${formatLacks(spared)}`
    edges.workflow.warning(`There is no new builder, so ${used}. ${reason}`)
    return {builder: found, isCurrent: true}
  }
}

/** What a builder can, which one that is not running is started for. */
async function askBooted(name: string | undefined, {prepared, lent, edges}: Run): Promise<Builder> {
  const builder = await inspectBuilder(name, lent.env, edges)
  const boots = hasToBoot(builder, prepared.inputs.build.platforms)
  return boots ? inspectBuilder(builder.name, lent.env, edges, true) : builder
}

function contextOf({env, home}: LentHome): string {
  return currentContext(env, home.userConfig['currentContext'])
}

async function emulating(builder: Builder, name: string | undefined, run: Run): Promise<Builder> {
  const {inputs} = run.prepared
  if (inputs.builder.qemu !== 'always' && missingPlatforms(builder, inputs.build.platforms).length === 0) return builder
  const [{ensureEmulation}, {pullEdges}] = await Promise.all([import('./qemu.ts'), import('./builder-creation.ts')])
  const request = {
    builder,
    platforms: inputs.build.platforms,
    inputs: inputs.builder,
    retries: inputs.publish.retries,
    env: run.lent.env,
    context: contextOf(run.lent),
    askAgain: async () => inspectBuilder(name, run.lent.env, run.edges),
  }
  return ensureEmulation(request, pullEdges(run.edges))
}

const noBuilder = {name: '', driver: '', staging: 'none', platforms: []} as const
