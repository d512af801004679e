import type {JobStep} from '../job-model.ts'

/** Replaces the outputs of a metadata step in a text by expressions of Tagboat with the same value. */
export function withExpressions(text: string, meta: JobStep | undefined): string {
  const id = meta?.step.id?.text
  return id === undefined ? text : replaceOutputs(text, id)
}

function replaceOutputs(text: string, id: string): string {
  const step = String.raw`steps(?:\.${id}|\['${id}'\])\.outputs`
  const label = String.raw`fromJSON\(\s*${step}\.json\s*\)\.labels\['org\.opencontainers\.image\.(created|revision|version)'\]`
  return text
    .replaceAll(
      new RegExp(String.raw`\$\{\{\s*(?:${step}\.version|env\.DOCKER_METADATA_OUTPUT_VERSION)\s*\}\}`, 'g'),
      '{{meta.version}}',
    )
    .replaceAll(new RegExp(String.raw`\$\{\{\s*${label}\s*\}\}`, 'gi'), (_, name: string) =>
      name === 'version' ? '{{meta.version}}' : `{{${name}}}`,
    )
}
