import {missingPlatforms, type Builder, type PlatformHolder} from '../../buildx/inspect.ts'
import {samePlatform, type Platform} from '../../oci/platform.ts'

/**
 * Reports whether the builder must be booted to know if platforms are missing: a stopped builder states only platforms
 * that were set explicitly. An engine is always running.
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
 * Reports whether an emulator can add a missing platform to the builder. It cannot for another variant of an
 * architecture that the builder has: an emulator of the native architecture would handle every program of the machine.
 */
export function isEmulable({platforms}: PlatformHolder, {os, architecture}: Platform): boolean {
  return (
    os === 'linux' &&
    emulatorNames.includes(architecture) &&
    !platforms.some((known) => known.architecture === architecture)
  )
}

/** Architectures of these platforms, sorted, for the option `--install`. */
export function architecturesOf(platforms: readonly Platform[]): readonly string[] {
  return [...new Set(platforms.map(({architecture}) => architecture))].sort()
}

interface AlwaysRequest {
  /** Platform of the engine. */
  readonly native: Platform
  readonly asked: readonly Platform[]
}

/** Platforms that `qemu: always` installs emulators for: all that the processor of the engine does not run natively. */
export function foreignPlatforms(builder: PlatformHolder, {native, asked}: AlwaysRequest): readonly Platform[] {
  const runs32 = narrower.get(native.architecture)
  return asked.filter((platform) => {
    const {os, architecture} = platform
    if (os !== 'linux' || !emulatorNames.includes(architecture) || architecture === native.architecture) return false
    return architecture !== runs32 || missingPlatforms(builder, [platform]).length > 0
  })
}

/** 64-bit architectures whose processors often run 32-bit programs natively. */
const narrower: ReadonlyMap<string, string> = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
])

/** Emulators of the image tonistiigi/binfmt: https://github.com/tonistiigi/binfmt/blob/master/cmd/binfmt/config.go */
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
