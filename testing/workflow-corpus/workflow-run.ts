import {parse} from 'yaml'
import type {SimulatedEvent} from '../../src/simulation/events/event-choice.ts'
import {labelsOf, lines, type About, type ExpectedImage, type ExpectedMetadata, type ExpectedRun} from './corpus.ts'
import {condition, evaluated, type Contexts} from './expressions.ts'
import type {RunMetadata, StepOutputs} from './metadata-action.ts'
import type {RunTagboat} from './tagboat-step.ts'

interface Step {
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly if?: string
  readonly env?: Readonly<Record<string, unknown>>
  readonly strategy?: {readonly matrix?: unknown}
  readonly steps?: readonly Step[]
}

interface WorkflowText {
  readonly env?: Readonly<Record<string, unknown>>
  readonly jobs?: Readonly<Record<string, Job>>
  /** Steps of a composite action. */
  readonly runs?: Job
}

type Leg = Readonly<Record<string, unknown>>

/** Actions whose steps are run. Without one, its steps are an error. */
export interface RunActions {
  readonly metadata?: RunMetadata
  readonly tagboat?: RunTagboat
}

/** Workflow and what a run of it depends on. */
export interface WorkflowRun {
  readonly text: string
  readonly about: About
  readonly event: SimulatedEvent
  readonly actions: RunActions
  /** Jobs to run. Default: all. */
  readonly only?: (job: string) => boolean
}

/** Runs the steps of a workflow that decide about tags. Nothing is built. */
export async function runWorkflow(run: WorkflowRun): Promise<ExpectedRun> {
  const {
    env = {},
    runs,
    jobs = runs === undefined ? {} : {action: runs},
  } = parse(run.text, {merge: true}) as WorkflowText
  const images: ExpectedImage[] = []
  const metadata: ExpectedMetadata[] = []
  for (const [id, job] of Object.entries(jobs)) {
    if (run.only?.(id) === false) continue
    for (const leg of legsOf(job.strategy?.matrix)) {
      const state = new JobRun(run, {id, leg, env: {...env, ...job.env}})
      if (condition(job.if, state.contexts)) await state.steps(job.steps ?? [])
      images.push(...state.images)
      metadata.push(...state.metadata)
    }
  }
  return {images, metadata}
}

/** Combinations of a matrix. One that is an expression has none. */
export function legsOf(matrix: unknown): readonly Leg[] {
  if (matrix === undefined) return [{}]
  if (typeof matrix !== 'object' || matrix === null) return []
  const {include = [], ...axes} = matrix as Readonly<Record<string, unknown>>
  if (!Object.values(axes).every((axis) => Array.isArray(axis))) return []
  const legs = Object.entries(axes).reduce<readonly Leg[]>(
    (found, [name, values]) => found.flatMap((leg) => (values as unknown[]).map((value) => ({...leg, [name]: value}))),
    [{}],
  )
  return Object.keys(axes).length > 0 ? legs : (include as readonly Leg[])
}

interface JobStart {
  readonly id: string
  readonly leg: Leg
  readonly env: Readonly<Record<string, unknown>>
}

/** One run of a job. */
class JobRun {
  readonly images: ExpectedImage[] = []
  readonly metadata: ExpectedMetadata[] = []
  contexts: Contexts
  readonly #run: WorkflowRun
  readonly #job: JobStart
  readonly #outputs: Record<string, {outputs: StepOutputs}> = {}
  #exported: Record<string, string> = {}

  constructor(run: WorkflowRun, job: JobStart) {
    this.#run = run
    this.#job = job
    this.contexts = this.#contextsOf({})
    this.contexts = this.#contextsOf(this.#texts(job.env))
  }

