import {existsSync, readFileSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, jest, test} from '@jest/globals'
import {processes, type Processes, type ProcessOptions} from '../../../src/io/process.ts'
import type {Command} from '../../../src/io/command.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

const environment = {PATH: process.env['PATH'] ?? ''}

/** A small program, run by the Node that runs this test. */
function program(code: string, changes: Partial<Command> = {}): Command {
  return {file: process.execPath, args: ['-e', code], env: environment, ...changes}
}

/** Grace periods of a run, shortened. */
const hurry: ProcessOptions = {graceMs: 50, captureDrainMs: 20, streamDrainMs: 20}

function running(signal = new AbortController().signal, platform = process.platform): Processes {
  return processes(signal, {...hurry, platform})
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // No process has this number.
    return false
  }
}

async function until(condition: () => boolean, limitMs = 5_000): Promise<boolean> {
  for (let waited = 0; waited < limitMs; waited += 20) {
    if (condition()) return true
    await sleep(20)
  }
  return condition()
}

const ways = {
  capture: async (command: Command, signal?: AbortSignal) => running(signal).capture(command),
  'capture by the toolkit': async (command: Command, signal?: AbortSignal) => running(signal, 'win32').capture(command),
  stream: async (command: Command, signal?: AbortSignal) => running(signal).stream(command, () => undefined),
} as const

describe.each(Object.entries(ways))('%s', (_, run) => {
  test.each([
    {name: 'code 0', given: '', expected: {exitCode: 0, stdout: '', stderr: ''}},
    {name: 'code 3', given: 'process.exitCode = 3', expected: {exitCode: 3, stdout: '', stderr: ''}},
    {
      name: 'both streams, without a line break at the end',
      given: 'process.stdout.write("out"); process.stderr.write("err")',
      expected: {exitCode: 0, stdout: 'out', stderr: 'err'},
    },
    {
      name: 'characters of several bytes',
      given: 'process.stdout.write("größe 🚢")',
      expected: {exitCode: 0, stdout: 'größe 🚢', stderr: ''},
    },
    {
      name: 'a failure that printed success',
      given: 'console.log("done"); process.exitCode = 1',
      expected: {exitCode: 1, stdout: 'done\n', stderr: ''},
    },
  ])('$name', async ({given, expected}) => {
    expect(await run(program(given))).toEqual(expected)
  })

  test('arguments to the letter, and the environment that was given alone', async () => {
    const args = ['a b', '"c"', '$HOME', '', '--flag=1', "it's", 'new\nline', '\\']
    const code = 'process.stdout.write(JSON.stringify([process.argv.slice(1), Object.keys(process.env).sort()]))'
    const env = {...environment, TAGBOAT_TEST: '1'}
    const {stdout} = await run(program(code, {args: ['-e', code, '--', ...args], env}))
    expect(JSON.parse(stdout)).toEqual([args, ['PATH', 'TAGBOAT_TEST']])
  })

  test('a program that a signal ended has failed', async () => {
    const {exitCode} = await run(program('process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'))
    expect(exitCode).not.toBe(0)
  })

  test('no such program', async () => {
    const failure = run({file: 'tagboat-no-such-program', args: [], env: environment})
    await expect(failure).rejects.toMatchObject({
      code: 'docker-missing',
      evidence: ['tagboat-no-such-program: not found'],
    })
  })

  test('nothing is started once the run is cancelled', async () => {
    await using directory = await temporaryDirectory()
    const mark = path.join(directory.path, 'mark')
    const command = program(`require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`)
    const result = run(command, AbortSignal.abort(new TagboatError('cancelled')))
    await expect(result).rejects.toMatchObject({code: 'cancelled'})
    expect(existsSync(mark)).toBe(false)
  })
})

