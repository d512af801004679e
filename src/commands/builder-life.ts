import {chooseBuilder, choiceLine, engineBuilder, needsOf, settledChoice} from '../buildx/choose-builder.ts'
import type {Builder} from '../buildx/inspect.ts'
import {ensureEmulation} from '../builder/qemu.ts'
import type {BuilderName} from '../buildx/progress.ts'
import {TagboatError} from '../errors/error.ts'
import {inspectBuilder} from '../stage/build.ts'
import {BuilderCreation, pullEdges, type Run} from './builder-creation.ts'
import type {Edges} from './edges.ts'
import type {LentHome} from './home.ts'
import type {Prepared} from './prepare.ts'

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
  const creation = new BuilderCreation({prepared, lent, edges})
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
      const {builder, isCurrent} = await choose({prepared, lent, edges}, creation)
      name = isCurrent ? undefined : builder.name
      chosen = {name: builder.name, driver: builder.driver}
      features = await emulating(builder, name, {prepared, lent, edges})
      return features
    },
    retire: () => void creation.remove(),
    [Symbol.asyncDispose]: async () => creation.end(),
  }
}

interface Ready {
  readonly builder: Builder
  /** It needs no name to be found. */
  readonly isCurrent: boolean
}

async function choose({prepared, lent, edges}: Run, creation: BuilderCreation): Promise<Ready> {
  const {inputs, plan} = prepared
  const {driver} = inputs.builder
  const ask = async (name: string | undefined): Promise<Builder> => inspectBuilder(name, lent.env, edges)
  const settled = settledChoice(inputs.builder, inputs.build.builder)
  const found = settled === undefined ? await ask(driver === 'docker' ? engineBuilder : undefined) : undefined
  const choice =
    settled ??
    chooseBuilder(driver === 'docker' ? driver : 'auto', found ?? noBuilder, needsOf(inputs.build, plan.push.do))
  switch (choice.kind) {
    case 'refuse': {
      const {message, evidence, remedy} = choice
      throw new TagboatError('builder-unsuited', {message, evidence: [evidence], remedy})
    }
    case 'create':
      edges.workflow.print([choiceLine(choice, found)])
      return {builder: await creation.create(choice.driver), isCurrent: false}
    case 'use': {
      const builder = found ?? (await ask(choice.name))
      edges.workflow.print([choiceLine(choice, builder)])
      return {builder, isCurrent: choice.name === undefined}
    }
  }
}

async function emulating(builder: Builder, name: string | undefined, run: Run): Promise<Builder> {
  const {inputs} = run.prepared
  const request = {
    builder,
    platforms: inputs.build.platforms,
    inputs: inputs.builder,
    retries: inputs.publish.retries,
    env: run.lent.env,
    askAgain: async () => inspectBuilder(name, run.lent.env, run.edges),
  }
  return ensureEmulation(request, pullEdges(run.edges))
}

const noBuilder = {name: '', driver: '', staging: 'none', platforms: []} as const
