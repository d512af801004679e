import type {Flavor} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {isTag} from '../oci/reference.ts'
import {evaluateRule, type Outcome, type RuleSituation, type TextRule} from './evaluate.ts'
import type {Proposals, ReferenceProposal, SkippedRule, TagKind, TagProposal} from './proposal.ts'
import {Renderer, type TemplatePlace} from './render.ts'
import type {RuleSource, TagRule} from './rule.ts'
import {hasDanglingSeparator, sanitizeTag} from './sanitize.ts'
import {isFullVersion} from './semver.ts'
import type {Rendered, TemplateValues} from './template.ts'
import {globalValues, type ValueSources} from './values.ts'

export interface ProposeRequest {
  /** Highest priority first. */
  readonly rules: readonly TagRule[]
  readonly flavor: Flavor
  readonly sources: ValueSources
  /** Ends every tag of `images`; empty without an environment or when it goes into the repository. */
  readonly tagSuffix: string
  readonly maxTagLength: number
}

/**
 * The tags that the rules ask for: in order of priority, without duplicates, `latest` last, each with the rule that
 * gave it, and a reason for every rule that gave nothing. Problems of templates are reported to `problems`.
 */
export function proposeTags(request: ProposeRequest, problems: Problems): Proposals {
  const proposer = new Proposer(request, new Renderer(request.sources.engine, problems), problems)
  for (const rule of request.rules) proposer.take(rule)
  return proposer.finish()
}

/** A tag before the environment is added. */
interface Candidate {
  readonly tag: string
  /** The text before it was made a valid tag. */
  readonly text: string
  readonly kind: TagKind
  readonly source: RuleSource
  readonly note: string | undefined
  /** `type=env` names the environment already: it is not added once more. */
  readonly namesEnvironment: boolean
}

/** Collects what the rules give, in order. */
class Proposer {
  readonly #request: ProposeRequest
  readonly #renderer: Renderer
  readonly #problems: Problems
  readonly #values: TemplateValues
  readonly #candidates = new Map<string, Candidate>()
  readonly #references: ReferenceProposal[] = []
  readonly #skipped: SkippedRule[] = []
  /** The first rule that gives a tag decides, as in docker/metadata-action. */
  #latest: {readonly wanted: boolean; readonly source: RuleSource} | undefined

  constructor(request: ProposeRequest, renderer: Renderer, problems: Problems) {
    this.#request = request
    this.#renderer = renderer
    this.#problems = problems
    this.#values = globalValues(request.sources)
  }

