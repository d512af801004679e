import {enableProblem, isEnable} from '../inputs/image-list.ts'
import type {Flavor} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {isTag} from '../oci/reference.ts'
import {Affixes} from './affixes.ts'
import {framesOfRun, keyOf, toProposals, versionOfRun, type Candidate} from './candidate.ts'
import {evaluateRule} from './evaluate.ts'
import {movable, repeatedReason, versionIn, type Evaluated, type Full, type TextOutcome} from './evaluated.ts'
import {aboutVersion, innerFrame, type Outcome, type TextRule} from './outcome.ts'
import {latestLine, placeFrame, type TextLine} from './tag-role.ts'
import {isOfEvent, isUsersName, withNaming} from './named-tag-role.ts'
import type {Proposals, SkippedRule} from './proposal.ts'
import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import {buildsNote, emptyExpressions, isSpoiled, notesOf, notLatestNote} from './notes.ts'
import {placeIn, Renderer, type TemplatePlace} from './templates/render.ts'
import {isVersionKind, type RuleSource, type TagRule} from './rules/rule.ts'
import {sanitizeTag} from './sanitize.ts'
import type {TemplateValues} from './templates/template.ts'
import {globalValues, type ValueSources} from './templates/values.ts'
import {variantSuffixLength, variantTags, type VariantOptions} from './variant.ts'
import {WholeReferences} from './whole-references.ts'

export interface ProposeRequest {
  /** Highest priority first. */
  readonly rules: readonly TagRule[]
  readonly flavor: Flavor
  readonly sources: ValueSources
  /** What variant and environment add to every tag of `images`. */
  readonly variant: VariantOptions
  readonly maxTagLength: number
}

/**
 * The tags that the rules ask for: in order of priority, without duplicates, `latest` last, each with the rule that
 * gave it, and a reason for every rule that gave nothing. Problems of templates are reported to `problems`.
 */
export function proposeTags(request: ProposeRequest, problems: Problems): Proposals {
  const proposer = new Proposer(request, new Renderer(request.sources.engine, problems), problems)
  const given = request.rules.map((rule) => proposer.evaluate(rule))
  for (const one of given) proposer.take(one, given)
  return proposer.finish()
}

/** Collects what the rules give, in order. */
class Proposer {
  readonly #request: ProposeRequest
  readonly #renderer: Renderer
  readonly #problems: Problems
  readonly #values: TemplateValues
  readonly #affixes: Affixes
  /** By `keyOf`. */
  readonly #candidates = new Map<string, Candidate>()
  readonly #references: WholeReferences
  readonly #skipped: SkippedRule[] = []
  /** The first rule that gives a tag decides, as in docker/metadata-action. */
  #latest: (Pick<Candidate, 'source' | 'line' | 'frame'> & {readonly wanted: boolean; readonly key: string}) | undefined
  /** Key of the first tag whose rule is for `latest`. */
  #wantsLatest: string | undefined

  constructor(request: ProposeRequest, renderer: Renderer, problems: Problems) {
    this.#request = request
    this.#renderer = renderer
    this.#problems = problems
    this.#values = globalValues(request.sources)
    this.#affixes = new Affixes(request.flavor, renderer, this.#values)
    this.#references = new WholeReferences(request.sources.context, request.variant.environmentSuffix)
  }

  /** What a rule gives by itself. */
  evaluate(rule: TagRule): Evaluated {
    const enabled = this.#isEnabled(rule)
    if (enabled === undefined) return {rule, outcome: {kind: 'problem'}}
    if (!enabled) {
      return {rule, outcome: {kind: 'nothing', reason: {code: 'disabled', enable: rule.enable}, level: 'info'}}
    }
    return rule.kind === 'reference' ? {rule, outcome: undefined} : this.#evaluateText(rule)
  }

