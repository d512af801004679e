import type {Builder, PlatformHolder} from '../../buildx/inspect.ts'
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

/** Emulators of the image tonistiigi/binfmt: https://github.com/tonistiigi/binfmt/blob/master/cmd/binfmt/config.go */
export const emulatorNames: readonly string[] = [
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
