import {parseAttributes} from '../../inputs/syntax/attributes.ts'
import {inputText, linesOf, resolved, type JobModel, type JobStep} from '../job-model.ts'
import {defaultRules} from './tag-rules.ts'

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
  const flavor = readFlavor(linesOf(resolved(inputText(meta, 'flavor'), model.env)))
  const written = linesOf(resolved(inputText(meta, 'tags'), model.env))
  const rules = written.length === 0 ? defaultRules : written
  const tags = rules.flatMap((rule) => {
    const value = attributesOf(rule)
    const text = exampleOf(value)
    return text === undefined ? [] : [`${value('prefix') ?? flavor.prefix}${text}${value('suffix') ?? flavor.suffix}`]
  })
  const givesLatest = rules.some((rule) => isForVersions(attributesOf(rule)))
  const hasLatest = flavor.latest === 'true' || (flavor.latest === 'auto' && givesLatest)
  return hasLatest ? [...tags, `${flavor.latestPrefix}latest${flavor.latestSuffix}`] : tags
}

function attributesOf(line: string): ValueOf {
  const parsed = parseAttributes(line)
  return (key) => (parsed.ok ? parsed.attributes.find(({name}) => name?.toLowerCase() === key)?.value : undefined)
}

function isForVersions(value: ValueOf): boolean {
  const type = value('type') ?? ''
  return ['semver', 'pep440', 'match'].includes(type) || (type === 'ref' && value('event') === 'tag')
}

function exampleOf(value: ValueOf): string | undefined {
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
      return value('value')
  }
}

function versionExample(pattern: string): string {
  const pieces: Readonly<Record<string, string>> = {version: '1.2.3', raw: '1.2.3', major: '1', minor: '2', patch: '3'}
  return pattern.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => pieces[name] ?? whole)
}

function readFlavor(lines: readonly string[]): Flavor {
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
