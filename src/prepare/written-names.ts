import type {WrittenName} from '../inputs/hosts/host-slips.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import {dockerHub, type Repository} from '../oci/reference.ts'
import type {TagRule} from '../tags/rules/rule.ts'

/**
 * Checks the registries and images that the inputs name, before any request. Most runs use ghcr.io or Docker Hub alone, and
 * need no table of hosts.
 */
export async function checkNames(inputs: Inputs, rules: readonly TagRule[], problems: Problems): Promise<void> {
  const names = writtenNames(inputs, rules)
  const {clouds} = inputs.credentials
  if (names.every(isPlain) && clouds === undefined) return
  const {checkHosts} = await import('../inputs/hosts/check-hosts.ts')
  checkHosts(names, clouds, problems)
}

/** Reports whether a name cannot be a slip of one in the table: the host is that of no vendor, or needs no further form. */
function isPlain({host, path}: WrittenName): boolean {
  if (host === dockerHub.name || !ofVendors.test(host)) return true
  return host === ghcrHost && path?.includes('/') !== false
}

/** Parts of the hosts in the table, so that it is not loaded for other registries. */
const ofVendors =
  /a(?:ma?z|ws)|azu?r|gcr|hgcr|ghrc|gchr|ghcr|icr\.io|pkg\.|github|gitlab|docker|qua[iy]\.|digitalocean|scw\.cloud|\becr\b|^\d{5,}\./

function writtenNames({image, credentials, promote}: Inputs, rules: readonly TagRule[]): readonly WrittenName[] {
  const named = ({host, path}: Repository, place: Pick<WrittenName, 'input' | 'line'>): WrittenName => ({
    ...place,
    host,
    path,
  })
  const sources = promote.sources.flatMap((source) => {
    const repository = source.kind === 'tag' ? source.reference.repository : source.repository
    return repository === undefined ? [] : [named(repository, {input: source.kind === 'tag' ? 'from' : 'digests'})]
  })
  return [
    ...image.images.flatMap(({repository, line}) =>
      repository === undefined ? [] : [named(repository, {input: 'images', line})],
    ),
    ...rules.flatMap((rule) =>
      rule.kind === 'reference' ? [named(rule.reference.repository, {input: 'tags', line: rule.source.line})] : [],
    ),
    ...sources,
    ...[...credentials.logins, ...(credentials.clouds?.items ?? [])].map(({host, line}) => ({
      input: line === undefined ? 'registry' : 'registry-auth',
      ...(line !== undefined && {line}),
      host,
      path: undefined,
    })),
  ]
}
