import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pluginDirectory} from './docker.ts'

/**
 * Buildx of this machine with one changed number: it keeps the response of a credential helper for no time instead of
 * 4 minutes and 50 seconds (docker/buildx, util/dockerutil/dockerconfig/configprovider.go), so that a test need not wait.
 */
export interface ForgetfulBuildx extends AsyncDisposable {
  /** Value for `cliPluginsExtraDirs`. */
  readonly directory: string
}

/** 290 seconds in nanoseconds, as the operand of the instruction of x86-64 that loads it into a register (REX.W, B8 to BF). */
const operand = Buffer.alloc(8)
operand.writeBigInt64LE(290_000_000_000n)

/** @throws Error if the program has no such instruction: it is older than Buildx 0.23, or for another processor. */
export async function forgetfulBuildx(): Promise<ForgetfulBuildx> {
  const bytes = await readFile(path.join(await pluginDirectory(), 'docker-buildx'))
  let changed = 0
  for (let at = bytes.indexOf(operand); at !== -1; at = bytes.indexOf(operand, at + 1)) {
    const [prefix = 0, opcode = 0] = bytes.subarray(at - 2, at)
    if ((prefix !== 0x48 && prefix !== 0x49) || opcode < 0xb8 || opcode > 0xbf) continue
    bytes.fill(0, at, at + operand.byteLength)
    changed += 1
  }
  if (changed === 0) throw new Error('this Buildx does not state for how long it keeps credentials')
  const directory = await mkdtemp(path.join(tmpdir(), 'tagboat-buildx-'))
  const program = path.join(directory, 'docker-buildx')
  await writeFile(program, bytes)
  await chmod(program, 0o755)
  return {directory, [Symbol.asyncDispose]: async () => rm(directory, {recursive: true})}
}
