import {inputLinePlace, inputPlace, Refusal, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {onlyOutput} from '../rules/references.ts'
import {newEntry, type EntryText} from '../text/entry-text.ts'
import {withLiteralBraces, type TextName} from './braces.ts'
import {labelOrder} from './label-order.ts'
import {withExpressions} from './metadata-values.ts'

interface Question {
  /** Metadata step whose labels or annotations the build may use. */
  readonly meta: JobStep | undefined
  /** Whether expressions can replace outputs of the metadata step. */
  readonly hasExpressions: boolean
  readonly remarks: Remarks
}

/**
 * Entry with the lines of a build. The line with the output of the metadata step is not among them: those labels or
 * annotations come with its inputs.
 */
export function ownEntry(
  model: JobModel,
  build: JobStep,
  {input, ...question}: Question & {readonly input: EntryText; readonly name: TextName},
): readonly EntryText[] {
  const {name} = question
  const written = writtenLines(build, name)
  const {style} = build.step.with.get(name) ?? {style: 'plain'}
  const kept = keptLines(model, build, question)
  requireEscapable(kept, build, name)
  const convert = (line: string): string => converted(line, name, question)
  const isChanged = kept.some((line) => convert(line) !== line)
  if (kept.length < written.length || (isChanged && style === 'double')) {
    const lines = kept.map((line) => convert(line).trim()).filter((line) => line !== '')
    return lines.length === 0 ? [] : [newEntry(name, lines)]
  }
  return [isChanged ? {...input, after: convert(input.after), rest: input.rest.map(convert)} : input]
}

/** Lines of a build, as they are written in the entry of `ownEntry`. */
export function ownLines(
  model: JobModel,
  build: JobStep,
  {name, ...question}: Question & {readonly name: TextName},
): readonly string[] {
  return keptLines(model, build, {...question, name})
    .map((line) => converted(line, name, question).trim())
    .filter((line) => line !== '')
}

/** @throws Refusal if a backslash before braces is a text, and Tagboat would drop it. */
function requireEscapable(lines: readonly string[], build: JobStep, name: TextName): void {
  const line = lines.find((one) => one.includes(String.raw`\{{`) && withLiteralBraces(one, name) !== one)
  if (line === undefined) return
  throw new Refusal(
    'braces',
    inputPlace(build, name),
    `\`${line.trim()}\` has a backslash before braces, which Tagboat drops`,
    'Build the value in a step before, and use its output.',
  )
}

function converted(line: string, name: TextName, {meta, hasExpressions}: Question): string {
  const literal = withLiteralBraces(line, name)
  return hasExpressions ? withExpressions(literal, meta) : literal
}

function keptLines(
  model: JobModel,
  build: JobStep,
  {name, meta, remarks}: Question & {readonly name: TextName},
): readonly string[] {
  const lines = writtenLines(build, name)
  if (name === 'build-args' || meta === undefined) return lines
  const isOutput = (line: string): boolean => isOutputLine(line, meta, name)
  const last = lines.findLastIndex(isOutput)
  return lines.filter((line, index) => {
    if (isOutput(line)) return false
    if (index > last || line.trim() === '' || line.trimStart().startsWith('#')) return true
    const order = labelOrder(line, name, {build, meta, env: model.env})
    const place = inputLinePlace(model, build, {name, index})
    if (order === 'unknown')
      remarks.note(
        'label-order',
        place,
        `\`${line.trim()}\` counts now, also if the metadata has the same name`,
        'Remove the line if the value of the metadata must count.',
      )
    if (order === 'replaced')
      remarks.note('label-order', place, `the metadata replaced \`${line.trim()}\`, so the line was removed`)
    return order !== 'replaced'
  })
}

function writtenLines(build: JobStep, name: TextName): readonly string[] {
  return (build.step.with.get(name)?.text ?? '').trimEnd().split('\n')
}

/** Reports whether a build uses the labels or annotations of its metadata step. */
export function usesOutput(build: JobStep, meta: JobStep, name: 'labels' | 'annotations'): boolean {
  return writtenLines(build, name).some((line) => isOutputLine(line, meta, name))
}

function isOutputLine(line: string, {step}: JobStep, name: 'labels' | 'annotations'): boolean {
  const read = onlyOutput(line)
  const variable = `DOCKER_METADATA_OUTPUT_${name.toUpperCase()}`
  return (
    (read !== undefined && read.id === step.id?.text && read.output === name) ||
    new RegExp(String.raw`^\$\{\{\s*env\.${variable}\s*\}\}$`).test(line.trim())
  )
}
