import {formatBytes} from '../../oci/byte-size.ts'
import {shortDigest} from '../../oci/digest.ts'
import {dockerHub, formatRepository, type Repository} from '../../oci/reference.ts'
import {sizeChange} from './build-parts.ts'
import {formatDuration} from '../duration.ts'
import {taggedRepositories} from '../image-name.ts'
import {code, link} from './markdown.ts'
import {withoutUnpublished, type Report} from '../report.ts'

/** Line below the heading: digest, platforms with sizes, duration, and links to packages, commit and run. */
export function factsLine(report: Report): string {
  const {staged, durationMs, origin, failure} = report
  return [
    ...(staged === undefined ? [] : [code(shortDigest(staged.digest))]),
    ...platforms(report),
    ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
    ...(staged === undefined || failure !== undefined
      ? []
      : packageLinks(taggedRepositories(withoutUnpublished(report).plan))),
    ...(origin === undefined || origin.sha === ''
      ? []
      : link(`commit ${code(origin.sha.slice(0, 7))}`, origin.commitUrl)),
    ...link('run', origin?.runUrl),
  ].join(' · ')
}

const maxPlatforms = 3

/** `linux/amd64` 1.08 MB (−2 B), one per platform; of many platforms only their number and the range of sizes. */
function platforms({staged, platforms: requested = [], previous}: Report): readonly string[] {
  const images = staged?.images ?? []
  if (images.length === 0) {
    return requested.length > maxPlatforms ? [`${requested.length} platforms`] : requested.map(code)
  }
  if (images.length > maxPlatforms) {
    const sizes = images.map(({compressedBytes}) => compressedBytes)
    const [least, most] = [Math.min(...sizes), Math.max(...sizes)].map(formatBytes)
    return [`${images.length} platforms, ${least === most ? '' : `${least ?? ''} to `}${most ?? ''}`]
  }
  return images.map((image) => {
    const change = sizeChange(image, previous)
    const size = `${code(image.platform)} ${formatBytes(image.compressedBytes)}`
    return change === undefined ? size : `${size} (${change})`
  })
}

/** Links to the pages of the packages, one per registry whose pages are known. */
function packageLinks(repositories: readonly Repository[]): readonly string[] {
  const pages = repositories.flatMap((repository) => {
    const url = packagePage(repository)
    return url === undefined ? [] : [{url, registry: registryName(repository)}]
  })
  return pages.flatMap(({url, registry}) => link(pages.length === 1 ? 'package' : `package at ${registry}`, url))
}

/** Name of a registry for readers. */
export function registryName({host}: Repository): string {
  return host === dockerHub.name ? 'Docker Hub' : host
}

/** Web page of a repository; undefined if the registry is not known to have one at a fixed address. */
function packagePage(repository: Repository): string | undefined {
  const {host, path} = repository
  switch (host) {
    case dockerHub.name:
      return path.startsWith('library/')
        ? `https://hub.docker.com/_/${formatRepository(repository)}`
        : `https://hub.docker.com/r/${path}`
    // A browser is redirected from here to the page of the package.
    case 'ghcr.io':
      return `https://ghcr.io/${path}`
    case 'quay.io':
      return `https://quay.io/repository/${path}`
    default:
      return undefined
  }
}
