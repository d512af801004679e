import {parseBoolean, type InputReader} from '../input-reader.ts'
import type {BuildInputs} from '../inputs.ts'
import type {ListItem} from '../syntax/lists.ts'
import {parseSwitch} from '../syntax/output-entry.ts'
import {attributeOf} from './attestation-inputs.ts'

/** Reports the attestations that are requested although there are to be none. */
export function reportRequested(
  written: Pick<BuildInputs, 'provenance' | 'sbom'>,
  attests: readonly ListItem[],
  reader: InputReader,
): void {
  const remedy =
    'Remove one of them. For an image without attestations in its index, set `attestations: referrers`, which keeps them beside it.'
  for (const name of ['provenance', 'sbom'] as const) {
    const text = written[name]
    if (text === undefined || isDisabled(text)) continue
    reader.problem('attestations', {}, `\`off\` contradicts \`${name}: ${text}\``, remedy)
  }
  for (const {text, number, column} of attests) {
    if (!isDisabled(text))
      reader.problem('attests', {line: number, column}, '`attestations: off` contradicts it', remedy)
  }
}

/** Reports whether an attestation is switched off, as Buildx reads it. */
function isDisabled(text: string): boolean {
  if (parseBoolean(text) === false) return true
  const written = attributeOf(text, 'disabled')
  return written !== undefined && parseSwitch(written) === true
}
