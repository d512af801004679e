import {inputLinePlace, inputText, resolved, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {writtenAttributes} from '../metadata/written-attributes.ts'
import {notePrereleases} from './pre-releases.ts'

/** Difference of a line, as a message. Undefined if it has none. */
type Difference = (line: string, model: JobModel, count: number) => string | undefined

const differences: Readonly<Record<'tags' | 'flavor' | 'images', readonly Difference[]>> = {
  tags: [emptyExpression, quotedComma, createdRef],
  flavor: [expressionOnLatest, secondEquals, createdRef],
  images: [listOfNames],
}

/** Notes the lines of a metadata step whose tags can be others than in docker/metadata-action. */
export function noteTagDifferences(model: JobModel, meta: JobStep, remarks: Remarks): void {
  notePrereleases(model, meta, remarks)
  for (const name of ['tags', 'flavor', 'images'] as const) {
    const lines = inputText(meta, name).split('\n')
    const count = lines.filter((line) => line.trim() !== '').length
    for (const [index, line] of lines.entries()) {
      const text = resolved(line.trim(), model.env)
      if (text.startsWith('#')) continue
      for (const difference of differences[name]) {
        const message = difference(text, model, count)
        if (message !== undefined)
          remarks.note('tags-differ', inputLinePlace(model, meta, {name, index}), message, remedy)
      }
    }
  }
}

const remedy = 'See the differences of the rules in docs/migrating.md.'

/** Difference 8: a rule is skipped if an empty expression would leave a separator at the end of its tag. */
function emptyExpression(line: string): string | undefined {
  const value = writtenAttributes(line)?.value
  const text = ['prefix', 'value', 'suffix'].map((name) => value?.(name) ?? '').join('')
  if (value?.('type') !== 'raw' || value('enable')?.includes('default_branch') === true) return undefined
  const name = /[-._]\{\{\s*(?<name>branch|tag|base_ref)\s*\}\}$/.exec(text)?.groups?.['name']
  return name === undefined
    ? undefined
    : `if \`{{${name}}}\` is empty, \`${line}\` gave a tag that ends with a separator, and gives no tag`
}

/** Difference 10: a comma in quotes ended the attribute. */
function quotedComma(line: string): string | undefined {
  const quotes = withoutExpressions(line).split('"')
  const hasComma = quotes.some((text, at) => at % 2 === 1 && at < quotes.length - 1 && text.includes(','))
  return hasComma && !line.startsWith('"')
    ? `the comma in quotes of \`${line}\` ended the attribute, and is part of it`
    : undefined
}

/** Difference 2: a ref that was created counted as the default branch. */
function createdRef(line: string, {workflow: {on}}: JobModel): string | undefined {
  return on.has('create') && /\bis_default_branch\b/.test(line)
    ? '`{{is_default_branch}}` was true for each ref that is created, and is true for the default branch only'
    : undefined
}

/** Difference 6: an expression of the flavor is rendered for `latest` too. */
function expressionOnLatest(line: string): string | undefined {
  const text = withoutExpressions(line)
  return text.includes('onlatest=true') && text.includes('{{')
    ? `the expression of \`${line}\` was text in the tag \`latest\`, and has its value there`
    : undefined
}

/** Difference 13: a value ended at its second equals sign. */
function secondEquals(line: string): string | undefined {
  return withoutExpressions(line)
    .split(',')
    .some((field) => (field.match(/=/g) ?? []).length > 1)
    ? `a value of \`${line}\` ended at its second equals sign, and is used as a whole`
    : undefined
}

/** Difference 14: of a list on one of several lines, only the last name counted. */
function listOfNames(line: string, _: JobModel, count: number): string | undefined {
  const text = withoutExpressions(line)
  return count > 1 && text.includes(',') && !text.includes('=')
    ? `of \`${line}\`, only the last name counted, and all do`
    : undefined
}

function withoutExpressions(line: string): string {
  return line.replaceAll(/\$\{\{.*?\}\}/g, 'x')
}
