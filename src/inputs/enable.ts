import type {Problem} from './problem.ts'

/** Of an `enable`, written or rendered: whether it says something. */
export function isEnable(text: string): text is 'true' | 'false' {
  return text === 'true' || text === 'false'
}

/** What to tell of an `enable` that does not. */
export function enableProblem(text: string): Pick<Problem, 'message' | 'remedy'> {
  return {
    message: `enable is "${text}", which is neither true nor false`,
    remedy: 'Write true, false, or an expression that gives one of them, such as {{is_default_branch}}.',
  }
}
