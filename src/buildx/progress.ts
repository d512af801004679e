/** Who builds, as the first line of Buildx's plain progress says it. */
export interface BuilderName {
  readonly name: string
  readonly driver: string
}

/** `#0 building with "default" instance using docker driver`. Undefined when the output does not say. */
export function builderName(output: string): BuilderName | undefined {
  const match = /^#0 building with "([^"]+)" instance using (\S+) driver/m.exec(output)
  const [, name, driver] = match ?? []
  return name === undefined || driver === undefined ? undefined : {name, driver}
}

/**
 * Takes what Buildx prints in any pieces and hands it on in whole lines, without those that say nothing: while it writes a
 * layout for several platforms, each waits for the other's lock on a blob that they share, and is told as an error.
 */
export class QuietLines {
  readonly #write: (text: string) => void
  #rest = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  take(chunk: string): void {
    const lines = `${this.#rest}${chunk}`.split(/(?<=\n)/)
    this.#rest = lines.at(-1)?.endsWith('\n') === true ? '' : (lines.pop() ?? '')
    const kept = lines.filter((line) => !lockNoise.test(line)).join('')
    if (kept !== '') this.#write(kept)
  }

  end(): void {
    if (this.#rest !== '' && !lockNoise.test(this.#rest)) this.#write(this.#rest)
    this.#rest = ''
  }
}

const lockNoise = /^ERROR: \(\*service\)\.Write failed: rpc error: code = Unavailable desc = ref \S+ locked for /
