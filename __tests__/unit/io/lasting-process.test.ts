import {expect, test} from '@jest/globals'
import {runLasting} from '../../../src/io/child-processes/lasting-process.ts'

const env = {PATH: process.env['PATH'] ?? '', GIVEN: 'variable'}

async function node(script: string): Promise<unknown> {
  return runLasting({file: process.execPath, args: ['-e', script], env})
}

test('gives code and both streams', async () => {
  expect(await node('console.log(process.env.GIVEN); console.error("said"); process.exitCode = 3')).toEqual({
    exitCode: 3,
    stdout: 'variable\n',
    stderr: 'said\n',
  })
  expect(await node('')).toEqual({exitCode: 0, stdout: '', stderr: ''})
})

test('a program that a signal ends has failed', async () => {
  expect(await node('process.kill(process.pid, "SIGKILL")')).toMatchObject({exitCode: 127})
})

test('a missing program fails with its name', async () => {
  expect(await runLasting({file: 'no-such-program', args: [], env})).toEqual({
    exitCode: 127,
    stdout: '',
    stderr: expect.stringContaining('no-such-program'),
  })
})
