import type {ImageFacts} from '../../oci/image-facts.ts'
import type {PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import type {Version, VersionAffixes} from '../../tags/tag-role.ts'
import {beginsWithYear} from '../../tags/versions/numeric-version.ts'
import {haveSameNumbers, mayBeVersion, parseStatedVersions} from '../../tags/versions/version-order.ts'
import {versionSchemes} from '../../tags/versions/version-schemes.ts'
import type {ClassifiedTag} from '../tag-decision.ts'
import type {TagFrames, VersionFrame} from './frames.ts'
import {readTemplate} from './template.ts'

/** Class of a tag with a version. `contradicted`: the image states that it is another version. */
type VersionClass = Pick<ClassifiedTag, 'class' | 'version' | 'affixes'> | 'contradicted'

interface VersionRules {
  readonly frames: TagFrames
  readonly planner: TagPlanner
}

/**
 * Reports whether a tag is that of a version line, such as `1.2`: the Git tag of a version of this line would give it, by the
 * rules of the step.
 */
export function isOfVersionLine(tag: string, {frames, planner}: VersionRules): boolean {
  return frames.lines.some(({before, version, template}) => {
    const found = readTemplate(template, tag)
    const [start, length] = found?.has('minor') === true ? [found.get('minor'), 2] : [found?.get('major'), 1]
    if (start === undefined) return false
    const rest = /^\d+(?:\.\d+)?/.test(version) ? version.split('.').slice(length) : []
    const gitTag = `${before}${[start, ...rest].join('.')}`
    return planner({kind: 'tag', tag: gitTag}).some((name) => name.tag === tag && name.role.kind === 'version-line')
  })
}

/**
 * Finds the version of an exact tag: the Git tag of this version would give the tag, by the rules of the step. A full stable
 * version without other text is a release whatever the rules are.
 */
export function versionTag(tag: string, facts: ImageFacts, rules: VersionRules): VersionClass | undefined {
  const found = rules.frames.releases
    .map((frame) => exactTag(tag, frame, rules.planner))
    .find((one) => one !== undefined)
  const exact = found ?? plainVersion(tag)
  return exact && judge(exact, facts)
}

interface ExactTag {
  readonly version: Version
  readonly affixes: VersionAffixes
}

function exactTag(tag: string, frame: VersionFrame, planner: TagPlanner): ExactTag | undefined {
  const found = readTemplate(frame.template, tag)
  const text = found?.get('version')
  if (text === undefined || versionSchemes[frame.scheme].parse(text) === undefined) return undefined
  const affixes = affixesIn(frame.template.form)
  if (haveOneShape(text, frame.version)) return {version: {scheme: frame.scheme, version: text}, affixes}
  const commit = found?.get('commit')
  const names = planner({
    kind: 'tag',
    tag: `${frame.before}${text}`,
    ...(commit === undefined ? {} : {sha: commit.padEnd(40, '0')}),
  })
  const version = versionOf(names.find((name) => name.tag === tag))
  return version && {version, affixes}
}

/** Reports whether both are three numbers, and years or not: then the frame was computed for such a version. */
function haveOneShape(text: string, sample: string): boolean {
  const isPlain = [text, sample].every((one) => /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(one))
  return isPlain && beginsWithYear(text) === beginsWithYear(sample)
}

function versionOf(name: PlannedName | undefined): Version | undefined {
  if (name?.role.kind !== 'release') return undefined
  const {scheme, version} = name.role
  return {scheme, version: version.replace(/^[vV](?=\d)/, '')}
}

/** Text around the version in a form. A `v` before the number makes no difference. */
function affixesIn(form: string): VersionAffixes {
  const [prefix = '', suffix = ''] = form.split('{version}')
  return {prefix: prefix.replace(/(^|[^A-Za-z0-9])[vV]$/, '$1'), suffix}
}

const plain = /^[vV]?(\d+(?:\.\d+){2,})$/

/** Reports whether a tag is a full stable version without other text, such as `1.2.3`. */
export function isPlainVersion(tag: string): boolean {
  return plain.test(tag)
}

function plainVersion(tag: string): ExactTag | undefined {
  const [, version] = plain.exec(tag) ?? []
  if (version === undefined) return undefined
  const scheme = version.split('.').length === 3 ? 'semver' : 'numeric'
  return {version: {scheme, version}, affixes: {prefix: '', suffix: ''}}
}

/**
 * Class by what the image states. The tag of a variant or environment looks like a pre-release: `1.2.3-alpine`. It is one
 * only if the image states this version; without a statement, if its name is one that pre-releases have.
 */
function judge({version, affixes}: ExactTag, {version: stated}: ImageFacts): VersionClass {
  if (!mayBeVersion(stated, version.version)) return 'contradicted'
  if (versionSchemes[version.scheme].parse(version.version)?.isStable === true)
    return {class: 'release', version, affixes}
  const modifier = modifierOf(version)
  const ofImage = parseStatedVersions(stated ?? '').filter((one) => haveSameNumbers(one, version))
  const isStated = ofImage.some((one) => modifierOf(one) === modifier)
  if (isStated || (ofImage.length === 0 && prereleaseName.test(modifier)))
    return {class: 'prerelease', version, affixes}
  const numbers = version.version.slice(0, version.version.length - modifier.length)
  return {
    class: 'release',
    version: {...version, version: numbers},
    affixes: {...affixes, suffix: `${modifier}${affixes.suffix}`},
  }
}

function modifierOf({version}: Version): string {
  return version.replace(/^[vV]?(?:\d+!)?\d+(?:\.\d+)*/, '')
}

/** Names of pre-releases, development releases and builds before a release, in the schemes and in common use. */
const prereleaseName =
  /^[._-]?(?:alpha|beta|rc|cr|a|b|c|pre|preview|dev|develop|snapshot|canary|next|nightly|m|milestone|ea|insiders|unstable|experimental|test|post)(?![a-z])/i
