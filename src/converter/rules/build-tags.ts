import {roleOfText} from '../../tags/outcome.ts'
import type {JobModel, JobStep} from '../job-model.ts'
import {inputText, resolved} from '../job-model.ts'
import {onlyOutput} from './references.ts'

/** Lines of `tags` of docker/build-push-action: those of metadata steps, and references. */
interface BuildTags {
  /** Metadata steps that give tags. */
  readonly metadata: readonly JobStep[]
  /** Other lines. */
  readonly references: readonly string[]
  /** Expressions over metadata and something else. */
  readonly mixed: readonly string[]
}

/** Divides the tags of a build. A comma separates them too. */
export function buildTags(model: JobModel, build: JobStep): BuildTags {
  const metadata: JobStep[] = []
  const references: string[] = []
  const mixed: string[] = []
  for (const line of tagLines(inputText(build, 'tags'))) {
    const source = metadataOf(model, build, line)
    if (source !== undefined) metadata.push(source)
    else if (readsMetadata(model, line)) mixed.push(line)
    else references.push(line)
  }
  return {metadata: [...new Set(metadata)], references, mixed}
}

/** Metadata step whose output `tags` is the whole line. */
function metadataOf(model: JobModel, build: JobStep, line: string): JobStep | undefined {
  const before = model.steps.filter(({kind, index}) => kind === 'metadata' && index < build.index)
  if (/^\$\{\{\s*env\.DOCKER_METADATA_OUTPUT_TAGS\s*\}\}$/.test(line)) return before.at(-1)
  const read = onlyOutput(line)
  return read?.output === 'tags' ? before.find(({step}) => step.id?.text === read.id) : undefined
}

function readsMetadata(model: JobModel, line: string): boolean {
  const ids = model.steps.flatMap(({kind, step}) =>
    kind === 'metadata' && step.id !== undefined ? [step.id.text] : [],
  )
  return (
    ids.some((id) => line.includes(`steps.${id}.`) || line.includes(`'${id}'`)) ||
    line.includes('DOCKER_METADATA_OUTPUT')
  )
}

/** Lines of a list whose items are separated by line breaks and commas, except within expressions. */
export function tagLines(text: string): readonly string[] {
  const items = text.split(/(\$\{\{.*?\}\})/s).flatMap((piece, at) => (at % 2 === 1 ? [piece] : piece.split(/([\n,])/)))
  return items
    .reduce<string[]>(
      (lines, item) => {
        if (item === '\n' || item === ',') return [...lines, '']
        return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${item}`]
      },
      [''],
    )
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Line of `tags` for a reference. A name without a tag means `latest`. */
interface ReferenceLine {
  readonly text: string
  /** Whether the line is an expression that may contain anything. */
  readonly unknown: boolean
  /** Whether its tag is a full version. */
  readonly exact: boolean
  /** Whether its tag comes from an expression that may be a full version. */
  readonly mayBeExact: boolean
}

/** Converts a line with a reference. */
export function referenceLine(line: string, env: ReadonlyMap<string, string>): ReferenceLine {
  const known = withKnownNames(resolved(line, env))
  const last = known.slice(lastSlash(known) + 1)
  const literal = last.replaceAll(expression, '')
  if (literal.includes(':')) {
    const tag = last.slice(last.indexOf(':') + 1)
    const isUnknown = /\$\{\{[^}]*\b(?:steps|needs|inputs|vars|env|github\.event\.inputs)\./.test(tag)
    const exact = !tag.includes('${{') && roleOfText(tag).kind === 'release'
    return {text: line, unknown: false, exact, mayBeExact: isUnknown}
  }
  const unknown = last.includes('${{')
  return {text: unknown ? line : `${line}:latest`, unknown, exact: false, mayBeExact: false}
}

const expression = /\$\{\{.*?\}\}/gs

/** Last slash outside of expressions. */
function lastSlash(text: string): number {
  return text.replaceAll(expression, (found) => 'x'.repeat(found.length)).lastIndexOf('/')
}

/** Replaces expressions whose value contains no colon. */
function withKnownNames(text: string): string {
  return text.replaceAll(
    /\$\{\{\s*github\.(?:repository|repository_owner|actor|event\.repository\.name)\s*\}\}/g,
    'name',
  )
}
