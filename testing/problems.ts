import type {Notice, Problem, Problems} from '../src/inputs/problem.ts'

/**
 * Shortens a problem or notice to its input, its position and the texts in double quotes, such as
 * `images 1:8 "enabled" "enable"`. The wording is checked in `messages.test.ts` only.
 */
export function brief({input, line, column, message, ...rest}: Notice | Problem): string {
  const place = [line, column].filter((number) => number !== undefined).join(':')
  const texts = `${message} ${'remedy' in rest ? rest.remedy : ''}`.match(/"[^"]+"/g) ?? []
  return [input, ...(place === '' ? [] : [place]), ...texts].join(' ')
}

/** Problems of the inputs in short form. */
export function briefProblems(problems: Problems): readonly string[] {
  return problems.all.map(brief)
}

/** Notices about the inputs in short form. */
export function briefNotices(problems: Problems): readonly string[] {
  return problems.notices.map(brief)
}
