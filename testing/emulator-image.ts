import {randomBytes} from 'node:crypto'
import {copyFile, realpath, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {docker, programPath} from './docker.ts'
import {riscv64Program} from './riscv64-program.ts'
import {shellContext, shellDockerfile, workspaceOf} from './workspace.ts'

/** Replacement for the image that installs emulators: Debian's QEMU for riscv64, and a script for `--install`. */
export interface EmulatorImage extends AsyncDisposable {
  readonly reference: string
}

/** Builds the image. Disposal unregisters its emulators from the kernel, and removes the image. */
export async function makeEmulatorImage(): Promise<EmulatorImage> {
  const reference = `emulators.invalid/binfmt:${randomBytes(6).toString('hex')}`
  await using context = await workspaceOf({
    Dockerfile: [...shellDockerfile, 'COPY --chmod=755 qemu install machine /', 'ENTRYPOINT ["/install"]'],
    install: installScript,
  })
  await copyFile(await realpath(await programPath('qemu-riscv64-static')), path.join(context.directory, 'qemu'))
  await writeFile(path.join(context.directory, 'machine'), riscv64Program())
  await docker([
    ...[
      'buildx',
      'build',
      '--builder',
      'default',
      '--build-context',
      shellContext(),
      '--network',
      'none',
      '--tag',
      reference,
      '--load',
    ],
    context.directory,
  ])
  return {
    reference,
    async [Symbol.asyncDispose]() {
      await docker(['run', '--rm', '--privileged', '--network', 'none', reference, '--uninstall'])
      await docker(['image', 'rm', '--force', reference])
    },
  }
}

/**
 * Script that registers the emulator and prints the emulated platforms, as the real image does. The magic is the ELF header
 * of a 64-bit, little-endian program for machine 243 (elf(5)). Flag F opens QEMU immediately, for all containers.
 */
const installScript = String.raw`#!/bin/sh
set -e
binfmt=/proc/sys/fs/binfmt_misc
mount -t binfmt_misc binfmt_misc $binfmt
name=tagboat-test-riscv64
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
case "$1 $2" in
  '--install riscv64')
    printf %s ":$name:M::$magic:$mask:/qemu:F" >$binfmt/register
    echo 'installing: riscv64 OK' >&2
    echo "{\"supported\": [\"linux/$(/machine)\"], \"emulators\": [\"$name\"]}" ;;
  '--uninstall ') [ ! -e $binfmt/$name ] || echo -1 >$binfmt/$name ;;
  *) echo "unexpected: $*" >&2; exit 2 ;;
esac
`
