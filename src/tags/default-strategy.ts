import * as semver from 'semver'
import {componentVersion} from './component.ts'
import type {GitContext} from '../context/git-context.ts'

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
      return tagRules(ownVersion(context.ref.name, component), context.release?.prerelease ?? false)
    case 'none':
      return []
  }
}

/** A component's tag says its version behind the component's name. */
function ownVersion(tag: string, component: string | undefined): string {
  if (component === undefined) return tag
  const found = componentVersion(component, tag)
  return found.kind === 'version' ? found.version : tag
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
 * What GitHub calls a pre-release is one, even when its version looks stable: it gets its exact tag and moves nothing.
 * `0` would promise that 0.x releases are compatible with each other, which semver says they are not.
 */
function tagRules(name: string, markedPrerelease: boolean): readonly string[] {
  const version = semver.parse(name.replaceAll('/', '-'))
  if (version === null) return ['type=raw,value={{tag}},priority=900', 'type=sha']
  if (version.prerelease.length > 0) return ['type=semver,pattern={{version}}', 'type=sha']
  if (markedPrerelease) return [`type=raw,value=${version.version},priority=900`, 'type=sha']
  const major = version.major === 0 ? [] : ['type=semver,pattern={{major}}']
  return ['type=semver,pattern={{version}}', 'type=semver,pattern={{major}}.{{minor}}', ...major, 'type=sha']
}
