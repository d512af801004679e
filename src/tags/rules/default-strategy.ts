import {componentVersion} from '../versions/component.ts'
import type {GitContext} from '../../context/git-context.ts'
import type {Version} from '../tag-role.ts'
import {pep440Values} from '../versions/pep440.ts'
import {isStable, versionValues, wholeVersion} from '../versions/semver.ts'
import {isPlainRelease, releaseNamed, versionNamed, versionWithin} from '../versions/version-name.ts'

/**
 * Rules for an event when `tags` is empty, as documented in the table "The default strategy". They are ordinary rules,
 * so that the plan can explain each tag and a user can start from them.
 */
export function defaultStrategy(context: GitContext, component?: string): readonly string[] {
  if (context.event === 'schedule') return ['type=schedule']
  // The commit that is built may not belong to the ref of the event: only the commit can name the image.
  if (context.ref.kind === 'none' && context.instead !== undefined) return ['type=sha']
  if (context.event === 'merge_group') return mergeGroupRules(context)
  switch (context.ref.kind) {
    case 'pull':
      return ['type=ref,event=pr']
    case 'branch':
      return branchRules(context)
    case 'tag':
      return tagRules(tagOf(context.ref.name, component), context.release?.prerelease ?? false)
    case 'none':
      return []
  }
}

interface GitTag {
  readonly name: string
  /** The whole name, or the part after the name of the component. */
  readonly text: string
}

/** Splits the name of the component from a Git tag. */
function tagOf(name: string, component: string | undefined): GitTag {
  const found = component === undefined ? undefined : componentVersion(component, name)
  return {name, text: found?.kind === 'version' ? found.version : name}
}

/** Rules of a branch. The branch comes before `edge`, so that it is the version of the image. */
function branchRules({ref, repository}: GitContext): readonly string[] {
  const isDefault = ref.kind === 'branch' && ref.name === repository.defaultBranch
  return ['type=ref,event=branch,priority=800', ...(isDefault ? ['type=edge'] : []), 'type=sha']
}

/** Rules of a merge queue. Its commit is not on the target branch yet, so it gets another tag: `mq-main`. */
function mergeGroupRules({baseRef}: GitContext): readonly string[] {
  return baseRef === undefined ? ['type=sha'] : ['type=raw,value={{base_ref}},prefix=mq-', 'type=sha']
}

/**
 * Rules of a Git tag. A release that GitHub marks as a pre-release gets only its exact tag, even if its version looks
 * stable. The same holds for a build of a version (`1.2.3+fork.1`), because builds have no order. A 0.x version gives no
 * tag `0`: semver does not promise that 0.x releases are compatible with each other.
 */
function tagRules(tag: GitTag, isMarkedPrerelease: boolean): readonly string[] {
  const values = versionValues(tag.text.replaceAll('/', '-'))
  if (values === undefined) return otherTagRules(tag, isMarkedPrerelease)
  if (!isStable(values)) return ['type=semver,pattern={{version}}', 'type=sha']
  if (isMarkedPrerelease || values.get('build') !== '') return exactRules(wholeVersion(values))
  const major = values.get('major') === '0' ? [] : ['type=semver,pattern={{major}}']
  return ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}}', ...major, 'type=sha']
}

/** Rules of a Git tag that is not a semantic version: the name with `latest` for a release, else the name alone. */
function otherTagRules({name, text}: GitTag, isMarkedPrerelease: boolean): readonly string[] {
  const release = releaseOf(text)
  if (release === undefined) return exactRules('{{tag}}')
  if (isMarkedPrerelease || !isPlainRelease(release)) return exactRules(name === text ? '{{tag}}' : text)
  if (name === text) return ['type=ref,event=tag,priority=900', 'type=sha']
  return [`type=match,pattern=${text.replaceAll(/[^A-Za-z0-9]/g, '\\$&')}$,priority=900`, 'type=sha']
}

/** Finds a release in another scheme than semver. A version after a name may belong to a component, and does not count. */
function releaseOf(text: string): Version | undefined {
  const release = versionNamed(text) === undefined ? undefined : releaseNamed(text, true)
  return release?.scheme === 'semver' ? undefined : release
}

function exactRules(value: string): readonly string[] {
  return [`type=raw,value=${value},priority=900`, 'type=sha']
}

/** Notice about the tags that the default strategy does not give to a Git tag with a version, and the rules for them. */
export function defaultStrategyNotice({event, ref}: GitContext, component?: string): string | undefined {
  if (ref.kind !== 'tag' || event === 'schedule' || event === 'merge_group') return undefined
  const {name, text} = tagOf(ref.name, component)
  const version = versionWithin(text)
  if (version === undefined || (component !== undefined && name === text)) return undefined
  if (versionNamed(text) === undefined) return componentNotice(name, version)
  if (version.scheme === 'semver') return buildNotice(text, version)
  return releaseOf(text) === undefined && !isLineName(text) ? lineNotice(name, text) : undefined
}

function componentNotice(name: string, {scheme, version}: Version): string {
  const lines = scheme === 'semver' ? '1.2-like tags and latest' : 'latest'
  return `${name} is published only as its own tag, without ${lines}: to publish version ${version} of a component, set \`component\` to the text before the version`
}

/** Reports whether a name ends in `x`, as that of a version line does: `v1.2.x`. */
function isLineName(text: string): boolean {
  return /[._-]x$/i.test(text)
}

function lineNotice(name: string, text: string): string {
  const notice = `${name} may be a release or a version line: its tag is treated as a version line, which floats and does not move latest`
  if (pep440Values(text) === undefined) return notice
  return `${notice}. For an exact tag and latest, add \`type=pep440,pattern={{version}}\` to \`tags\``
}

function buildNotice(text: string, {version}: Version): string | undefined {
  const [core = '', build] = version.split('+', 2)
  if (build === undefined || !isPlainRelease({scheme: 'semver', version: core})) return undefined
  return `${text} is a build of ${core}: it gets only its exact tag. To move latest and floating version tags too, add the rules of the default strategy to \`tags\`: \`type=semver,pattern={{version}}\`, \`type=semver,pattern={{major}}.{{minor}}\``
}
