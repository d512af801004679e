import type {Mirror} from '../inputs/inputs.ts'
import {parseRepository} from '../oci/reference.ts'

/**
 * Where else an image can be pulled from: the same name, tag and digest at each mirror of its registry, in the order to
 * ask them. None for what is no image reference, such as the start of a digest.
 */
export function mirrorReferences(image: string, mirrors: readonly Mirror[]): readonly string[] {
  const [, name = '', version = ''] = /^([^@]*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? []
  const repository = parseRepository(name)
  if (!repository.ok) return []
  const {host, path} = repository.value
  const locations = mirrors.filter(({registry}) => registry === host).map(({location}) => location)
  return [...new Set(locations)].map((location) => `${location}/${path}${version}`)
}
