import {missingPlatforms, type PlatformHolder} from '../../buildx/inspect.ts'
import type {Platform} from '../../oci/platform.ts'
import {emulatorNames} from './emulators.ts'

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