describe('capture', () => {
  test('writes standard input and closes it', async () => {
    const code = 'process.stdin.setEncoding("utf8"); process.stdin.on("data", (text) => process.stdout.write(text))'
    const input = 'pass\nword "with" $everything ü'
    expect((await running().capture(program(code, {input}))).stdout).toBe(input)
  })

  test.each([
    {name: 'a password', input: 'x'.repeat(40)},
    {name: 'more than a pipe holds', input: 'x'.repeat(1_000_000)},
  ])('a program may ignore its input, $name', async ({input}) => {
    const commands = Array.from({length: 20}, async () =>
      running().capture({file: '/bin/sh', args: ['-c', 'exec 0<&-; echo answer; exit 4'], env: environment, input}),
    )
    expect(new Set((await Promise.all(commands)).map((result) => JSON.stringify(result)))).toEqual(
      new Set([JSON.stringify({exitCode: 4, stdout: 'answer\n', stderr: ''})]),
    )
  })

  test('a program that prints without end is ended, and an error', async () => {
    const endless = running().capture({file: '/bin/sh', args: ['-c', 'yes 0123456789012345'], env: environment})
    await expect(endless).rejects.toMatchObject({
      code: 'command-failed',
      evidence: ['/bin/sh printed more than 16777216 characters'],
    })
  })

  test('what a program leaves in the background is not waited for, even if it holds the output open', async () => {
    const command = {file: '/bin/sh', args: ['-c', 'sleep 30 & echo $!'], env: environment}
    const {stdout} = await running().capture(command)
    expect(isAlive(Number(stdout))).toBe(true)
    process.kill(Number(stdout), 'SIGKILL')
  })

  test('a file that cannot be executed is a missing Docker', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'text')
    await writeFile(file, 'text')
    await expect(running().capture({file, args: [], env: environment})).rejects.toMatchObject({
      code: 'docker-missing',
      evidence: [`${file}: permission denied`],
    })
  })

  test('a cancellation ends the program, and what it started', async () => {
    const abort = new AbortController()
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'pid')
    const script = `trap '' INT TERM; sleep 30 & echo $! >${file}; wait`
    const result = running(abort.signal).capture({file: '/bin/sh', args: ['-c', script], env: environment})
    expect(await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'))).toBe(true)
    const pid = Number(readFileSync(file, 'utf8'))
    abort.abort(new TagboatError('cancelled'))
    await expect(result).rejects.toMatchObject({code: 'cancelled'})
    expect(await until(() => !isAlive(pid))).toBe(true)
  })

  test('all of a large output', async () => {
    const {stdout} = await running().capture(program('process.stdout.write("0123456789".repeat(50_000))'))
    expect(stdout).toBe('0123456789'.repeat(50_000))
  })

  test('ends with the run, before the program does', async () => {
    const abort = new AbortController()
    const result = running(abort.signal).capture(program('setTimeout(() => {}, 60_000)'))
    abort.abort(new TagboatError('cancelled'))
    await expect(result).rejects.toMatchObject({code: 'cancelled'})
  })
})

