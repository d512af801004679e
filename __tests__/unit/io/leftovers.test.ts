import {spawn, type ChildProcess} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, describe, expect, test} from '@jest/globals'
import {markerVariable} from '../../../src/io/io.ts'
import {endLeftovers} from '../../../src/io/leftovers.ts'

const children: ChildProcess[] = []

/** Starts a program that only SIGKILL ends. */
async function stubborn(variables: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const code =
    "for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {}); console.log('up'); setInterval(() => {}, 1000)"
  const child = spawn(process.execPath, ['-e', code], {env: {...variables}, stdio: ['ignore', 'pipe', 'ignore']})
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function ended(child: ChildProcess): Promise<string> {
  if (child.signalCode !== null) return child.signalCode
  const end = once(child, 'exit') as Promise<[number | null, string | null]>
  return Promise.race([end.then(([, signal]) => signal ?? 'code'), sleep(3_000, 'still there', {ref: false})])
}

const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('endLeftovers', () => {
  test('ends every process with the marker, and no other', async () => {
    const marker = randomUUID()
    const [marked, alsoMarked, others, unmarked] = await Promise.all([
      stubborn({[markerVariable]: marker}),
      stubborn({OTHER: '1', [markerVariable]: marker}),
      stubborn({[markerVariable]: randomUUID()}),
      stubborn({NOT_IT: `${markerVariable}=${marker}`, LONGER: 'x'}),
    ])
    const longer = await stubborn({[markerVariable]: `${marker}0`})
    await endLeftovers(marker)
    expect(await ended(marked)).toBe('SIGKILL')
    expect(await ended(alsoMarked)).toBe('SIGKILL')
    for (const {exitCode, signalCode} of [others, unmarked, longer]) {
      expect({exitCode, signalCode}).toEqual({exitCode: null, signalCode: null})
    }
  })

  test('without a marker nothing is ended', async () => {
    const child = await stubborn({[markerVariable]: ''})
    await endLeftovers('')
    await sleep(100)
    expect({exitCode: child.exitCode, signalCode: child.signalCode}).toEqual({exitCode: null, signalCode: null})
  })

  test('nothing left is fine', async () => {
    await expect(endLeftovers(randomUUID())).resolves.toBeUndefined()
  })
})
