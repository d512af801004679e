import {missingPlatforms, type Builder, type PlatformHolder} from '../buildx/inspect.ts'
import {samePlatform, type Platform} from '../oci/platform.ts'

/**
 * Whether the builder has to be booted to say if it lacks platforms: one that is not running knows those that were set by hand
 * alone. An engine is always running.
 */
export function hasToBoot(
  {driver, platforms, nodes}: Pick<Builder, 'driver' | 'platforms'> & {readonly nodes: readonly PlatformHolder[]},
  asked: readonly Platform[],
): boolean {
  if (driver === 'docker' || platforms.length > 0) return false
  const known = nodes.flatMap((node) => node.platforms)
  return asked.some((platform) => !known.some((one) => samePlatform(one, platform)))
}

/**
 * Whether an emulator would give the builder a platform that it lacks. None is for an architecture that the builder has in
 * another variant: the emulator of an engine's own architecture would catch every program of that machine.
 */
export function isEmulable({platforms}: PlatformHolder, {os, architecture}: Platform): boolean {
  return (
    os === 'linux' &&
    emulatorNames.includes(architecture) &&
    !platforms.some((known) => known.architecture === architecture)
  )
}

/** The architectures for which all of these emulators are installed, sorted: what the option `--install` takes. */
export function architecturesOf(platforms: readonly Platform[]): readonly string[] {
  return [...new Set(platforms.map(({architecture}) => architecture))].sort()
}

export interface AlwaysRequest {
  /** The engine's own. */
  readonly native: Platform
  readonly asked: readonly Platform[]
}

/** What `qemu: always` installs emulators for: all but what the engine's processor runs by itself. */
export function foreignPlatforms(builder: PlatformHolder, {native, asked}: AlwaysRequest): readonly Platform[] {
  const runs32 = narrower.get(native.architecture)
  return asked.filter((platform) => {
    const {os, architecture} = platform
    if (os !== 'linux' || !emulatorNames.includes(architecture) || architecture === native.architecture) return false
    return architecture !== runs32 || missingPlatforms(builder, [platform]).length > 0
  })
}

/** Architectures whose programs of 32 bits many processors of 64 bits run as their own. */
const narrower: ReadonlyMap<string, string> = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
])

/** What the image tonistiigi/binfmt has: https://github.com/tonistiigi/binfmt/blob/master/cmd/binfmt/config.go */
const emulatorNames: readonly string[] = [
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips64',
  'mips64le',
  'ppc64le',
  'riscv64',
  's390x',
]
