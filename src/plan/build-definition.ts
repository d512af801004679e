import {digestOf} from '../oci/digest.ts'

/**
 * Inputs that determine the content of an image: `target`, `file`, `context`, `variant`, `around`, `platforms`,
 * `arg:NAME`, `context:NAME`, `output:NAME`. A part that was not given is absent. Names and values are encoded, so that
 * they can be shown.
 */
export type BuildDefinition = ReadonlyMap<string, string>

/** `platforms` are those of the inputs; `platform` is the default platform of the builder. */
type PlatformPart = 'platforms' | 'platform'

export interface Difference {
  readonly name: string
  readonly current: string | undefined
  readonly thisRun: string | undefined
}

/** Commits of other repositories that the build read, such as that of the checkout around a packaged repository. */
export const aroundPart = 'around'

/** Longer names and values are replaced by their hash. */
const maxValue = 200
/** Longer definitions have one hash for all build arguments and build contexts. */
const maxText = 4000

/** Formats a definition, sorted so that equal definitions are equal texts: `context=. file=Dockerfile target=app`. */
export function formatDefinition(parts: readonly (readonly [name: string, value: string])[]): string {
  const encoded = parts.map(([name, value]) => [short(encode(name)), short(encode(value))] as const)
  const text = joined(encoded)
  if (text.length <= maxText) return text
  const isListed = ([name]: readonly [string, string]): boolean => /^(?:arg|context):/.test(name)
  const others = encoded.filter((part) => !isListed(part))
  return joined([...others, ['args', shortHash(joined(encoded.filter(isListed)))]])
}

function joined(parts: readonly (readonly [string, string])[]): string {
  return [...new Map(parts)]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ')
}

/** Short hash: long enough to distinguish values, too short to identify a secret. */
export function shortHash(text: string): string {
  return `~${digestOf(new TextEncoder().encode(text)).slice('sha256:'.length, 'sha256:'.length + 8)}`
}

function short(text: string): string {
  return text.length > maxValue ? shortHash(text) : text
}

function encode(text: string): string {
  return text.toWellFormed().replace(/[^\x21-\x7e]|[%=]/gu, encodeURIComponent)
}

/** Parses untrusted text. The result can be shown: it has no control characters and no long values. */
export function parseDefinition(text: string): BuildDefinition {
  return new Map(
    text
      .split(/\s+/)
      .filter((part) => part.includes('='))
      .map((part): [string, string] => {
        const equals = part.indexOf('=')
        return [short(printable(part.slice(0, equals))), short(printable(part.slice(equals + 1)))]
      }),
  )
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?')
}

/**
 * Differences of two definitions, ordered by name. Platforms are compared when both state them.
 * @param isPart whether this run builds one of the images that `mergeDefinitions` may have combined into the current one.
 */
export function differencesOf(
  current: BuildDefinition,
  thisRun: BuildDefinition,
  isPart = false,
): readonly Difference[] {
  const names = [...new Set([...current.keys(), ...thisRun.keys()])].filter((name) => !isPlatformPart(name)).sort()
  const [currentPlatforms, newPlatforms] = [platformsIn(current), platformsIn(thisRun)]
  const arePlatformsEqual =
    currentPlatforms === undefined ||
    newPlatforms === undefined ||
    (isPart
      ? newPlatforms.every((platform) => currentPlatforms.includes(platform))
      : currentPlatforms.join(',') === newPlatforms.join(','))
  const isEqual = isPart ? isMergedFrom : isSame
  return [
    ...names
      .map((name) => ({name, current: current.get(name), thisRun: thisRun.get(name)}))
      .filter((difference) => !isEqual(difference.current, difference.thisRun)),
    ...(arePlatformsEqual
      ? []
      : [{name: 'platforms', current: currentPlatforms.join(','), thisRun: newPlatforms.join(',')}]),
  ]
}

function isSame(current: string | undefined, thisRun: string | undefined): boolean {
  return current === thisRun
}

/** Reports whether a value is one of those that were merged. */
function isMergedFrom(current = '', thisRun = ''): boolean {
  return current.split('|').includes(thisRun)
}

/** Reports whether an image lacks platforms that the inputs of this run name, and is equal in all other parts. */
export function lacksPlatformsOnly(current: BuildDefinition, thisRun: BuildDefinition, isPart = false): boolean {
  const [difference, ...others] = differencesOf(current, thisRun, isPart)
  if (difference?.name !== 'platforms' || others.length > 0) return false
  const currentPlatforms = platformsIn(current) ?? []
  return (thisRun.get('platforms')?.split(',') ?? []).some((platform) => !currentPlatforms.includes(platform))
}

/**
 * Merges the definitions of several images into that of their index. Parts may differ between platforms. Undefined if
 * one of the images does not state its definition.
 */
export function mergeDefinitions(texts: readonly (string | undefined)[]): string | undefined {
  const all = texts.flatMap((text) => (text === undefined ? [] : [parseDefinition(text)]))
  const [first] = all
  if (first === undefined || all.length < texts.length) return undefined
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))].filter((name) => !isPlatformPart(name))
  const parts = names.map((name): [string, string] => {
    const values = [...new Set(all.map((one) => one.get(name) ?? ''))].sort()
    return [name, short(values.join('|'))]
  })
  const platforms = all.map(platformsIn)
  const known = platforms.every((list) => list !== undefined)
  const union = [...new Set(platforms.flatMap((list) => list ?? []))].sort().join(',')
  return joined([...parts, ...(known ? [[platformName(all), short(union)] as const] : [])])
}

function platformName(all: readonly BuildDefinition[]): PlatformPart {
  return all.length > 1 || all.some((one) => one.has('platforms')) ? 'platforms' : 'platform'
}

function isPlatformPart(name: string): name is PlatformPart {
  return name === 'platforms' || name === 'platform'
}

function platformsIn(definition: BuildDefinition): readonly string[] | undefined {
  const text = definition.get('platforms') ?? definition.get('platform')
  return text === undefined ? undefined : [...new Set(text.split(','))].sort()
}

/** Reports whether two images of one commit were built from different commits of other repositories. */
export function differAround(current: string | undefined, thisRun: string | undefined): boolean {
  if (current === undefined || thisRun === undefined) return false
  return parseDefinition(current).get(aroundPart) !== parseDefinition(thisRun).get(aroundPart)
}

/** One side of a difference for an error, such as `target rootless`. Values of build arguments are never shown. */
export function describePart(name: string, value: string | undefined): string {
  const colon = name.indexOf(':')
  const [kind, of] = colon === -1 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)]
  const what = of === '' ? (kinds.get(name) ?? name) : `${kinds.get(`${kind}:`) ?? kind} ${of}`
  if (value === undefined) return name === 'target' ? 'no target (the last stage)' : `no ${what}`
  if (kind === 'arg') return `${what} (value ${value})`
  if (name === 'platforms') return `${value.includes(',') ? 'platforms' : 'platform'} ${value.replaceAll(',', ', ')}`
  return of === '' ? `${what} ${value}` : `${what} (${value})`
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['arg:', 'build argument'],
  ['args', 'build arguments and contexts'],
  [aroundPart, 'packaging commit'],
  ['context:', 'build context'],
])

/** Formats the tags that an image states for later runs. Empty if there are none, or too many for the text. */
export function formatTagNames(names: readonly string[]): string {
  const text = [...new Set(names)].sort().join(',')
  return text.length > maxText ? '' : text
}

export function parseTagNames(text: string): readonly string[] {
  return text.split(',').filter((name) => /^\w[\w.-]{0,127}$/.test(name))
}