describe('stream', () => {
  test('shows output as it comes', async () => {
    const shown: string[] = []
    const first = Promise.withResolvers<undefined>()
    const source = async function* (): AsyncGenerator<Uint8Array> {
      await first.promise
      yield Buffer.from('go on')
    }
    // The program prints its second word only once the first one was shown.
    const code = 'process.stdout.write("one"); process.stdin.once("data", () => process.stderr.write("two"))'
    await running().stream({...program(code), source: source()}, (text) => {
      shown.push(text)
      first.resolve(undefined)
    })
    expect(shown).toEqual(['one', 'two'])
  })

  test('shows all of a large output, and keeps its end', async () => {
    let shown = 0
    const code = 'for (let i = 0; i < 30_000; i += 1) process.stderr.write(`line ${i}\\n`)'
    const {stderr} = await running().stream(program(code), (text) => {
      shown += text.length
    })
    expect(shown).toBeGreaterThan(300_000)
    expect(stderr).toHaveLength(64 * 1024)
    expect(stderr.endsWith('line 29999\n')).toBe(true)
  })

  /** A leader that ends at once, or not at all, and a child of it that will not. */
  const family = (leaderEnds: boolean): string => `
    const {spawn} = require('node:child_process')
    const stubborn = "process.on('SIGINT', () => {}); process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)"
    spawn(process.execPath, ['-e', stubborn], {stdio: 'inherit'})
    process.on('SIGINT', () => { ${leaderEnds ? 'process.exit(130)' : ''} })
    setInterval(() => {}, 1000)`

  test.each([
    {name: 'that ignores the signal', leaderEnds: false},
    {name: 'whose leader obeys, and whose grandchild does not', leaderEnds: true},
  ])('ends a family $name', async ({leaderEnds}) => {
    const abort = new AbortController()
    const seen: string[] = []
    const grandchild = (): number => Number(seen.join('').trim() || Number.NaN)
    const result = running(abort.signal).stream(program(family(leaderEnds)), (text) => {
      seen.push(text)
      abort.abort(new TagboatError('cancelled'))
    })
    try {
      const ended = await Promise.race([
        result.catch((error: unknown) => error),
        sleep(30_000, 'still running', {ref: false}),
      ])
      expect(ended).toMatchObject({code: 'cancelled'})
      expect(await until(() => !isAlive(grandchild()))).toBe(true)
    } finally {
      // Should the code under test be wrong, it is not this test that leaves a process behind.
      if (isAlive(grandchild())) process.kill(grandchild(), 'SIGKILL')
    }
  })

  test('ends one command alone, with the reason of its own signal', async () => {
    const end = new AbortController()
    const ended = Promise.withResolvers<undefined>()
    const source = async function* (): AsyncGenerator<Uint8Array> {
      await ended.promise
      yield Buffer.from('go on')
    }
    const code = 'process.stdin.once("data", () => console.log("done"))'
    const other = running().stream({...program(code), source: source()}, () => undefined)
    const command = {...program('console.log("up"); setTimeout(() => {}, 60_000)'), until: end.signal}
    const result = running().stream(command, () => {
      end.abort(new TagboatError('build-failed'))
    })
    await expect(result).rejects.toMatchObject({code: 'build-failed'})
    ended.resolve(undefined)
    expect(await other).toMatchObject({exitCode: 0, stdout: 'done\n'})
  })

  test('a program that exits with 0 after the signal is cancelled', async () => {
    const abort = new AbortController()
    const code = 'process.on("SIGINT", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)'
    const result = running(abort.signal).stream(program(code), () => {
      abort.abort(new TagboatError('cancelled'))
    })
    await expect(result).rejects.toMatchObject({code: 'cancelled'})
  })

  test('a program that may not be ended is an error of its command', async () => {
    const abort = new AbortController()
    const kill = jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), {code: 'EPERM'})
    })
    try {
      const result = running(abort.signal).stream(program('console.log("up"); setTimeout(() => {}, 200)'), () => {
        abort.abort(new TagboatError('cancelled'))
      })
      await expect(result).rejects.toMatchObject({code: 'EPERM'})
      expect(await until(() => kill.mock.calls.length > 1)).toBe(true)
      expect(kill.mock.calls.map(([, signal]) => signal)).toEqual(['SIGINT', 'SIGKILL'])
    } finally {
      kill.mockRestore()
    }
  })

  test('a file that cannot be executed is a separate error', async () => {
    await using directory = await temporaryDirectory()
    const file = path.join(directory.path, 'text')
    await writeFile(file, 'text')
    await expect(running().stream({file, args: [], env: environment}, () => undefined)).rejects.toMatchObject({
      code: 'EACCES',
    })
  })
})

describe('a command whose input is made while it reads', () => {
  const echo = program('process.stdin.pipe(process.stdout)')

  test('gets all of it, and its end', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (const text of ['one ', 'two ', 'three']) {
        await sleep(1)
        yield Buffer.from(text)
      }
    }
    const result = await running().stream({...echo, source: source()}, () => undefined)
    expect(result).toMatchObject({exitCode: 0, stdout: 'one two three'})
  })

  test('ends when the source fails, and what the source says is thrown', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one')
      await sleep(1)
      throw new TagboatError('content-corrupt')
    }
    await expect(running().stream({...echo, source: source()}, () => undefined)).rejects.toMatchObject({
      code: 'content-corrupt',
    })
  })

  test('may end without reading all of it', async () => {
    let isOver = false
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          await sleep(1)
          yield Buffer.alloc(64 * 1024)
        }
      } finally {
        isOver = true
      }
    }
    const command = program('process.stdin.once("data", () => process.exit(3))', {source: source()})
    expect(await running().stream(command, () => undefined)).toMatchObject({exitCode: 3})
    expect(isOver).toBe(true)
  })
})