  #evaluateText(rule: TextRule): Evaluated {
    const placeOf = (attribute: string): TemplatePlace => placeIn(rule, attribute)
    const onWarning = (message: string): void => {
      this.#problems.warn({input: 'tags', line: rule.source.line, message})
    }
    const {sources, flavor} = this.#request
    const given = evaluateRule(rule, {sources, values: this.#values, renderer: this.#renderer, placeOf, onWarning})
    const isMoment = given.kind === 'text' && isOfEvent(rule, flavor, sources.context)
    const outcome: Outcome = isMoment ? {...given, line: {kind: 'newest'}} : given
    const full = outcome.kind === 'text' ? this.#affixes.around(rule, outcome.text, placeOf) : undefined
    return {rule, outcome, full}
  }

  take({rule, outcome, full}: Evaluated, all: readonly Evaluated[]): void {
    if (rule.kind === 'reference' && outcome === undefined) this.#references.take(rule)
    else if (outcome?.kind === 'refused') {
      this.#problems.add({...placeIn(rule, outcome.attribute), message: outcome.reason, remedy: outcome.remedy})
    } else if (outcome?.kind === 'nothing') this.#skip(rule.source, outcome.reason, outcome.level)
    else if (outcome?.kind === 'text' && rule.kind !== 'reference' && full !== undefined) {
      const reason = isSpoiled(full)
        ? ({code: 'empty-expression', ...emptyExpressions(full)} as const)
        : repeatedReason({outcome, full}, all)
      if (reason === undefined) this.#takeText(rule, outcome, full)
      else this.#skip(rule.source, reason, 'info')
    }
  }

  finish(): Proposals {
    const {variant} = this.#request
    this.#addLatest()
    const candidates = [...this.#candidates.values()]
    const [main] = variantTags(candidates, {...variant, environmentSuffix: ''})
    const ofRun = versionOfRun(candidates, this.#references.versions, this.#request.sources.version?.text)
    const withVariant = variantTags(candidates, variant)
    const tags = toProposals(withVariant, ofRun)
    const builds = buildsNote(tags)
    if (builds !== undefined) this.#problems.notice({input: 'tags', message: builds})
    return {
      version: main?.tag ?? this.#references.firstTag,
      tags,
      references: this.#references.proposals(ofRun, framesOfRun(withVariant, ofRun)),
      skipped: this.#skipped,
    }
  }

  #isEnabled(rule: TagRule): boolean | undefined {
    const place = placeIn(rule, 'enable')
    const enable = this.#renderer.render(rule.enable, this.#values, place)
    if (enable === undefined) return undefined
    if (isEnable(enable.text)) return enable.text === 'true'
    this.#problems.add({...place, ...enableProblem(enable.text)})
    return undefined
  }

  #takeText(rule: TextRule, outcome: TextOutcome, full: Full): void {
    const key = this.#addCandidate(rule, full, outcome)
    const line = latestLine(aboutVersion(outcome, this.#request.sources.version?.text))
    const frame = placeFrame(innerFrame(outcome), full.affix)
    this.#latest ??= {wanted: outcome.latest, source: rule.source, key, line, frame}
    if (outcome.latest) this.#wantsLatest ??= key
  }

  /** Gives the key of the tag that the text comes to. */
  #addCandidate(rule: TextRule, {text, affix}: Full, outcome: TextOutcome): string {
    const {from, remarks = []} = outcome
    const {sources} = this.#request
    const line = this.#lineOf(rule, outcome, text)
    const room = this.#room()
    const isPlainLiteral = rule.kind === 'raw' && rule.literal && !rule.value.includes('{{')
    if (isPlainLiteral && (!isTag(text) || text.length > room)) this.#reportBadLiteral(rule, text)
    const {tag, lossy, hashed} = sanitizeTag(text, room)
    const namesEnvironment = rule.kind === 'env' && this.#request.variant.environmentSuffix !== ''
    const key = keyOf(tag, namesEnvironment)
    const known = this.#candidates.get(key)
    if (known === undefined) {
      const isUnique = rule.kind === 'ref' && rule.event === 'branch' && sources.uniqueBranchTags
      this.#candidates.set(key, {
        tag,
        text,
        line,
        version: versionIn(outcome.line),
        isOfRule: isVersionKind(rule.kind),
        frame: placeFrame(innerFrame(outcome), affix),
        source: rule.source,
        notes: notesOf({text, tag, shared: lossy && !isUnique, hashed, from, remarks}),
        namesEnvironment,
        asVariant: undefined,
      })
    } else if (known.text !== text) {
      this.#skip(rule.source, {code: 'same-tag', text, other: known.text, tag}, 'warning')
    } else {
      this.#skip(rule.source, {code: 'repeated-tag', tag}, 'info')
    }
    return key
  }

  #lineOf(rule: TextRule, {line}: TextOutcome, text: string): TextLine {
    const {flavor, sources} = this.#request
    const isUsers = isUsersName(rule, flavor) && !isOfEvent(rule, flavor, sources.context)
    const written = isUsers ? withNaming(line, text, sources.context) : line
    return rule.mutable === true ? movable(written) : written
  }

  /** Characters that variant and environment leave to a tag. */
  #room(): number {
    return this.#request.maxTagLength - variantSuffixLength(this.#request.variant)
  }

  /** A literal was checked by itself; with the flavor around it, it may still be no tag, and is not silently changed. */
  #reportBadLiteral(rule: TextRule, text: string): void {
    this.#problems.add({
      input: 'tags',
      line: rule.source.line,
      message: `with prefix and suffix the literal tag is ${JSON.stringify(text)}, which is no valid tag of at most ${this.#room()} characters`,
      remedy: 'Shorten it, or change `flavor` or `max-tag-length`.',
    })
  }

  #addLatest(): void {
    const {latest} = this.#request.flavor
    if (this.#latest === undefined) return
    const full = this.#affixes.onLatest('latest')
    const {tag} = sanitizeTag(full.text, this.#room())
    const key = keyOf(tag, false)
    if (this.#candidates.has(key)) return
    const {wanted, source, line, frame, key: first} = this.#latest
    if (!(latest === 'auto' ? wanted : latest === 'true')) {
      if (latest === 'auto') this.#explainNoLatest(source)
      return
    }
    if (isSpoiled(full)) {
      this.#addNote(first, {code: 'no-latest', ...emptyExpressions(full)})
      return
    }
    this.#candidates.set(key, {
      tag,
      text: full.text,
      line,
      version: undefined,
      isOfRule: false,
      frame,
      source,
      notes: [{code: latest === 'auto' ? 'latest-auto' : 'latest-true'}],
      namesEnvironment: false,
      asVariant: this.#variantOfLatest(),
    })
  }

  /** What `latest` is for the variant: built from its name, since the word may stand in an affix too. */
  #variantOfLatest(): string | undefined {
    const {maxTagLength, variant} = this.#request
    if (variant.variant === undefined) return undefined
    const {text} = this.#affixes.onLatest(variant.variant)
    return sanitizeTag(text, maxTagLength - variant.environmentSuffix.length).tag
  }

  /** Only where somebody may have expected it: most runs without `latest` need no explanation. */
  #explainNoLatest(first: RuleSource): void {
    if (this.#wantsLatest !== undefined) this.#addNote(this.#wantsLatest, notLatestNote(first))
  }

  #addNote(key: string, note: TagNote): void {
    const candidate = this.#candidates.get(key)
    if (candidate !== undefined) this.#candidates.set(key, {...candidate, notes: [...candidate.notes, note]})
  }

  #skip(source: RuleSource, reason: SkippedRuleReason, level: SkippedRule['level']): void {
    this.#skipped.push({source, reason, level})
  }
}
