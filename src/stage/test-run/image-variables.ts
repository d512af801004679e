import {formatPlatform, samePlatform, type Platform} from '../../oci/platform.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {PlatformImages} from '../staged-image.ts'

/** Image that `test` tests, by the references that its commands use. */
export interface TestedImage {
  readonly reference: string
  /** Images of single platforms; empty if the platform is unknown. */
  readonly parts: readonly {readonly platform: Platform; readonly reference: string}[]
}

/** Image in a registry. All references are by digest. */
export function registryImage({digest, images}: PlatformImages, repository: Repository): TestedImage {
  const name = formatRepository(repository)
  const parts = images.map((image) => ({platform: image.platform, reference: `${name}@${image.digest}`}))
  return {reference: `${name}@${digest}`, parts}
}

/**
 * Variables of the commands of `test`: `IMAGE`, one per platform such as `IMAGE_LINUX_ARM64`, and `PLATFORM`, that of the
 * machine if the image has it, or else its first one.
 * @param requested value of `platforms`; each has a variable as the user spelled it, too.
 */
export function imageVariables(
  {reference, parts}: TestedImage,
  requested: readonly Platform[],
  machine: Platform | undefined,
): Readonly<Record<string, string>> {
  const find = (platform: Platform): TestedImage['parts'][number] | undefined =>
    parts.find((part) => samePlatform(part.platform, platform))
  const spelled = requested.flatMap((platform) => {
    const part = find(platform)
    return part === undefined ? [] : [{...part, platform}]
  })
  const byPlatform = [...spelled, ...parts].map((part) => [variableName(part.platform), part.reference] as const)
  const tested = (machine && find(machine)) ?? parts[0]
  return {
    IMAGE: reference,
    ...(tested && {PLATFORM: formatPlatform(tested.platform)}),
    ...Object.fromEntries(byPlatform),
  }
}

function variableName(platform: Platform): string {
  const name = formatPlatform(platform).toUpperCase()
  return `IMAGE_${name.replace(/[^A-Z0-9]/g, '_')}`
}

/** Platform of the containers on a runner, from `RUNNER_OS` and `RUNNER_ARCH`; undefined if they are not set. */
export function runnerPlatform(variables: Readonly<Record<string, string | undefined>>): Platform | undefined {
  const architecture = architectures.get(variables['RUNNER_ARCH'] ?? '')
  if (architecture === undefined) return undefined
  return {os: variables['RUNNER_OS'] === 'Windows' ? 'windows' : 'linux', ...architecture}
}

/** Architectures by the values of `RUNNER_ARCH`. */
const architectures: ReadonlyMap<string, Omit<Platform, 'os'>> = new Map([
  ['X86', {architecture: '386'}],
  ['X64', {architecture: 'amd64'}],
  ['ARM', {architecture: 'arm', variant: 'v7'}],
  ['ARM64', {architecture: 'arm64'}],
])
