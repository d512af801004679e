import {parseEcrHost} from '../../oci/ecr.ts'
import type {CloudInputs} from '../credentials/cloud-inputs.ts'
import type {Problems} from '../problem.ts'
import {hostSlip, type WrittenName} from './host-slips.ts'

/** Reports names that no registry has, and a region that contradicts them. Other names may be of any registry. */
export function checkHosts(names: readonly WrittenName[], clouds: CloudInputs | undefined, problems: Problems): void {
  const isEcrByHost = clouds === undefined || clouds.ecr === 'auto'
  for (const {input, line, ...name} of names) {
    const slip = hostSlip(name, isEcrByHost)
    if (slip === undefined) continue
    const {message, remedy} = slip
    // The host of a login may be a password in the wrong place.
    const quoted = name.path === undefined ? '' : `"${name.host}${name.path === '' ? '' : `/${name.path}`}": `
    problems.add({input, ...(line !== undefined && {line}), message: `${quoted}${message}`, remedy})
  }
  warnOfRegion(names, clouds, problems)
}

/** Warns of a region that no host of Amazon ECR has. The host decides, so the input has no effect. */
function warnOfRegion(names: readonly WrittenName[], clouds: CloudInputs | undefined, problems: Problems): void {
  const items = (clouds?.items ?? []).flatMap(({host, line, identity}) =>
    identity.vendor === 'aws' && identity.region !== undefined
      ? [{input: 'registry-auth', line, region: identity.region, hosts: [host]}]
      : [],
  )
  const hosts = names.map(({host}) => host)
  // With `ecr: true`, any other host may be the one that the region is for.
  const isForOthers = clouds?.ecr === 'true' && hosts.some((host) => parseEcrHost(host) === undefined)
  const all =
    clouds?.awsRegion === undefined || isForOthers
      ? []
      : [{input: 'aws-region', region: clouds.awsRegion, line: undefined, hosts}]
  for (const {input, line, region, hosts: of} of [...all, ...items]) {
    const regions = regionsOf(of)
    if (regions.length === 0 || regions.includes(region)) continue
    const message = `the region ${region} has no effect: the host names ${regions.join(', ')}, where the registry and its token service are. Correct the host, or remove the region`
    problems.warn({input, ...(line !== undefined && {line}), message})
  }
}

/** Regions that hosts of Amazon ECR name. */
function regionsOf(hosts: readonly string[]): readonly string[] {
  const regions = hosts.flatMap((host) => {
    const parsed = parseEcrHost(host)
    return parsed?.kind === 'private' ? [parsed.region] : []
  })
  return [...new Set(regions)]
}
