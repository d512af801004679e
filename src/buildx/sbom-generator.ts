import type {BuildInputs} from '../inputs/inputs.ts'
import {formatRepository, parseRepository} from '../oci/reference.ts'

/** Generator of BuildKit: https://docs.docker.com/build/metadata/attestations/sbom/ */
const standard = 'docker/buildkit-syft-scanner'

/** Reports whether an image, by the name in an error of BuildKit, is the generator of the SBOM of a build. */
export function isSbomGenerator(image: string, {attests, sbom}: Pick<BuildInputs, 'attests' | 'sbom'>): boolean {
  const requests = [...attests.filter((one) => /\btype=sbom\b/.test(one)), ...(sbom === undefined ? [] : [sbom])]
  const name = nameOf(image)
  return requests.some((request) => {
    const written = /(?:^|,)"?generator=([^,"\s]+)/.exec(request)?.[1]
    return name !== undefined && nameOf(written ?? standard) === name
  })
}

/** Name of an image without tag and digest; undefined if it has none. */
function nameOf(image: string): string | undefined {
  const [name = ''] = image.split('@')
  const repository = parseRepository(name.replace(/:[^/:]*$/, ''))
  return repository.ok ? formatRepository(repository.value) : undefined
}
