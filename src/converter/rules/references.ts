/** Reads of an output of a step in a text: `steps.meta.outputs.tags`, `steps['meta'].outputs['tags']`. */
interface OutputRead {
  readonly id: string
  /** Name of the output; undefined for anything else of the step. */
  readonly output: string | undefined
  /** Text of the read: `steps.meta.outcome`. */
  readonly text: string
}

const name = String.raw`(?:\.(?<NAME>[\w-]+)|\[\s*'(?<QUOTED>[\w-]+)'\s*\])`
const part = (at: string): string => name.replace('NAME', at).replace('QUOTED', `${at}Quoted`)

/** Finds the outputs of steps that a text reads. */
export function outputReads(text: string): readonly OutputRead[] {
  const pattern = new RegExp(String.raw`\bsteps${part('id')}(?:\.outputs${part('output')}|(?:\.[\w-]+)+)?`, 'g')
  return [...text.matchAll(pattern)].map(({0: read, groups = {}}) => ({
    id: groups['id'] ?? groups['idQuoted'] ?? '',
    output: groups['output'] ?? groups['outputQuoted'],
    text: read,
  }))
}

/** ID and output of a text that consists of one expression with one output. */
export function onlyOutput(text: string): Pick<OutputRead, 'id' | 'output'> | undefined {
  const pattern = new RegExp(String.raw`^\$\{\{\s*steps${part('id')}\.outputs${part('output')}\s*\}\}$`)
  const groups = pattern.exec(text.trim())?.groups
  return groups === undefined
    ? undefined
    : {id: groups['id'] ?? groups['idQuoted'] ?? '', output: groups['output'] ?? groups['outputQuoted']}
}

/** Replaces the ID of a step in a text. */
export function renameStep(text: string, ids: ReadonlyMap<string, string>): string {
  return text
    .replaceAll(/\bsteps\.([\w-]+)/g, (whole, id: string) => (ids.has(id) ? `steps.${ids.get(id) ?? id}` : whole))
    .replaceAll(/\bsteps\[\s*'([\w-]+)'\s*\]/g, (whole, id: string) =>
      ids.has(id) ? `steps['${ids.get(id) ?? id}']` : whole,
    )
}
