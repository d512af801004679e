import {inspect} from 'node:util'

const hidden = '***'

/** A value that must not be printed: every way of turning it into text gives `***`; `reveal()` alone gives the value. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself: for standard input, a header, or the environment of a child. Never for argv or a log. */
  reveal(): string {
    return this.#value
  }

  get isEmpty(): boolean {
    return this.#value === ''
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
