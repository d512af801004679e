import {
  inputLinePlace,
  inputPlace,
  linesOf,
  Refusal,
  resolved,
  runsForReleasesOnly,
  type JobModel,
  type JobStep,
} from '../job-model.ts'
import {matrixValues} from '../digests/find-joins.ts'
import type {Remarks} from '../remark-list.ts'
import {newEntry, type EntryText} from '../text/entry-text.ts'
import type {Place} from '../../workflow-file/workflow.ts'
import {separated} from './line-comments.ts'
import {defaultRules, ruleLine} from './tag-rules.ts'
import {requireValid} from './valid-lines.ts'
import {writtenAttributes} from './written-attributes.ts'
import {possibleTexts} from '../values/matrix-texts.ts'

/** Inputs of docker/metadata-action that Tagboat has, with their names. */
const names: ReadonlyMap<string, string> = new Map([
  ['context', 'metadata-context'],
  ...[
    'images',
    'tags',
    'flavor',
    'labels',
    'annotations',
    'sep-tags',
    'sep-labels',
    'sep-annotations',
    'bake-target',
    'github-token',
  ].map((name) => [name, name] as const),
])

const flavorAttributes = ['latest', 'prefix', 'suffix', 'onlatest']

/** Inputs of a metadata step for a step of Tagboat, without labels and annotations that do not reach the image. */
export function metadataEntries(
  model: JobModel,
  meta: JobStep,
  {
    remarks,
    dropped,
    further,
  }: {readonly remarks: Remarks; readonly dropped: readonly string[]; readonly further: readonly string[]},
): readonly EntryText[] {
  const {step, source} = meta
  const unknown = [...step.with.keys()].find((name) => !names.has(name))
  if (unknown !== undefined)
    throw new Refusal(
      'unknown-input',
      inputPlace(meta, unknown),
      `\`${unknown}\` is not an input of docker/metadata-action that is known`,
      'Remove it, or convert this job by hand.',
    )
  if ((step.with.get('images')?.text.trim() ?? '') === '')
    throw new Refusal(
      'images-missing',
      step.place,
      'the metadata has no images, so the tags have no name',
      'Add `images`, or convert this job by hand.',
    )
  const entries = source.inputs.flatMap((input) => {
    const text = step.with.get(input.name)?.text ?? ''
    if (dropped.includes(input.name)) return []
    if (input.name === 'images' && isDefaultImage(text)) return []
    if (input.name === 'tags') return text.trim() === '' ? [] : [tagsEntry(model, meta, {input, remarks, further})]
    if (input.name === 'flavor' || input.name === 'images') return [lineEntry(model, meta, {input, remarks})]
    return [{...input, name: names.get(input.name) ?? input.name}]
  })
  return step.with.get('tags')?.text.trim() ? entries : withDefaultRules(entries, further)
}

function isDefaultImage(text: string): boolean {
  return /^ghcr\.io\/\$\{\{\s*github\.repository\s*\}\}$/.test(text.trim())
}

function withDefaultRules(entries: readonly EntryText[], further: readonly string[]): readonly EntryText[] {
  const rules = newEntry('tags', [...defaultRules, ...further])
  const after = entries.findIndex(({name}) => name === 'images') + 1
  return [...entries.slice(0, after), rules, ...entries.slice(after)]
}

function tagsEntry(
  model: JobModel,
  meta: JobStep,
  {
    input,
    remarks,
    further,
  }: {readonly input: EntryText; readonly remarks: Remarks; readonly further: readonly string[]},
): EntryText {
  const isMovable = !runsForReleasesOnly(model)
  const {lines, isSame} = convertedLines(model, meta, {
    name: 'tags',
    remarks,
    convert: (line, at) => {
      const own = ruleLine(line, model.env, isMovable)
      const {dropped} = own
      const ofLegs = possibleTexts(line, model).map((one) => ruleLine(one, model.env, isMovable))
      const exact = ofLegs.some((one) => one.exact)
      const unknown = !exact && ofLegs.some((one) => one.unknown)
      const text = exact && !own.exact ? `${own.text},mutable=true` : own.text
      for (const attribute of dropped) noteDropped(remarks, at, {attribute, line})
      if (unknown)
        remarks.note(
          'exact-unknown',
          at,
          `if \`${line}\` gives a full version that moves, the next commit fails`,
          'Add `,mutable=true` to the rule then.',
        )
      if (exact)
        remarks.note(
          'exact-moves',
          at,
          `\`${line}\` gives a full version also when no release is made, so it got \`mutable=true\``,
          'Remove `mutable=true` if the version must never be replaced.',
        )
      return text
    },
  })
  const withDefault = withDefaultForEmpty(model, linesOf(lines.join('\n')))
  if (withDefault !== undefined) {
    const message =
      'the rules come from an expression; if it is empty, the default rules of docker/metadata-action apply'
    remarks.note('tags-expression', inputPlace(meta, 'tags'), message)
  }
  if (isSame && further.length === 0 && withDefault === undefined) return input
  return newEntry(
    'tags',
    [...(withDefault ?? lines), ...further].map((line) => line.trim()),
  )
}

