import {componentVersion} from '../versions/component.ts'
import type {GitContext} from '../../context/git-context.ts'
import type {Version} from '../tag-role.ts'
import {pep440Values} from '../versions/pep440.ts'
import {isStable, versionValues, wholeVersion} from '../versions/semver.ts'
import {isPlainRelease, releaseNamed, versionNamed, versionWithin} from '../versions/version-name.ts'

/**
 * The rules for an event when `tags` is empty, as the table "The default strategy" of the README has them. They are
 * ordinary rules, so that the plan can explain each tag and a user can start from them.
 */
export function defaultStrategy(context: GitContext, component?: string): readonly string[] {
  if (context.event === 'schedule') return ['type=schedule']
  // What is built is not known to be of the ref that the event names: its commit is all that names it.
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
  /** What it says of the version: all of it, or what stands behind the name of the component. */
  readonly text: string
}

/** A component's tag says its version behind the component's name. */
function tagOf(name: string, component: string | undefined): GitTag {
  const found = component === undefined ? undefined : componentVersion(component, name)
  return {name, text: found?.kind === 'version' ? found.version : name}
}

/** A branch is named before `edge`, so that the image's version is the branch. */
function branchRules({ref, repository}: GitContext): readonly string[] {
  const isDefault = ref.kind === 'branch' && ref.name === repository.defaultBranch
  return ['type=ref,event=branch,priority=800', ...(isDefault ? ['type=edge'] : []), 'type=sha']
}

/** The candidate of a merge queue is not on its target branch yet: it gets a name of its own. */
function mergeGroupRules({baseRef}: GitContext): readonly string[] {
  return baseRef === undefined ? ['type=sha'] : ['type=raw,value={{base_ref}},prefix=mq-', 'type=sha']
}

/**
 * What GitHub calls a pre-release is one, even when its version looks stable: it gets its exact tag and moves nothing. Nor does
 * one build of several of a version (`1.2.3+fork.1`), for no order says which of them is the version.
 * `0` would promise that 0.x releases are compatible with each other, which semver says they are not.
 */
function tagRules(tag: GitTag, markedPrerelease: boolean): readonly string[] {
  const values = versionValues(tag.text.replaceAll('/', '-'))
  if (values === undefined) return otherTagRules(tag, markedPrerelease)
  if (!isStable(values)) return ['type=semver,pattern={{version}}', 'type=sha']
  if (markedPrerelease || values.get('build') !== '') return exactly(wholeVersion(values))
  const major = values.get('major') === '0' ? [] : ['type=semver,pattern={{major}}']
  return ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}}', ...major, 'type=sha']
}

/** Releases in another scheme than that of semver are published under their name, with `latest`; other names float. */
function otherTagRules({name, text}: GitTag, markedPrerelease: boolean): readonly string[] {
  const release = releaseOf(text)
  if (release === undefined) return exactly('{{tag}}')
  if (markedPrerelease || !isPlainRelease(release)) return exactly(name === text ? '{{tag}}' : text)
  if (name === text) return ['type=ref,event=tag,priority=900', 'type=sha']
  return [`type=match,pattern=${text.replaceAll(/[^A-Za-z0-9]/g, '\\$&')}$,priority=900`, 'type=sha']
}

/** Behind a name, a version may be that of a component. */
function releaseOf(text: string): Version | undefined {
  const release = versionNamed(text) === undefined ? undefined : releaseNamed(text, true)
  return release?.scheme === 'semver' ? undefined : release
}

function exactly(value: string): readonly string[] {
  return [`type=raw,value=${value},priority=900`, 'type=sha']
}

/** What a Git tag with a version in its name does not get by the default strategy, and what to write for it. */
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
  return `${name} is published under its name alone, without ${lines}: with \`component\` set to what stands before its version, it is the version ${version} of that component`
}

/** `v1.2.x` says that it is a line. */
function isLineName(text: string): boolean {
  return /[._-]x$/i.test(text)
}

function lineNotice(name: string, text: string): string {
  const taken = `${name} may be a release or a line of releases: it is taken for a line, and so moves, without latest`
  if (pep440Values(text) === undefined) return taken
  return `${taken}. For a release that keeps its tag, and moves latest, write \`type=pep440,pattern={{version}}\` into \`tags\``
}

function buildNotice(text: string, {version}: Version): string | undefined {
  const [core = '', build] = version.split('+', 2)
  if (build === undefined || !isPlainRelease({scheme: 'semver', version: core})) return undefined
  return `${text} is one build of ${core}: it gets its exact tag, and moves neither latest nor a line. To move them, write the rules of the default strategy into \`tags\`: \`type=semver,pattern={{version}}\`, \`type=semver,pattern={{major}}.{{minor}}\``
}
