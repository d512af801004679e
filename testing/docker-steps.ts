import {convertWorkflow} from '../src/converter/convert-workflow.ts'
import type {Conversion} from '../src/converter/conversion.ts'

/** Action that conversions write. */
export const action = 'tagboat/tagboat@v1'

/** Converts a job with these steps. `env` is text before them. */
export function convert(steps: string, {on = 'push', env = ''} = {}): Conversion {
  const indented = steps.replaceAll(/^(?=.)/gm, '      ')
  return convertWorkflow(`on: ${on}\njobs:\n  image:\n${env}    steps:\n${indented}`, {action})
}

/** Line and message of the remarks with a code. */
export function found({remarks}: Conversion, code: string): readonly (readonly [number, string])[] {
  return remarks.filter((remark) => remark.code === code).map(({place, message}) => [place.line, message])
}

/** Step of docker/metadata-action with the image `acme/app` and these inputs. */
export function metadata(...inputs: readonly string[]): string {
  return `- uses: docker/metadata-action@v6\n  id: meta\n  with:\n    images: acme/app\n${block(inputs)}`
}

function block(inputs: readonly string[]): string {
  return inputs.map((line) => `    ${line}\n`).join('')
}

/** Step of docker/build-push-action that pushes the tags of the metadata, with these further inputs. */
export function build(...inputs: readonly string[]): string {
  const all = ['context: .', 'push: true', 'tags: ${{ steps.meta.outputs.tags }}', ...inputs]
  return `- uses: docker/build-push-action@v7\n  with:\n${block(all)}`
}

/** Build without metadata. */
export const plain = build().replace('${{ steps.meta.outputs.tags }}', 'acme/app:main')