/** Entry of `images` or `flavor`. */
function lineEntry(
  model: JobModel,
  meta: JobStep,
  {input, remarks}: {readonly input: EntryText; readonly remarks: Remarks},
): EntryText {
  const convert = (line: string, at: Place): string => (input.name === 'flavor' ? flavorLine(line, at, remarks) : line)
  const {lines, isSame} = convertedLines(model, meta, {name: input.name, remarks, convert})
  if (isSame) return input
  return newEntry(
    input.name,
    lines.map((line) => line.trim()).filter((line) => line !== ''),
  )
}

/**
 * Lines of an input, each converted. A comment behind a line comes before it.
 * @throws Refusal
 */
function convertedLines(
  model: JobModel,
  meta: JobStep,
  {
    name,
    remarks,
    convert,
  }: {
    readonly name: string
    readonly remarks: Remarks
    readonly convert: (line: string, place: Place) => string
  },
): {readonly lines: readonly string[]; readonly isSame: boolean} {
  const written = (meta.step.with.get(name)?.text ?? '').trimEnd().split('\n')
  const placeOf = (index: number): Place => inputLinePlace(model, meta, {name, index})
  const pieces = written.map((line, index) => {
    const {text, comment} = separated(meta, line)
    if (linesOf(text).length === 0) return {line, converted: text, comment}
    const place = placeOf(index)
    if (comment !== undefined)
      remarks.note('comment-moved', place, `the comment \`${comment}\` is on a line of its own now`)
    const converted = convert(text.trim(), place)
    return {line, converted: converted === line.trim() ? line : converted, comment}
  })
  requireValid({name, lines: pieces.map(({converted}) => converted), placeOf})
  return {
    lines: pieces.flatMap(({converted, comment}) => (comment === undefined ? [converted] : [comment, converted])),
    isSame: pieces.every(({line, converted}) => line === converted),
  }
}

function noteDropped(
  remarks: Remarks,
  place: Place,
  {attribute, line}: {readonly attribute: string; readonly line: string},
): void {
  remarks.note('attribute-dropped', place, `\`${attribute}\` of \`${line}\` had no effect, and was removed`)
}

/**
 * Rules that are the default ones where all expressions are empty, as in docker/metadata-action. Undefined if a line has
 * other text, or is never empty.
 */
function withDefaultForEmpty({env, job}: JobModel, lines: readonly string[]): readonly string[] | undefined {
  const inner = lines.map((line) => wholeExpression(resolved(line, env)))
  const isKnown = inner.some((text) => {
    const key = /^matrix\.(?<key>[\w.-]+)$/.exec(text ?? '')?.groups?.['key']
    const values = key === undefined ? undefined : matrixValues(job.matrix, key.split('.'))
    return text === undefined || /\|\|\s*'[^']+'$/.test(text) || values?.every((value) => value.trim() !== '') === true
  })
  const last = wholeExpression(lines.at(-1) ?? '')
  if (isKnown || last === undefined) return undefined
  const others = inner.slice(0, -1).map((text) => `(${text ?? ''}) != '' && ' '`)
  const rules = defaultRules.join(String.raw`\n`)
  return [...lines.slice(0, -1), `\${{ ${[last, ...others].join(' || ')} || fromJSON('"${rules}"') }}`]
}

/** Content of a line that is one expression. */
function wholeExpression(line: string): string | undefined {
  return /^\$\{\{(?<inner>(?:(?!\}\}).)*)\}\}$/.exec(line)?.groups?.['inner']?.trim()
}

function flavorLine(line: string, place: Place, remarks: Remarks): string {
  const written = writtenAttributes(line)
  if (written === undefined) return line
  const unknown = written.all.filter(({name}) => name !== undefined && !flavorAttributes.includes(name.toLowerCase()))
  for (const {name, value} of unknown) noteDropped(remarks, place, {attribute: name ?? value, line})
  return unknown.length === 0 ? line : written.without(unknown)
}
