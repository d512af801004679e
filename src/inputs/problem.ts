import {TagboatError} from '../errors/error.ts'
import {inputSpecs} from './spec/spec.ts'

/** Error in an input, with its position and a remedy. Never quotes a secret. */
export interface Problem {
  readonly input: string
  /** 1-based line in the value of the input. */
  readonly line?: number
  /** 1-based column in the line. */
  readonly column?: number
  readonly message: string
  readonly remedy: string
  /** Sentence of the remedy for a run alone, whose inputs can also be variables of the job. A file has no such inputs. */
  readonly remedyInRun?: string
}

/** Remark about a valid input that may not have the expected effect. Never quotes a secret. */
export type Notice = Omit<Problem, 'remedy' | 'remedyInRun'>

/** Collector of problems, so that a run reports all of them. Parsers add a problem and continue. */
export class Problems {
  readonly #found: Problem[] = []
  readonly #notices: Notice[] = []
  readonly #warnings: Notice[] = []

  add(problem: Problem): void {
    this.#found.push(problem)
  }

  /** Adds a notice for the log. */
  notice(notice: Notice): void {
    this.#notices.push(notice)
  }

  /** Adds a warning for the log, for an input that probably does not have the intended effect. */
  warn(warning: Notice): void {
    this.#warnings.push(warning)
  }

  get warnings(): readonly Notice[] {
    return this.#warnings
  }

  get notices(): readonly Notice[] {
    return this.#notices
  }

  get all(): readonly Problem[] {
    return this.#found
  }

  /** Throws if there is a problem. @throws TagboatError `input-invalid` with every problem, in the order of the table; its `cause` is their list. */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    const found = this.#found.toSorted(byPlace(this.#found))
    const inputs = new Set(found.map(({input}) => input)).size
    const count = inputs === 1 ? 'One input' : `${inputs} inputs`
    throw new TagboatError('input-invalid', {
      message: `${count} of this step ${inputs === 1 ? 'is' : 'are'} not valid.`,
      evidence: found.map(formatProblem),
      cause: found,
    })
  }
}

/** Compares by input, line and column. Inputs that the table lacks, and variables, come last, in the order of their problems. */
function byPlace(all: readonly Problem[]): (a: Problem, b: Problem) => number {
  const names = [...new Set([...Object.keys(inputSpecs), ...all.map(({input}) => input)])]
  const order = new Map(names.map((name, index) => [name, index]))
  const placeOf = ({input}: Problem): number => order.get(input) ?? 0
  return (a, b) => placeOf(a) - placeOf(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

/** `tags, line 3, column 14: unknown attribute "patern". Did you mean "pattern"?` */
export function formatProblem(problem: Problem): string {
  const {remedy, remedyInRun} = problem
  return `${formatNotice(problem)} ${remedy}${remedyInRun === undefined ? '' : ` ${remedyInRun}`}`
}

/** `images, line 2, column 1: the name is used in lower case: ghcr.io/owner/app.` */
export function formatNotice({input, line, column, message}: Notice): string {
  const lineText = line === undefined ? '' : `, line ${line}`
  const columnText = column === undefined ? '' : `, column ${column}`
  return `${input}${lineText}${columnText}: ${message}.`
}
