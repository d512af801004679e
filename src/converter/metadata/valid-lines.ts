import {readImageInputs} from '../../inputs/image-inputs.ts'
import {InputReader} from '../../inputs/input-reader.ts'
import {Problems, type Problem} from '../../inputs/problem.ts'
import {checkTemplates} from '../../tags/templates/check-templates.ts'
import {mayNeedCalver, parseRules} from '../../tags/rules/rule-reader.ts'
import {needsFullEngine, plainEngine} from '../../tags/templates/template.ts'
import type {Place} from '../../workflow-file/workflow.ts'
import {Refusal} from '../job-model.ts'

/** Lines of an input of the image, as they will be written. */
interface WrittenInput {
  readonly name: string
  readonly lines: readonly string[]
  /** Place in the file of a line, by its index. */
  readonly placeOf: (index: number) => Place
}

/**
 * Requires that a run accepts the lines of an input. Lines with an expression of GitHub are not known before the run.
 * @throws Refusal `rule-invalid`
 */
export function requireValid({name, lines, placeOf}: WrittenInput): void {
  const unknown = linesWithExpressions(lines.join('\n'))
  for (const [index, line] of lines.entries()) {
    const problem = unknown.has(index) ? undefined : problemOf(name, line)
    if (problem === undefined) continue
    throw new Refusal(
      'rule-invalid',
      placeOf(index),
      `\`${line.trim()}\` of \`${name}\` is not valid in Tagboat: ${problem.message}`,
      problem.remedy,
    )
  }
}

/** Problem that a run reports for a line, whatever its event is. */
function problemOf(name: string, line: string): Problem | undefined {
  const problems = new Problems()
  const image = readImageInputs(new InputReader(new Map([[name, line]]), problems))
  if (!mayNeedCalver(image.tags)) parseRules(image.tags, {origin: 'tags'}, problems)
  // Expressions with arguments need an engine that is loaded later.
  if (!needsFullEngine(line)) checkTemplates({image, build: {buildArgs: []}}, plainEngine, problems)
  return problems.all[0]
}

/** Indexes of the lines that an expression of GitHub is on. */
function linesWithExpressions(text: string): ReadonlySet<number> {
  const found = [...text.matchAll(/\$\{\{(?:(?!\}\}).)*\}\}/gs)].flatMap(({0: expression, index}) => {
    const first = text.slice(0, index).split('\n').length - 1
    return expression.split('\n').map((_, at) => first + at)
  })
  return new Set(found)
}
