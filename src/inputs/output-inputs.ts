import type {InputReader} from './input-reader.ts'
import type {OutputInputs} from './inputs.ts'

/** The inputs that shape outputs. */
export function readOutputInputs(reader: InputReader): OutputInputs {
  return {
    tagSeparator: readSeparator(reader, 'sep-tags'),
    labelSeparator: readSeparator(reader, 'sep-labels'),
    annotationSeparator: readSeparator(reader, 'sep-annotations'),
    bakeTarget: readBakeTarget(reader),
  }
}

function readSeparator(reader: InputReader, name: 'sep-tags' | 'sep-labels' | 'sep-annotations'): string {
  const text = reader.verbatim(name)
  return text === '' ? '\n' : text
}

/** The names that Bake takes for a target: https://docs.docker.com/build/bake/reference/#target */
function readBakeTarget(reader: InputReader): string {
  const name = reader.text('bake-target')
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    reader.problem('bake-target', {}, `"${name}" cannot be the name of a target`, 'Use letters, digits, - and _.')
  }
  return name
}