  take(rule: TagRule): void {
    const place: TemplatePlace = {input: 'tags', line: rule.source.line, text: rule.source.text}
    const enabled = this.#isEnabled(rule, place)
    if (enabled === undefined) return
    if (!enabled) {
      this.#skip(rule.source, `enable is ${rule.enable === 'false' ? 'false' : `false (${rule.enable})`}`, 'info')
    } else if (rule.kind === 'reference') {
      this.#references.push({reference: rule.reference, kind: kindOf(rule.reference.tag), source: rule.source})
    } else {
      const situation = {sources: this.#request.sources, values: this.#values, renderer: this.#renderer, place}
      this.#takeOutcome(rule, evaluateRule(rule, situation), situation)
    }
  }

  finish(): Proposals {
    const [main] = this.#candidates.values()
    this.#addLatest()
    return {
      version: main?.tag ?? this.#references[0]?.reference.tag,
      tags: [...this.#candidates.values()].map((candidate) => this.#withEnvironment(candidate)),
      references: this.#references,
      skipped: this.#skipped,
    }
  }

  #isEnabled(rule: TagRule, place: TemplatePlace): boolean | undefined {
    const enable = this.#renderer.render(rule.enable, this.#values, place)
    if (enable === undefined) return undefined
    if (enable.text === 'true' || enable.text === 'false') return enable.text === 'true'
    this.#problems.add({
      input: 'tags',
      line: place.line,
      column: place.text.indexOf(rule.enable) + 1,
      message: `enable is "${enable.text}", which is neither true nor false`,
      remedy: 'Write true, false, or an expression that gives one of them, such as {{is_default_branch}}.',
    })
    return undefined
  }

  #takeOutcome(rule: TextRule, outcome: Outcome, situation: RuleSituation): void {
    if (outcome.kind === 'problem') return
    if (outcome.kind === 'nothing') {
      this.#skip(rule.source, outcome.reason, outcome.level)
      return
    }
    const full = this.#withAffixes(rule, outcome.text, situation.place)
    if (full === undefined) return
    const dangling = full.emptyNames.length > 0 && hasDanglingSeparator(full.text)
    if (full.text === '' || dangling) {
      this.#skip(rule.source, emptyReason(full), 'warning')
      return
    }
    this.#addCandidate(rule, full.text, outcome.tagKind)
    this.#latest ??= {wanted: outcome.latest, source: rule.source}
  }

  /** The rule's own prefix and suffix replace the flavor's. */
  #withAffixes(rule: TextRule, value: Rendered, place: TemplatePlace): Rendered | undefined {
    const {flavor} = this.#request
    const flavorPlace = (text: string): TemplatePlace => ({input: 'flavor', line: 1, text})
    const prefix = this.#renderer.render(
      rule.prefix ?? flavor.prefix,
      this.#values,
      rule.prefix === undefined ? flavorPlace(flavor.prefix) : place,
    )
    const suffix = this.#renderer.render(
      rule.suffix ?? flavor.suffix,
      this.#values,
      rule.suffix === undefined ? flavorPlace(flavor.suffix) : place,
    )
    if (prefix === undefined || suffix === undefined) return undefined
    return {
      text: `${prefix.text}${value.text}${suffix.text}`,
      emptyNames: [...prefix.emptyNames, ...value.emptyNames, ...suffix.emptyNames],
    }
  }

  #addCandidate(rule: TextRule, text: string, kind: TagKind | undefined): void {
    if (rule.kind === 'raw' && rule.literal && !isTag(text) && !rule.value.includes('{{'))
      this.#reportBadLiteral(rule, text)
    const {tag, lossy} = sanitizeTag(text, this.#request.maxTagLength - this.#request.tagSuffix.length)
    const known = this.#candidates.get(tag)
    if (known === undefined) {
      const note = lossy
        ? `made from ${JSON.stringify(text)}; whatever else is written ${tag} would share this tag`
        : undefined
      this.#candidates.set(tag, {
        tag,
        text,
        kind: kind ?? kindOf(tag),
        source: rule.source,
        note,
        namesEnvironment: rule.kind === 'env',
      })
    } else if (known.text !== text) {
      this.#skip(
        rule.source,
        `${JSON.stringify(text)} gives the same tag as ${JSON.stringify(known.text)}: ${tag}`,
        'warning',
      )
    } else {
      this.#skip(rule.source, `it gives ${tag} once more`, 'info')
    }
  }

  /** A literal was checked by itself; with the flavor around it, it may still be no tag, and is not silently changed. */
  #reportBadLiteral(rule: TextRule, text: string): void {
    this.#problems.add({
      input: 'tags',
      line: rule.source.line,
      message: `with prefix and suffix the literal tag is ${JSON.stringify(text)}, which is no valid tag`,
      remedy: 'Shorten it, or change `flavor`.',
    })
  }

  #addLatest(): void {
    const {flavor, maxTagLength, tagSuffix} = this.#request
    if (this.#latest === undefined) return
    const wanted = flavor.latest === 'auto' ? this.#latest.wanted : flavor.latest === 'true'
    if (!wanted) return
    const place = {input: 'flavor', line: 1, text: ''}
    const prefix = flavor.prefixOnLatest ? this.#renderer.render(flavor.prefix, this.#values, place)?.text : ''
    const suffix = flavor.suffixOnLatest ? this.#renderer.render(flavor.suffix, this.#values, place)?.text : ''
    const {tag} = sanitizeTag(`${prefix ?? ''}latest${suffix ?? ''}`, maxTagLength - tagSuffix.length)
    if (this.#candidates.has(tag)) return
    const note =
      flavor.latest === 'auto' ? 'a stable version, or a Git tag, is latest (flavor latest=auto)' : 'flavor latest=true'
    this.#candidates.set(tag, {
      tag,
      text: tag,
      kind: 'floating',
      source: this.#latest.source,
      note,
      namesEnvironment: false,
    })
  }

  #withEnvironment({tag, kind, source, note, namesEnvironment}: Candidate): TagProposal {
    return {tag: namesEnvironment ? tag : `${tag}${this.#request.tagSuffix}`, kind, source, note}
  }

  #skip(source: RuleSource, reason: string, level: SkippedRule['level']): void {
    this.#skipped.push({source, reason, level})
  }
}

function kindOf(tag: string): TagKind {
  return isFullVersion(tag) ? 'exact' : 'floating'
}

function emptyReason({text, emptyNames}: Rendered): string {
  const names = [...new Set(emptyNames)].map((name) => `{{${name}}}`).join(' and ')
  const result = text === '' ? 'nothing' : JSON.stringify(text)
  return `${names === '' ? 'its value' : names} is empty for this event, and so the tag would be ${result}`
}
