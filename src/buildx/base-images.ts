import type {BuildInputs} from '../inputs/inputs.ts'
import {parseRepository, type Repository} from '../oci/reference.ts'

/**
 * Images that a Dockerfile reads: those of FROM, `COPY --from`, `RUN --mount=from=` and the line `# syntax=`. Stages,
 * build contexts and names with an argument whose value is unknown are left out. An image of an unused stage counts too.
 */
export function baseImages(
  dockerfile: string,
  inputs: Pick<BuildInputs, 'buildArgs' | 'buildContexts'>,
): readonly string[] {
  const found = new FoundImages(inputs)
  const [first = ''] = dockerfile.replace(/^\uFEFF/, '').split('\n', 1)
  found.add(/^# *syntax *= *(\S+)/i.exec(first)?.[1])
  for (const instruction of instructionsOf(dockerfile)) {
    const [, keyword = '', rest = ''] = /^\s*([a-z]+)\s+([\s\S]*)$/i.exec(instruction) ?? []
    if (/^arg$/i.test(keyword)) found.addArguments(rest)
    else if (/^from$/i.test(keyword)) found.addStage(rest)
    else if (/^(?:copy|run)$/i.test(keyword)) {
      for (const [, source] of rest.matchAll(/(?:^|[\s,])(?:--)?from=([^\s,]+)/g)) found.add(source)
    }
  }
  return [...found.images]
}

/** Images of a Dockerfile, with the arguments and stages before the current line. */
class FoundImages {
  readonly images = new Set<string>()
  readonly #given: ReadonlyMap<string, string>
  readonly #values = new Map<string, string>()
  /** Names that are not images: stages, in lower case, and build contexts. */
  readonly #names: Set<string>
  #isGlobal = true

  constructor({buildArgs, buildContexts}: Pick<BuildInputs, 'buildArgs' | 'buildContexts'>) {
    this.#given = new Map(buildArgs.flatMap(({key, value}) => (value === undefined ? [] : [[key, value] as const])))
    this.#names = new Set(['scratch', ...buildContexts.map(({key}) => key)])
  }

  add(text = ''): void {
    const image = expand(text, this.#values) ?? ''
    const isName = this.#names.has(image) || this.#names.has(image.toLowerCase()) || /^\d+$/.test(image)
    if (!isName && repositoryOfImage(image) !== undefined) this.images.add(image)
  }

  /** Only arguments before the first FROM apply to names of images. */
  addArguments(text: string): void {
    if (!this.#isGlobal) return
    for (const [name, value] of argumentsIn(text)) {
      this.#values.set(name, this.#given.get(name) ?? expand(value, this.#values) ?? '')
    }
  }

  addStage(text: string): void {
    this.#isGlobal = false
    const [image, , stage] = text.split(/\s+/).filter((word) => !word.startsWith('--'))
    this.add(image)
    if (stage !== undefined) this.#names.add(stage.toLowerCase())
  }
}

/** Images that build contexts name: `NAME=docker-image://IMAGE`. */
export function contextImages({buildContexts}: Pick<BuildInputs, 'buildContexts'>): readonly string[] {
  return buildContexts.flatMap(({value}) => /^docker-image:\/\/(\S+)$/.exec(value)?.[1] ?? [])
}

/** Repository of an image reference with any tag or digest; undefined for another text. */
export function repositoryOfImage(image: string): Repository | undefined {
  const [, name = ''] = /^([^@]*?)(?::[^:/@]+)?(?:@.+)?$/.exec(image) ?? []
  const parsed = parseRepository(name)
  return parsed.ok ? parsed.value : undefined
}

/** Instructions with their continuation lines joined, without comments and the text of here-documents. */
function instructionsOf(text: string): readonly string[] {
  const instructions: string[] = []
  let open: string | undefined
  let ends: string[] = []
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [end] = ends
    if (end !== undefined) {
      if (line.replace(/^\t+/, '') === end) ends = ends.slice(1)
      continue
    }
    if (/^\s*#/.test(line) || (open === undefined && line.trim() === '')) continue
    const joined: string = open === undefined ? line : `${open} ${line}`
    const [, continued] = /^(.*)[\\`]\s*$/s.exec(joined) ?? []
    open = continued
    if (continued !== undefined) continue
    instructions.push(joined)
    if (/^\s*(?:RUN|COPY|ADD)\s/i.test(joined)) {
      ends = [...joined.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(([, , word = '']) => word)
    }
  }
  return open === undefined ? instructions : [...instructions, open]
}

/** Names of `ARG A=1 B="two" C` with their default values. */
function argumentsIn(text: string): readonly (readonly [string, string])[] {
  return [...text.matchAll(/([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?/g)].map(
    ([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')] as const,
  )
}

/**
 * Text with the values of `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+alternative}`; undefined if a value is
 * unknown, or for another kind of expression.
 */
function expand(text: string, values: ReadonlyMap<string, string>): string | undefined {
  const unknown: string[] = []
  const expanded = text.replace(/\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*(?::?[-+][^{}$]*)?\})/g, (expression) => {
    const [, name = '', operator, word = ''] = /^\$\{?(\w+)(?::?([-+]))?([^}]*)/.exec(expression) ?? []
    const value = values.get(name) ?? ''
    if (operator === '+') return value === '' ? '' : word
    if (value === '' && operator === undefined) unknown.push(name)
    return value === '' ? word : value
  })
  return unknown.length === 0 && !expanded.includes('$') ? expanded : undefined
}
