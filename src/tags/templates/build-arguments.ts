import type {BuildArgument} from '../../inputs/inputs.ts'
import {nearest} from '../../inputs/syntax/nearest.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {Renderer, TemplatePlace} from './render.ts'
import type {TemplateValues} from './template.ts'

/**
 * Renders the expressions in the values of build arguments. Braces without an expression of Tagboat belong to the build,
 * such as a template of another language: the value is passed on unchanged, with a notice.
 */
export function renderBuildArguments(
  buildArgs: readonly BuildArgument[],
  {
    renderer,
    values,
    problems,
  }: {readonly renderer: Renderer; readonly values: TemplateValues; readonly problems: Problems},
): readonly BuildArgument[] {
  return buildArgs.flatMap((argument): readonly BuildArgument[] => {
    const {key, value} = argument
    if (!value?.includes('{{')) return [argument]
    if (!hasExpressionOf(value, values)) {
      noteForeign(argument, values, problems)
      return [argument]
    }
    const rendered = renderer.render(value, values, templatePlace(argument))
    return rendered === undefined ? [] : [{key, value: rendered.text}]
  })
}

/** Checks the expressions in the values of build arguments, whatever the event. */
export function checkBuildArguments(
  buildArgs: readonly BuildArgument[],
  renderer: Renderer,
  values: TemplateValues,
): void {
  for (const argument of buildArgs) {
    const {value} = argument
    if (value !== undefined && hasExpressionOf(value, values)) {
      renderer.check(value, values, templatePlace(argument))
    }
  }
}

function templatePlace({place}: BuildArgument): TemplatePlace {
  return {input: 'build-args', line: place?.line ?? 1, column: place?.column ?? 1}
}

/** Reports whether an expression of a text contains one of the names. `{{.version}}` and `{{$version}}` do not. */
export function hasExpressionOf(text: string, values: TemplateValues): boolean {
  return expressionsIn(text).some((expression) => wordsIn(expression).some((word) => values.has(word)))
}

function expressionsIn(text: string): readonly string[] {
  return [...text.matchAll(/\{\{(?!~?!)([^{}]{0,1000})\}\}/g)].map(([, body = '']) => body)
}

/** Names in an expression, without text in quotes. */
function wordsIn(expression: string): readonly string[] {
  const bare = expression.replace(/'[^']*'|"[^"]*"/g, ' ')
  return [...bare.matchAll(/(?<![\w.$@-])[a-z_]+(?:\.[a-z_]+)*(?![\w(])/gi)].map(([word]) => word)
}

/**
 * Notes braces of another language, as a warning if a name is similar to an expression. The message does not contain the
 * value, which may be confidential.
 */
function noteForeign({key, value = '', place}: BuildArgument, values: TemplateValues, problems: Problems): void {
  const names = [...values.keys()]
  const [match] = expressionsIn(value)
    .flatMap(wordsIn)
    .flatMap((word) => nearest(word, names) ?? [])
  const unchanged = `${key} contains {{ without an expression of Tagboat, and is passed to the build unchanged`
  if (match === undefined) problems.notice({input: 'build-args', ...place, message: unchanged})
  else problems.warn({input: 'build-args', ...place, message: `${unchanged}; did you mean {{${match}}}?`})
}
