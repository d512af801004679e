import {enableProblem, isEnable} from '../inputs/image-list.ts'
import type {ImageInput, ImageInputs, Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {formatRepository, parseRepository, type Repository} from '../oci/reference.ts'
import type {TagRule} from '../tags/rules/rule.ts'
import {Renderer} from '../tags/templates/render.ts'
import {globalValues, type ValueSources} from '../tags/templates/values.ts'
import {environmentRepository} from '../tags/variant.ts'
import type {PushDecision} from './push-decision.ts'

/** Inputs, tag rules and context of a plan. */
export interface ImagesRequest extends Omit<ValueSources, 'environment' | 'uniqueBranchTags'> {
  readonly inputs: Inputs
  readonly rules: readonly TagRule[]
  readonly push: PushDecision
}

/** Repositories of a run, without duplicates. */
interface EnabledRepositories {
  readonly repositories: readonly Repository[]
  /** Repositories that are only listed with `required=false`. */
  readonly bestEffort: readonly Repository[]
}

/** Repositories of the enabled images. Without `images`, the package of the repository at ghcr.io. */
export function enabledRepositories(
  request: ImagesRequest,
  sources: ValueSources,
  problems: Problems,
): EnabledRepositories {
  const {engine, inputs} = request
  const {image} = inputs
  if (image.images.length === 0) return {repositories: defaultRepositories(request, problems), bestEffort: []}
  const values = globalValues(sources)
  const renderer = new Renderer(engine, problems)
  const enabled = image.images.filter((one) => isEnabled(one, renderer, values, problems))
  const required = repositoriesIn(
    enabled.filter(({isBestEffort}) => isBestEffort !== true),
    image,
  )
  const names = new Set(required.map(formatRepository))
  const repositories = repositoriesIn(enabled, image)
  return {repositories, bestEffort: repositories.filter((one) => !names.has(formatRepository(one)))}
}

/** Repositories of the images, without duplicates. */
function repositoriesIn(images: readonly ImageInput[], {environment}: ImageInputs): readonly Repository[] {
  const named = images.flatMap(({repository}) =>
    repository === undefined ? [] : [environmentRepository(repository, environment)],
  )
  return unique(named, formatRepository)
}

function isEnabled(
  {enable, enableColumn = 1, line}: ImageInput,
  renderer: Renderer,
  values: ReturnType<typeof globalValues>,
  problems: Problems,
): boolean {
  const text = renderer.render(enable, values, {input: 'images', line, column: enableColumn})?.text
  if (text !== undefined && !isEnable(text)) {
    problems.add({input: 'images', line, column: enableColumn, ...enableProblem(text)})
  }
  return text === 'true'
}

/** Package of the repository at ghcr.io, for a run without `images`. Empty if all rules are whole references, which name their repositories themselves. */
function defaultRepositories({context, inputs, rules, push}: ImagesRequest, problems: Problems): readonly Repository[] {
  if (rules.length > 0 && rules.every(({kind}) => kind === 'reference')) return []
  if (push.do && context.server.url !== 'https://github.com') {
    const message = `ghcr.io, the default, is not the package registry of ${context.server.url}`
    problems.add({input: 'images', message, remedy: 'Set `images` to the name of the image.'})
  }
  const {owner, name} = context.repository
  const other = inputs.credentials.logins.find(({source, host}) => source === 'inputs' && host !== 'ghcr.io')
  if (push.do && other !== undefined) {
    const message = `it is empty, so the image is ghcr.io/${owner}/${name}; the login to ${other.host} is not for this image`
    problems.notice({input: 'images', message})
  }
  const parsed = parseRepository(`ghcr.io/${owner}/${name}`)
  if (parsed.ok) return [environmentRepository(parsed.value, inputs.image.environment)]
  problems.add({
    input: 'images',
    message: `ghcr.io/${owner}/${name}, the default, is not a valid image name: ${parsed.reason}`,
    remedy: 'Set `images` to the name of the image.',
  })
  return []
}

/** Values with different keys; of two with one key, the first. */
export function unique<T>(values: readonly T[], key: (value: T) => string): readonly T[] {
  const first = new Map<string, T>()
  for (const value of values) {
    if (!first.has(key(value))) first.set(key(value), value)
  }
  return [...first.values()]
}
