import {TagboatError} from '../errors/error.ts'

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

/** Collects problems, so that a user sees all of them in one run. Parsers report and go on with what they can use. */
export class Problems {
  readonly #found: Problem[] = []

  add(problem: Problem): void {
    this.#found.push(problem)
  }

  get all(): readonly Problem[] {
    return this.#found
  }

  /** @throws TagboatError `input-invalid` listing every problem, if there is one. */
  throwIfAny(): void {
    if (this.#found.length === 0) return
    const count = this.#found.length === 1 ? 'One input' : `${this.#found.length} inputs`
    throw new TagboatError('input-invalid', {
      message: `${count} of this step cannot be used as written.`,
      evidence: this.#found.map(formatProblem),
    })
  }
}

/** `tags, line 3, column 14: unknown attribute "patern". Did you mean "pattern"?` */
export function formatProblem(problem: Problem): string {
  const line = problem.line === undefined ? '' : `, line ${problem.line}`
  const column = problem.column === undefined ? '' : `, column ${problem.column}`
  return `${problem.input}${line}${column}: ${problem.message}. ${problem.remedy}`
}