  async steps(steps: readonly Step[]): Promise<void> {
    const base = this.#texts(this.#job.env)
    for (const step of steps) {
      const given = namedValues(this.#run.about.values, 'env')
      this.contexts = this.#contextsOf({...base, ...given, ...this.#exported})
      const env = {...base, ...given, ...this.#exported, ...this.#texts(step.env ?? {})}
      this.contexts = this.#contextsOf(env)
      if (condition(step.if, this.contexts)) await this.#step(step, env)
    }
  }

  async #step(step: Step, env: Readonly<Record<string, string>>): Promise<void> {
    const {id = '', uses = '', run = ''} = step
    const given = namedValues(this.#run.about.values, `steps.${id}.outputs`)
    if (id !== '') this.#outputs[id] = {outputs: given}
    if (/^(?:docker\/metadata-action|crazy-max\/ghaction-docker-meta)@/.test(uses))
      await this.#recordMetadata(step, env)
    else if (uses.startsWith('docker/build-push-action@')) this.#build(step)
    else if (/^tagboat\/tagboat(?:\/\w+)?@/.test(uses)) await this.#tagboat(step, env)
    else if (run.includes('imagetools create')) this.#join(evaluated(run, this.contexts), env)
  }

  async #recordMetadata(step: Step, env: Readonly<Record<string, string>>): Promise<void> {
    const {metadata} = this.#run.actions
    if (metadata === undefined) throw new Error(`The job ${this.#job.id} still has metadata of Docker`)
    const outputs = await metadata(this.#texts(step.with ?? {}), env, this.#run.event)
    const id = step.id ?? ''
    this.#outputs[id] = {outputs}
    for (const [name, value] of Object.entries(outputs))
      this.#exported = {
        ...this.#exported,
        [`DOCKER_METADATA_OUTPUT_${name.replaceAll(/\W/g, '_').toUpperCase()}`]: value,
      }
    this.metadata.push({job: this.#job.id, id, tags: lines(outputs['tags']), version: outputs['version'] ?? ''})
  }

  #build(step: Step): void {
    const inputs = this.#texts(step.with ?? {})
    const outputs = inputs['outputs'] ?? ''
    const byDigest = outputs.includes('push-by-digest=true')
    const version = this.#versionOf(step.with?.['tags'])
    const args = lines(inputs['build-args'])
    this.images.push({
      ...this.#place(),
      tags: byDigest ? [] : lines(inputs['tags']?.replaceAll(',', '\n')).map(withTag),
      push: inputs['push'] === 'true' || /push=true|type=registry/.test(outputs),
      ...(version !== undefined && {version}),
      labels: labelsOf(inputs['labels']),
      ...(args.length > 0 && {buildArgs: args}),
      ...(byDigest && {byDigest}),
    })
    if (step.id !== undefined) this.#outputs[step.id] = {outputs: {digest: `sha256:${'0'.repeat(64)}`}}
  }

  async #tagboat(step: Step, env: Readonly<Record<string, string>>): Promise<void> {
    const {tagboat} = this.#run.actions
    if (tagboat === undefined) throw new Error(`The job ${this.#job.id} has a step of Tagboat`)
    const {event, about} = this.#run
    const inputs = this.#texts(step.with ?? {})
    const {image, outputs} = await tagboat({uses: step.uses ?? '', inputs, env, event, files: about.files ?? {}})
    if (step.id !== undefined) this.#outputs[step.id] = {outputs}
    if (inputs['dry-run'] !== 'true') this.images.push({...this.#place(), ...image})
    else this.metadata.push({job: this.#job.id, id: step.id ?? '', tags: image.tags, version: image.version ?? ''})
  }

  /** Command that joins digests. Its tags are written, or those of the metadata. */
  #join(command: string, env: Readonly<Record<string, string>>): void {
    const json = env['DOCKER_METADATA_OUTPUT_JSON']
    const [line = ''] = /imagetools create.*$/m.exec(command) ?? []
    const written = [...line.matchAll(/ -t (\S+:\S+)/g)].map(([, tag = '']) => tag)
    const fromMetadata = command.includes('DOCKER_METADATA_OUTPUT_JSON') && json !== undefined
    const version = env['DOCKER_METADATA_OUTPUT_VERSION']
    this.images.push({
      ...this.#place(),
      tags: fromMetadata ? (JSON.parse(json) as {tags: string[]}).tags : written,
      push: true,
      ...(fromMetadata && version !== undefined && {version}),
      labels: {},
    })
  }

  /** Version of the metadata step that an input refers to. */
  #versionOf(input: unknown): string | undefined {
    const text = typeof input === 'string' ? input : ''
    const [, id] = /steps(?:\.|\[')([\w-]+)(?:'\])?\.outputs\.tags/.exec(text) ?? []
    return id === undefined ? undefined : this.#outputs[id]?.outputs['version']
  }

  #place(): Pick<ExpectedImage, 'job' | 'matrix'> {
    const {id, leg} = this.#job
    return {job: id, ...(Object.keys(leg).length > 0 && {matrix: leg})}
  }

  #texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, evaluated(String(value), this.contexts)]),
    )
  }

  #contextsOf(env: Readonly<Record<string, string>>): Contexts {
    const {event, about, text} = this.#run
    const {leg} = this.#job
    return {
      github: event.github,
      env,
      matrix: leg,
      steps: this.#outputs,
      needs: {},
      inputs:
        isCalled(text) || event.github['event_name'] === 'workflow_dispatch'
          ? {...inputDefaults(text), ...about.inputs}
          : {},
      secrets: placeholders(text, 'secrets', about),
      vars: placeholders(text, 'vars', about),
      runner: {os: 'Linux', arch: 'X64', temp: '/github/temp'},
      strategy: {'job-index': 0},
    }
  }
}

/** Reports whether another workflow runs this one, with inputs for every event. */
function isCalled(text: string): boolean {
  const {on} = parse(text) as {on?: unknown}
  return on === undefined || (typeof on === 'object' && on !== null && 'workflow_call' in on)
}

function inputDefaults(text: string): Readonly<Record<string, unknown>> {
  const {on} = parse(text) as {on?: unknown}
  const trigger = (
    on as Readonly<Record<string, {inputs?: Readonly<Record<string, {default?: unknown}>>}>> | undefined
  )?.['workflow_dispatch']
  return Object.fromEntries(Object.entries(trigger?.inputs ?? {}).map(([name, input]) => [name, input.default ?? '']))
}

/** Texts in place of secrets or variables: those of `about.json`, or else one that names what is missing. */
function placeholders(text: string, context: string, {values}: About): Readonly<Record<string, string>> {
  const names = [...text.matchAll(new RegExp(String.raw`\b${context}\.([\w-]+)`, 'g'))].map(([, name = '']) => name)
  return {...Object.fromEntries(names.map((name) => [name, `${context}-${name}`])), ...namedValues(values, context)}
}

/** Values below a context, by the rest of their names. */
export function namedValues(values: About['values'], context: string): Readonly<Record<string, string>> {
  const entries = Object.entries(values ?? {}).filter(([name]) => name.startsWith(`${context}.`))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(context.length + 1), value]))
}

/** Docker adds `latest` to a name without a tag. */
function withTag(reference: string): string {
  return /:[^/]+$/.test(reference) ? reference : `${reference}:latest`
}
