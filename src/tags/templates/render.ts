import {suggestion} from '../../inputs/syntax/nearest.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {TagRule} from '../rules/rule.ts'
import {literalText, TemplateProblem, type Rendered, type TemplateEngine, type TemplateValues} from './template.ts'

/** Place of a template in an input, for its problems. */
export interface TemplatePlace {
  readonly input: string
  readonly line: number
  /** 1-based column of the template. */
  readonly column: number
}

/** Place of the value of a rule's attribute. */
export function placeIn({source, columns}: TagRule, attribute: string): TemplatePlace {
  return {input: 'tags', line: source.line, column: columns[attribute] ?? 1}
}

/** Renders templates of the inputs. Reports errors as problems with line and column. */
export class Renderer {
  readonly #engine: TemplateEngine
  readonly #problems: Problems

  constructor(engine: TemplateEngine, problems: Problems) {
    this.#engine = engine
    this.#problems = problems
  }

  /** Renders a template; undefined after a problem. */
  render(template: string, values: TemplateValues, place: TemplatePlace): Rendered | undefined {
    if (!template.includes('{{')) return literalText(template)
    try {
      return this.#engine.render(template, values)
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error
      this.#report(error, template, values, place)
      return undefined
    }
  }

  /** Checks every expression of a template, whatever the values. */
  check(template: string, values: TemplateValues, place: TemplatePlace): void {
    if (!template.includes('{{')) return
    try {
      this.#engine.check(template, values)
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error
      this.#report(error, template, values, place)
    }
  }

  #report(problem: TemplateProblem, template: string, values: TemplateValues, place: TemplatePlace): void {
    const remedy = remedyFor(problem, values)
    const {line, column} = positionIn(template, problem.column)
    this.#problems.add({
      input: place.input,
      line: place.line + line - 1,
      column: line === 1 ? place.column + column - 1 : column,
      message: problem.message,
      remedy,
    })
  }
}

function remedyFor({remedy, unknownName}: TemplateProblem, values: TemplateValues): string {
  if (remedy !== undefined) return remedy
  return unknownName === undefined
    ? 'Write an expression as {{name}} or {{name "argument"}}.'
    : suggestion(unknownName, [...values.keys()])
}

/** Line and column of a character in a text, both 1-based. */
function positionIn(text: string, column: number): {readonly line: number; readonly column: number} {
  const before = text.slice(0, column - 1)
  return {line: before.split('\n').length, column: column - 1 - before.lastIndexOf('\n')}
}
