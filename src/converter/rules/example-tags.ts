import {matrixValues} from '../digests/find-joins.ts'
import {inputText, linesOf, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {defaultRules} from '../metadata/tag-rules.ts'
import {writtenAttributes} from '../metadata/written-attributes.ts'

interface Flavor {
  readonly latest: string
  readonly prefix: string
  readonly suffix: string
  readonly latestPrefix: string
  readonly latestSuffix: string
}

type ValueOf = (key: string) => string | undefined

/** Examples of the tags that a metadata step can give, to compare them with those of another step. */
export function exampleTags(model: JobModel, meta: JobStep): readonly string[] {
  const flavor = readFlavor(knownLines(model, meta, 'flavor'))
  const written = knownLines(model, meta, 'tags')
  const rules = written.length === 0 ? defaultRules : written
  const tags = rules.flatMap((rule) => {
    const value = attributesOf(rule)
    const text = exampleOf(rule, value)
    return text === undefined ? [] : [`${value('prefix') ?? flavor.prefix}${text}${value('suffix') ?? flavor.suffix}`]
  })
  const givesLatest = rules.some((rule) => isForVersions(attributesOf(rule)))
  const hasLatest = flavor.latest === 'true' || (flavor.latest === 'auto' && givesLatest)
  return hasLatest ? [...tags, `${flavor.latestPrefix}latest${flavor.latestSuffix}`] : tags
}

function attributesOf(line: string): ValueOf {
  return writtenAttributes(line)?.value ?? (() => undefined)
}

/** Lines of an input. A line that is a value of the matrix represents all of its values. */
export function knownLines(model: JobModel, meta: JobStep, name: string): readonly string[] {
  return linesOf(resolved(inputText(meta, name), model.env)).flatMap((line) => {
    const key = /^\$\{\{\s*matrix\.(?<key>[\w.-]+)\s*\}\}$/.exec(line)?.groups?.['key']
    const values = key === undefined ? undefined : matrixValues(model.job.matrix, key.split('.'))
    return values?.flatMap(linesOf) ?? [line]
  })
}

function isForVersions(value: ValueOf): boolean {
  const type = value('type') ?? ''
  return ['semver', 'pep440', 'match'].includes(type) || (type === 'ref' && value('event') === 'tag')
}

function exampleOf(rule: string, value: ValueOf): string | undefined {
  switch (value('type')) {
    case 'semver':
    case 'pep440':
      return versionExample(value('pattern') ?? '{{version}}')
    case 'ref':
      return {branch: 'main', tag: 'v1.2.3', pr: 'pr-42'}[value('event') ?? '']
    case 'match':
      return `match of ${value('pattern') ?? ''}`
    case 'sha':
      return `${value('prefix') === undefined ? 'sha-' : ''}860c190`
    case 'schedule':
      return value('pattern') ?? 'nightly'
    case 'edge':
      return 'edge'
    default:
      return value('value') ?? (value('type') === undefined ? rule : undefined)
  }
}

function versionExample(pattern: string): string {
  const pieces: Readonly<Record<string, string>> = {version: '1.2.3', raw: '1.2.3', major: '1', minor: '2', patch: '3'}
  return pattern.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => pieces[name] ?? whole)
}

/** Reads the lines of `flavor`. */
export function readFlavor(lines: readonly string[]): Flavor {
  const found = {latest: 'auto', prefix: '', suffix: '', latestPrefix: '', latestSuffix: ''}
  for (const line of lines) {
    const value = attributesOf(line)
    const isOnLatest = value('onlatest') === 'true'
    found.latest = value('latest') ?? found.latest
    found.prefix = value('prefix') ?? found.prefix
    found.suffix = value('suffix') ?? found.suffix
    if (isOnLatest && value('prefix') !== undefined) found.latestPrefix = found.prefix
    if (isOnLatest && value('suffix') !== undefined) found.latestSuffix = found.suffix
  }
  return found
}
