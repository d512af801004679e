import {inputText, linesOf, type JobStep} from '../job-model.ts'

const standardNames = ['created', 'description', 'licenses', 'revision', 'source', 'title', 'url', 'version'].map(
  (name) => `org.opencontainers.image.${name}`,
)

interface Steps {
  readonly build: JobStep
  readonly meta: JobStep
  readonly env: ReadonlyMap<string, string>
}

/**
 * Fate of a label or annotation that a build names before those of the metadata. Buildx takes the last one of a name, so
 * it is `replaced` if the metadata has it; `unknown` if the names cannot be compared.
 */
export function labelOrder(
  line: string,
  name: 'labels' | 'annotations',
  {build, meta, env}: Steps,
): 'replaced' | 'kept' | 'unknown' {
  const {levels, key} = parsed(line, name)
  const others = linesOf(inputText(meta, name)).map((one) => keyOf(one))
  if (key.includes('{{') || others.some((other) => other.includes('{{'))) return 'unknown'
  if (![...standardNames, ...others].includes(key)) return 'kept'
  const isDefault = levels === '' || levels === 'manifest'
  const variable = 'DOCKER_METADATA_ANNOTATIONS_LEVELS'
  const hasLevels = env.has(variable) || meta.step.env.has(variable) || build.step.env.has(variable)
  return name === 'labels' || (isDefault && !hasLevels) ? 'replaced' : 'unknown'
}

/** Name of a label or annotation, and the levels before an annotation: `index,manifest:key=value`. */
function parsed(line: string, name: string): {readonly levels: string; readonly key: string} {
  const key = keyOf(line)
  const colon = key.indexOf(':')
  if (name === 'labels' || colon === -1) return {levels: '', key}
  return {levels: key.slice(0, colon).trim(), key: key.slice(colon + 1)}
}

function keyOf(line: string): string {
  const at = line.indexOf('=')
  return (at === -1 ? line : line.slice(0, at)).trim()
}
