import type {Problems} from '../inputs/problem.ts'
import {addLatest} from './add-latest.ts'
import {AffixRenderer} from './affix-renderer.ts'
import {affixesOfRun, toProposals, versionOfRun, type Candidate} from './candidate.ts'
import {evaluateRules} from './evaluate-rules.ts'
import {nameTags} from './name-tags.ts'
import {buildsNote} from './notes.ts'
import type {Proposals, SkippedRule} from './proposal.ts'
import type {ProposeRequest, TagRun} from './tag-run.ts'
import {Renderer} from './templates/render.ts'
import {globalValues} from './templates/values.ts'
import {variantTags} from './variant.ts'
import {proposeReferences, versionsOfReferences, type ReferenceRule} from './whole-references.ts'

/**
 * Proposes the tags of the rules, in order of priority and without duplicates, with `latest` at the end. Every tag has its
 * rule, and every rule without a tag a reason. Problems are reported.
 */
export function proposeTags(request: ProposeRequest, problems: Problems): Proposals {
  const run = tagRun(request, problems)
  const evaluated = evaluateRules(run)
  const named = nameTags(evaluated, run)
  const candidates = addLatest(named, run)
  const references = evaluated.flatMap((one) => (one.kind === 'reference' ? [one.rule] : []))
  return toResult({candidates, references, skipped: named.skipped}, run)
}

function tagRun(request: ProposeRequest, problems: Problems): TagRun {
  const {sources, flavor} = request
  const renderer = new Renderer(sources.engine, problems)
  const values = globalValues(sources)
  return {...request, values, renderer, affixes: new AffixRenderer(flavor, renderer, values), problems}
}

interface RuleTags {
  readonly candidates: readonly Candidate[]
  readonly references: readonly ReferenceRule[]
  readonly skipped: readonly SkippedRule[]
}

function toResult({candidates, references, skipped}: RuleTags, {variant, sources, problems}: TagRun): Proposals {
  const [main] = variantTags(candidates, {...variant, environmentSuffix: ''})
  const version = versionOfRun(candidates, versionsOfReferences(references), sources.version?.text)
  const withVariant = variantTags(candidates, variant)
  const tags = toProposals(withVariant, version)
  const builds = buildsNote(tags)
  if (builds !== undefined) problems.notice({input: 'tags', message: builds})
  const exact = affixesOfRun(withVariant, version)
  return {
    version: main?.tag ?? references[0]?.reference.tag,
    ofRun: version,
    tags,
    references: proposeReferences(references, {context: sources.context, variant, version, exact}),
    skipped,
  }
}
