import {isHost, normaliseHost} from '../oci/reference.ts'
import type {InputReader, Place} from './input-reader.ts'

/** A registry as users write it, normalised; reported and undefined when it is no host. Empty is Docker Hub. */
export function readHost(
  reader: InputReader,
  input: 'registry' | 'registry-auth',
  text: string,
  place: Place,
): string | undefined {
  const host = normaliseHost(text)
  if (isHost(host)) return host
  // The text is not quoted: people paste addresses that hold a password.
  const remedy = 'Write the host alone, such as ghcr.io or registry.example:5000.'
  reader.problem(input, place, 'this is not a registry host', remedy)
  return undefined
}
