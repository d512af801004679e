import {readContext} from '../src/context/event.ts'
import type {GitContext} from '../src/context/git-context.ts'
import type {RunVersion, VersionResult} from '../src/context/version-files/version-result.ts'
import {taggedVersion} from '../src/plan/version.ts'
import {boundedRegex} from '../src/io/bounded-regex.ts'
import type {Flavor} from '../src/inputs/inputs.ts'
import type {Line} from '../src/inputs/syntax/lists.ts'
import {Problems} from '../src/inputs/problem.ts'
import {versionReader} from '../src/tags/versions/component.ts'
import {handlebarsEngine} from '../src/tags/templates/handlebars.ts'
import {readCalver} from '../src/tags/rules/calver-rule.ts'
import {parseRules} from '../src/tags/rules/rule-reader.ts'
import type {Proposals} from '../src/tags/proposal.ts'
import {proposeTags} from '../src/tags/propose.ts'
import {defaultStrategy} from '../src/tags/rules/default-strategy.ts'
import {needsFullEngine, plainEngine} from '../src/tags/templates/template.ts'

export const sha = '860c1904a1ce19322e91ac35af1ab07466440c37'

/** Context of a push of a ref to a repository with the default branch `main`. */
export function pushOf(ref: string, changes: Partial<GitContext> = {}): GitContext {
  const environment = {
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: ref,
    GITHUB_SHA: sha,
    GITHUB_REPOSITORY: 'octocat/Hello-World',
    GITHUB_ACTOR: 'octocat',
    GITHUB_RUN_ID: '1658821493',
    GITHUB_RUN_NUMBER: '42',
    GITHUB_RUN_ATTEMPT: '1',
  }
  const payload = {
    repository: {
      name: 'Hello-World',
      default_branch: 'main',
      html_url: 'https://github.com/octocat/Hello-World',
      description: 'This your first repo!',
      license: {spdx_id: 'MIT'},
      private: false,
      fork: false,
    },
  }
  return {...readContext(environment, payload), ...changes}
}

export const plainFlavor: Flavor = {
  latest: 'auto',
  prefix: '',
  prefixOnLatest: false,
  suffix: '',
  suffixOnLatest: false,
}

export interface ProposalOptions {
  readonly flavor?: Partial<Flavor>
  readonly environment?: string
  readonly maxTagLength?: number
  readonly now?: Date
  readonly shortShaLength?: number
  readonly version?: RunVersion
  readonly files?: Readonly<Record<string, VersionResult>>
  readonly component?: string
  readonly variant?: string
  readonly isDefaultVariant?: boolean
  readonly uniqueBranchTags?: boolean
}

export interface Proposed extends Proposals {
  readonly problems: Problems
  readonly names: readonly string[]
}

/** Version of the run for `version: auto`, from the event only. */
export function tagVersion(context: GitContext, component: string | undefined): RunVersion | undefined {
  return taggedVersion(context, versionReader(component))
}

/** Proposes tags by rules for an event. Without rules, the default strategy is used. */
export function propose(context: GitContext, tags: readonly string[], options: ProposalOptions = {}): Proposed {
  const problems = new Problems()
  const origin = tags.length === 0 ? 'default' : 'tags'
  const texts = tags.length === 0 ? defaultStrategy(context, options.component) : tags
  const lines: readonly Line[] = texts.map((text, index) => ({text, number: index + 1}))
  const flavor = {...plainFlavor, ...options.flavor}
  const engine = [...texts, flavor.prefix, flavor.suffix].some(needsFullEngine) ? handlebarsEngine : plainEngine
  const environment = options.environment ?? ''
  const proposals = proposeTags(
    {
      rules: parseRules(lines, {origin, readCalver}, problems),
      flavor,
      sources: {
        context,
        engine,
        now: options.now ?? new Date('2026-01-02T03:04:05Z'),
        environment,
        shortShaLength: options.shortShaLength ?? 7,
        version: options.version ?? tagVersion(context, options.component),
        tagged: tagVersion(context, options.component),
        files: new Map(Object.entries(options.files ?? {})),
        regex: boundedRegex(),
        uniqueBranchTags: options.uniqueBranchTags ?? false,
      },
      variant: {
        variant: options.variant,
        isDefault: options.isDefaultVariant ?? false,
        environmentSuffix: environment === '' ? '' : `-${environment}`,
      },
      maxTagLength: options.maxTagLength ?? 128,
    },
    problems,
  )
  return {...proposals, problems, names: proposals.tags.map(({tag}) => tag)}
}
