import {TagboatError} from '../errors/error.ts'
import {inputSpecs} from './spec/spec.ts'

/** Something in an input that cannot be used: where it is, why, and what to write instead. Never quotes a secret. */
export interface Problem {
  readonly input: string
  /** 1-based line of the input's value, where the value has several. */
  readonly line?: number
  /** 1-based column in that line. */
  readonly column?: number
  readonly message: string
  readonly remedy: string
}

/** Something in an input that works, but perhaps not as its author thinks. Never quotes a secret. */
export type Notice = Omit<Problem, 'remedy'>

/** Collects problems, so that a user sees all of them in one run. Parsers report and go on with what they can use. */
export class Problems {
  readonly #found: Problem[] = []
  readonly #notices: Notice[] = []
  readonly #warnings: Notice[] = []

  add(problem: Problem): void {
    this.#found.push(problem)
  }

  /** For the log: nothing fails because of it. */
  notice(notice: Notice): void {
    this.#notices.push(notice)
  }

  /** For the log, where what was asked for probably is not what comes of it. */
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

  /** @throws TagboatError `input-invalid` listing every problem, in the order of the inputs' table, if there is one. */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    const inputs = new Set(this.#found.map(({input}) => input)).size
    const count = inputs === 1 ? 'One input' : `${inputs} inputs`
    throw new TagboatError('input-invalid', {
      message: `${count} of this step ${inputs === 1 ? 'is' : 'are'} not valid.`,
      evidence: this.#found.toSorted(byPlace).map(formatProblem),
    })
  }
}

const inputOrder: ReadonlyMap<string, number> = new Map(Object.keys(inputSpecs).map((name, index) => [name, index]))

/** Inputs, then lines, then columns; what is no input, such as a variable, comes last. */
function byPlace(a: Problem, b: Problem): number {
  return placeOf(a) - placeOf(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function placeOf({input}: Problem): number {
  return inputOrder.get(input) ?? inputOrder.size
}

/** `tags, line 3, column 14: unknown attribute "patern". Did you mean "pattern"?` */
export function formatProblem(problem: Problem): string {
  return `${formatNotice(problem)} ${problem.remedy}`
}

/** `images, line 2, column 1: the name is used in lower case: ghcr.io/owner/app.` */
export function formatNotice({input, line, column, message}: Notice): string {
  const lineText = line === undefined ? '' : `, line ${line}`
  const columnText = column === undefined ? '' : `, column ${column}`
  return `${input}${lineText}${columnText}: ${message}.`
}
