import {parseBoolean, type InputReader} from '../input-reader.ts'
import type {BuildInputs, Inputs} from '../inputs.ts'
import {inputSpecs} from '../spec/spec.ts'
import {parseAttributes} from '../syntax/attributes.ts'
import {suggestion} from '../syntax/nearest.ts'
import {parseSwitch} from '../syntax/output-entry.ts'

type AttestationInputs = Pick<BuildInputs, 'attests' | 'provenance' | 'sbom' | 'attestations'>

/** Reads where attestations go, and `attests` with its shorthands, which Buildx does not accept together with an attestation of the same type. */
export async function readAttestations(reader: InputReader): Promise<AttestationInputs> {
  const attests = reader.list('attests')
  for (const {text, number, column} of attests) {
    const type = attributeOf(text, 'type')
    if (type !== 'provenance' && type !== 'sbom') continue
    if (reader.text(type) === '') continue
    const remedy = `Remove this line, or the input ${type}.`
    reader.problem('attests', {line: number, column}, `the input ${type} already requests this attestation`, remedy)
  }
  const requested = {
    attests: attests.map(({text}) => text),
    provenance: readShorthand(reader, 'provenance'),
    sbom: readShorthand(reader, 'sbom'),
  }
  const attestations = reader.choice('attestations', inputSpecs.attestations.choices)
  if (attestations !== 'off') return {...requested, attestations}
  const {reportRequested} = await import('./check-off.ts')
  reportRequested(requested, attests, reader)
  return {...requested, attestations, provenance: 'false'}
}

/** Reads a shorthand, a boolean or a list of attributes, and returns it unchanged: https://docs.docker.com/reference/cli/docker/buildx/build/#attest */
function readShorthand(reader: InputReader, name: 'provenance' | 'sbom'): string | undefined {
  const text = reader.optionalText(name)
  if (text === undefined || parseBoolean(text) !== undefined) return text
  const parsed = parseAttributes(text)
  const example = name === 'provenance' ? 'mode=max' : 'generator=image'
  const remedy = `Write true, false, or attributes such as ${example}.`
  if (!parsed.ok) {
    reader.problem(name, {column: parsed.column}, parsed.reason, remedy)
    return undefined
  }
  const word = parsed.attributes.find((attribute) => attribute.name === undefined)
  if (word !== undefined) reader.problem(name, {column: word.nameColumn}, `"${word.value}" has no =`, remedy)
  const mode = parsed.attributes.find((attribute) => attribute.name === 'mode')
  if (name === 'provenance' && mode !== undefined && !modes.includes(mode.value))
    reader.problem(name, {column: mode.valueColumn}, `unknown mode "${mode.value}"`, suggestion(mode.value, modes))
  return text
}

const modes = ['min', 'max']

/**
 * Turns off the default provenance attestation if the environment variable of Buildx does:
 * https://docs.docker.com/build/building/variables/#buildx_no_default_attestations
 */
export function withDefaultAttestations(
  inputs: Inputs,
  variables: Readonly<Record<string, string | undefined>>,
): Inputs {
  const {attests, provenance} = inputs.build
  const isRequested = provenance !== undefined || attests.some((text) => attributeOf(text, 'type') === 'provenance')
  const written = variables['BUILDX_NO_DEFAULT_ATTESTATIONS'] ?? ''
  if (isRequested || written === '' || parseSwitch(written) !== true) return inputs
  return {...inputs, build: {...inputs.build, provenance: 'false'}}
}

/** Value of an attribute of an attestation. Undefined without it. */
export function attributeOf(text: string, name: string): string | undefined {
  const parsed = parseAttributes(text)
  return parsed.ok ? parsed.attributes.find((attribute) => attribute.name === name)?.value : undefined
}
