import type {InputReader} from '../input-reader.ts'
import type {ListItem} from '../syntax/lists.ts'
import {parseDuration} from './duration.ts'
import {LineAttributes, type AttributeName} from './line-attributes.ts'
import {policyTypes, type PolicyGroup, type PolicyLine, type PolicyType, type TagPattern} from './policy.ts'
import {parseGlob, parseRegex} from './tag-pattern.ts'

/** Words of other tools and of GitHub, and their types here. */
const typeAliases: Readonly<Record<string, PolicyType>> = {
  version: 'release',
  semver: 'release',
  'pre-release': 'prerelease',
  pull: 'pr',
  pull_request: 'pr',
  'pull-request': 'pr',
  sha: 'commit',
  nightly: 'schedule',
  buildcache: 'cache',
  raw: 'match',
  tag: 'match',
  ref: 'branch',
  orphaned: 'orphan',
  protect: 'keep',
}

/** Attributes of each type besides `type`, `images` and `enable`. */
const typeAttributes: Readonly<Record<PolicyType, readonly AttributeName[]>> = {
  release: ['older-than', 'keep', 'per', 'pattern', 'regex'],
  prerelease: ['older-than', 'keep', 'per', 'pattern', 'regex'],
  branch: ['older-than', 'keep', 'gone', 'pattern', 'regex'],
  pr: ['older-than', 'keep', 'gone', 'pattern', 'regex'],
  commit: ['older-than', 'keep', 'pattern', 'regex'],
  schedule: ['older-than', 'keep', 'pattern', 'regex'],
  cache: ['older-than', 'keep', 'gone', 'pattern', 'regex'],
  match: ['older-than', 'keep', 'pattern', 'regex'],
  untagged: ['older-than', 'keep'],
  orphan: ['older-than', 'keep'],
  keep: ['pattern', 'regex'],
}

const groups: readonly PolicyGroup[] = ['minor', 'major', 'variant', 'component']

/** Maximum of `keep`. */
export const maxKept = 1_000_000

/** Reads a line of `policy`. Undefined if it is disabled, or not valid, with its problems. */
export function readPolicyLine(item: ListItem, reader: InputReader): PolicyLine | undefined {
  const attributes = new LineAttributes(item, reader)
  if (!attributes.has('type') && attributes.isValid)
    attributes.reject(undefined, '`type` is missing', `Write type= with one of: ${policyTypes.join(', ')}.`)
  const type = attributes.oneOf('type', policyTypes, typeAliases)
  if (type !== undefined) checkAttributes(type, attributes)
  const line = {
    line: item.number,
    text: item.text,
    ...olderThanOf(attributes),
    ...keepOf(attributes),
    ...goneOf(attributes),
    ...patternOf(attributes),
    ...imagesOf(attributes),
  }
  const enable = attributes.oneOf('enable', ['true', 'false'])
  return type === undefined || !attributes.isValid || enable === 'false' ? undefined : {type, ...line}
}

function checkAttributes(type: PolicyType, attributes: LineAttributes): void {
  const allowed = typeAttributes[type]
  for (const name of ['older-than', 'keep', 'per', 'gone', 'pattern', 'regex'] as const) {
    const attribute = attributes.find(name)
    if (attribute !== undefined && !allowed.includes(name))
      attributes.reject(attribute, `\`${name}\` has no meaning with type=${type}`, remedyFor(name))
  }
  // An attribute that is not valid may be the missing one.
  if (!attributes.isValid) return
  const hasPattern = attributes.has('pattern') || attributes.has('regex')
  if ((type === 'match' || type === 'keep') && !hasPattern)
    attributes.reject(undefined, `type=${type} has no pattern`, 'Add pattern= or regex=.')
  const isLimited = hasPattern || (['older-than', 'keep', 'gone'] as const).some((name) => attributes.has(name))
  if (!isLimited && allowed.includes('pattern') && type !== 'match' && type !== 'keep')
    attributes.reject(
      undefined,
      'it would delete every tag of its type',
      `Add older-than=, keep=${allowed.includes('gone') ? ', gone=true' : ''} or pattern=.`,
    )
}

function remedyFor(name: AttributeName): string {
  const types = policyTypes.filter((type) => typeAttributes[type].includes(name))
  return `Remove it: only ${types.map((type) => `type=${type}`).join(', ')} ${types.length === 1 ? 'has' : 'have'} it.`
}

function olderThanOf(attributes: LineAttributes): Pick<PolicyLine, 'olderThanMs'> {
  const attribute = attributes.find('older-than')
  if (attribute === undefined) return {}
  const parsed = parseDuration(attribute.value)
  if (parsed.ok) return {olderThanMs: parsed.ms}
  attributes.reject(attribute, parsed.reason, parsed.remedy)
  return {}
}

function keepOf(attributes: LineAttributes): Pick<PolicyLine, 'keep' | 'per'> {
  const attribute = attributes.find('keep')
  const per = attributes.oneOf('per', groups)
  if (attribute === undefined) {
    if (attributes.has('per'))
      attributes.reject(attributes.find('per'), '`per` needs `keep`', 'Add keep=, such as keep=5.')
    return {}
  }
  const keep = /^\d{1,7}$/.test(attribute.value) ? Number(attribute.value) : Number.NaN
  if (!(keep <= maxKept)) {
    const reason = `"${attribute.value}" is not a whole number from 0 to ${maxKept}`
    attributes.reject(attribute, reason, 'Write how many stay, such as keep=5.')
    return {}
  }
  return {keep, ...(per === undefined ? {} : {per})}
}

function goneOf(attributes: LineAttributes): Pick<PolicyLine, 'isGone'> {
  const attribute = attributes.find('gone')
  if (attribute === undefined) return {}
  if (attribute.value !== 'true')
    attributes.reject(attribute, `"${attribute.value}" is not a value of \`gone\``, 'Write gone=true, or remove it.')
  return {isGone: true}
}

function patternOf(attributes: LineAttributes): {readonly pattern?: TagPattern} {
  const [glob, regex] = [attributes.find('pattern'), attributes.find('regex')]
  if (glob !== undefined && regex !== undefined)
    attributes.reject(regex, '`regex` cannot be combined with `pattern`', 'Write two lines, or remove one of them.')
  const attribute = glob ?? regex
  if (attribute === undefined) return {}
  const parsed = glob === undefined ? parseRegex(attribute.value) : parseGlob(attribute.value)
  if (parsed.ok) return {pattern: parsed.pattern}
  attributes.reject(attribute, parsed.reason, parsed.remedy, parsed.offset)
  return {}
}

/** Globs in `images`, separated by spaces, or by commas if the attribute is quoted. */
function imagesOf(attributes: LineAttributes): Pick<PolicyLine, 'images'> {
  const attribute = attributes.find('images')
  if (attribute === undefined) return {}
  const images = attribute.value.split(/[\s,]+/).filter((text) => text !== '')
  const wrong = images.find(
    (image) => !/^[a-z0-9*?][a-z0-9*?._/:-]*$/.test(image) || /:[^/]*$/.test(image.replace(/^[^/]*\//, '')),
  )
  if (wrong !== undefined)
    attributes.reject(
      attribute,
      `"${wrong}" is not a pattern of image names`,
      'Write names such as ghcr.io/acme/*, in lower case and without a tag.',
    )
  return {images}
}
