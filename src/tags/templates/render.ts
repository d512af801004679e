import {suggestion} from '../../inputs/syntax/nearest.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {TagRule} from '../rules/rule.ts'
import {literalText, TemplateProblem, type Rendered, type TemplateEngine, type TemplateValues} from './template.ts'

/** Where a template stands, for its problems. */
export interface TemplatePlace {
  readonly input: string
  readonly line: number
  /** 1-based column of the template. */
  readonly column: number
}

/** Where an attribute of a rule has its value. */
export function placeIn({source, columns}: TagRule, attribute: string): TemplatePlace {
  return {input: 'tags', line: source.line, column: columns[attribute] ?? 1}
}

/** Renders templates of the inputs; what is wrong with one becomes a positioned problem, and its result undefined. */
export class Renderer {
  readonly #engine: TemplateEngine
  readonly #problems: Problems

  constructor(engine: TemplateEngine, problems: Problems) {
    this.#engine = engine
    this.#problems = problems
  }

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

  /** Looks at every expression of a template, whatever the values: what is wrong with one becomes a positioned problem. */
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
    ? 'Expressions are written {{name}} or {{name "argument"}}.'
    : suggestion(unknownName, [...values.keys()])
}

/** Line and column of a character of a text; all 1-based. */
function positionIn(text: string, column: number): {readonly line: number; readonly column: number} {
  const before = text.slice(0, column - 1)
  return {line: before.split('\n').length, column: column - 1 - before.lastIndexOf('\n')}
}
