import {readFile, stat} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test} from '@jest/globals'
import {files} from '../../../src/io/files.ts'
import {processes} from '../../../src/io/process.ts'
import {causes} from '../../../src/errors/causes.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../src/oci/platform.ts'
import {phases} from '../../../src/io/phases.ts'
import {outcomeOf, type RunResult} from '../../../src/run/run-result.ts'
import type {BuildSession} from '../../../src/stage/build-session.ts'
import {judged, judgePlatforms, judgeTest, requirePassed, testPassed} from '../../../src/stage/gate.ts'
import {imageVariables, registryImage} from '../../../src/stage/test-run/image-variables.ts'
import {runTest} from '../../../src/stage/test-run/run-test.ts'
import {requireStagedPlatforms, platformImages} from '../../../src/stage/staged-image.ts'
import {fakeIo, scriptedProcesses, temporaryDirectory} from '../../../testing/fake-io.ts'
import {makeImage} from '../../../testing/memory-registry/images.ts'

const repository = {host: 'ghcr.io', path: 'octocat/app'}

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

const image = makeImage({platforms: ['linux/amd64', 'linux/arm/v7'], attestations: true})
const staged = platformImages(image, undefined)
const childOf = (platform: string): string => image.platforms.get(platform) ?? 'none'

describe('platformImages', () => {
  test('lists the images of an index without attestations', () => {
    expect(staged.images.map(({platform, digest}) => [formatPlatform(platform), digest])).toEqual([...image.platforms])
  })

  test.each([
    {name: 'with its platform', single: platforms('linux/arm64')[0], expected: ['linux/arm64']},
    {name: 'with an unknown platform', single: undefined, expected: []},
  ])('lists a single image $name', ({single, expected}) => {
    const plain = makeImage({platforms: ['linux/arm64']})
    const {images} = platformImages(plain, single)
    expect(images.map(({platform}) => formatPlatform(platform))).toEqual(expected)
    expect(images.every(({digest}) => digest === plain.digest)).toBe(true)
  })
})

describe('requireStagedPlatforms', () => {
  function refusal(requested: string, of = staged): readonly string[] | undefined {
    try {
      requireStagedPlatforms(of, platforms(requested), repository)
      return undefined
    } catch (error) {
      if (!(error instanceof TagboatError) || error.code !== 'platforms-incomplete') throw error
      return error.evidence
    }
  }

  test.each(['linux/amd64', 'linux/amd64 linux/arm/v7', 'linux/arm', 'linux/amd64/v1', ''])(
    'accepts an image with the requested platforms: %s',
    (requested) => {
      expect(refusal(requested)).toBeUndefined()
    },
  )

  test.each([
    {name: 'one missing', requested: 'linux/amd64 linux/arm64', missing: ['linux/arm64']},
    {name: 'another variant', requested: 'linux/arm/v6', missing: ['linux/arm/v6']},
    {name: 'the platform of an attestation', requested: 'unknown/unknown', missing: ['unknown/unknown']},
  ])('$name', ({requested, missing}) => {
    expect(refusal(requested)).toEqual([
      ...missing.map((platform) => `ghcr.io/octocat/app@${image.digest} has no image for ${platform}`),
      'It has images for linux/amd64, linux/arm/v7',
    ])
  })

  test('rejects an image with an unknown platform', () => {
    expect(refusal('linux/amd64', platformImages(makeImage(), undefined))?.at(-1)).toBe(
      'It has images for unknown platforms',
    )
  })
})

describe('the gates', () => {
  interface Given {
    readonly requested: string
    readonly test?: string
    readonly exitCode?: number
    readonly signal?: AbortSignal
  }

  async function verdicts({requested, test: script, exitCode = 0, signal}: Given): Promise<RunResult['gates']> {
    await using directory = await temporaryDirectory()
    let time = 0
    const io = fakeIo({
      processes: scriptedProcesses(() => {
        time += 250
        return {exitCode}
      }),
      phases: phases(() => time),
      ...(signal && {signal}),
    })
    const inputs = {build: {platforms: requested === '' ? [] : platforms(requested)}, publish: {test: script}}
    const session = {io, prepared: {inputs, plan: {tags: []}}, dockerConfig: {directory: directory.path, env: {}}}
    const {done} = await outcomeOf(async () => {
      const given = {content: image, platform: undefined, repository, existing: false}
      const of = session as unknown as BuildSession
      const platformGate = await judgePlatforms(given, of)
      const passed = await requirePassed(platformGate === undefined ? [] : [platformGate], io, ['test'])
      const testGate = await judgeTest(given, of)
      return {gates: [...passed, ...(await requirePassed(testGate === undefined ? [] : [testGate], io))]}
    })
    return done.gates
  }

  const subject = {digest: image.digest}

  test.each<{name: string; given: Given; expected: RunResult['gates']}>([
    {name: 'nothing is asked for', given: {requested: ''}, expected: []},
    {
      name: 'the platforms exist',
      given: {requested: 'linux/amd64'},
      expected: [{gate: 'platforms', outcome: 'passed', reason: 'linux/amd64', durationMs: 0, subject}],
    },
    {
      name: 'a platform is missing',
      given: {requested: 'linux/s390x', test: 'true'},
      expected: [
        {
          gate: 'platforms',
          outcome: 'failed',
          reason: causes['platforms-incomplete'],
          durationMs: 0,
          subject,
          evidence: [
            expect.stringContaining('linux/s390x') as unknown as string,
            expect.any(String) as unknown as string,
          ],
        },
        {
          gate: 'test',
          outcome: 'skipped',
          reason: expect.stringContaining('platforms') as unknown as string,
          durationMs: 0,
        },
      ],
    },
    {
      name: 'the test passes',
      given: {requested: 'linux/amd64', test: 'true'},
      expected: [
        {gate: 'platforms', outcome: 'passed', reason: 'linux/amd64', durationMs: 0, subject},
        {gate: 'test', outcome: 'passed', reason: testPassed, durationMs: 250, subject},
      ],
    },
    {
      name: 'the test fails',
      given: {requested: '', test: 'false', exitCode: 1},
      expected: [
        {
          gate: 'test',
          outcome: 'failed',
          reason: causes['test-failed'],
          durationMs: 250,
          subject,
          evidence: expect.any(Array) as unknown as readonly string[],
        },
      ],
    },
    {
      name: 'a test is cancelled',
      given: {requested: '', test: 'false', exitCode: 130, signal: AbortSignal.abort()},
      expected: undefined,
    },
  ])('the verdicts if $name', async ({given, expected}) => {
    expect(await verdicts(given)).toEqual(expected)
  })

  test('are all reported: the first failure is that of the run, the next ones are warnings', async () => {
    const io = fakeIo({})
    const fail = async (gate: 'size' | 'scan', code: 'image-too-large' | 'test-failed'): ReturnType<typeof judged> =>
      judged({gate}, {io}, () => ({reason: 'x', tool: {name: 't', version: '1'}, failure: new TagboatError(code)}))
    const judgements = [await fail('size', 'image-too-large'), await fail('scan', 'test-failed')]
    const {done, failure} = await outcomeOf(async () => ({gates: await requirePassed(judgements, io, ['test'])}))
    expect(failure?.error).toMatchObject({code: 'image-too-large'})
    expect(done.gates).toMatchObject([
      {gate: 'size', outcome: 'failed', tool: {name: 't'}},
      {gate: 'scan', outcome: 'failed'},
      {gate: 'test', outcome: 'skipped'},
    ])
    expect(io.workflow.warnings().map(({text}) => text)).toEqual([expect.stringContaining('test-failed')])
  })
})

/** Reports whether a process ends. A killed process may exist until its parent has waited for it. */
async function gone(pid: number): Promise<boolean> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (status.includes(') Z ')) return true
    await sleep(5)
  }
}

function ended(line: number, exitCode: number, command: string): string {
  return `line ${line} of \`test\` ended with code ${exitCode}: ${command}`
}

describe('runTest', () => {
  async function run(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    await using directory = await temporaryDirectory()
    const written: string[] = []
    const request = {
      script,
      variables: imageVariables(registryImage(staged, repository), [], undefined),
      scriptFile: path.join(directory.path, 'test.sh'),
      env: {PATH: process.env['PATH'] ?? '', ...env},
    }
    const write = (chunk: string): void => {
      written.push(chunk)
    }
    await runTest(request, write, {files, processes: processes(new AbortController().signal)})
    return written.join('')
  }

  test('runs several lines with the image in their environment', async () => {
    expect(await run('echo "one $IMAGE"\necho "two $IMAGE_LINUX_ARM_V7 $OWN"\n', {OWN: 'x'})).toBe(
      `one ghcr.io/octocat/app@${image.digest}\ntwo ghcr.io/octocat/app@${childOf('linux/arm/v7')} x\n`,
    )
  })

  test('does not pass the script on standard input', async () => {
    expect(await run('cat\necho after')).toBe('after\n')
  })

  test('reads no startup file of the user, and prints both streams', async () => {
    expect(await run('echo out; sleep 0.1; echo err >&2', {BASH_ENV: ''})).toBe('out\nerr\n')
  })

  test.each([
    {name: 'keeps its output open', script: 'sleep 300 & echo "started $!"'},
    {name: 'has closed its output', script: 'sleep 300 >/dev/null 2>&1 & echo "started $!"'},
  ])('stops a background process that $name', async ({script}) => {
    const pid = Number(/started (\d+)/.exec(await run(script))?.[1])
    expect(pid).toBeGreaterThan(0)
    // Windows has no process groups: the run ends, and the runner stops remaining processes.
    if (process.platform !== 'win32') await expect(gone(pid)).resolves.toBe(true)
  })

  const tested = `$IMAGE is ghcr.io/octocat/app@${image.digest} (linux/amd64)`

  test.each([
    {name: 'a failed line', script: 'echo before\nfalse\necho after', evidence: ['before', ended(2, 1, 'false')]},
    {
      name: 'a failed part of a pipe',
      script: '(echo broken; exit 3) | cat',
      evidence: ['broken', ended(1, 3, '(echo broken; exit 3) | cat')],
    },
    {
      name: 'a missing command',
      script: 'no-such-command-of-a-test',
      evidence: [expect.stringMatching(/not found/), ended(1, 127, 'no-such-command-of-a-test')],
    },
    {
      name: 'a failed line after a comment',
      script: '#!/bin/bash\n# first\n\nif true; then\n  false "$IMAGE"\nfi',
      evidence: [ended(5, 1, 'false "$IMAGE"')],
    },
    {
      name: 'a failed line of a function',
      script: 'check() {\n  grep -q x /dev/null\n  echo\n}\ncheck',
      evidence: [ended(2, 1, 'grep -q x /dev/null')],
    },
    {
      name: 'a failed line of a subshell',
      script: '(\n  true\n  false a\n  true\n)',
      evidence: [ended(3, 1, 'false a')],
    },
    {
      name: 'a failed last command after set +e',
      script: 'false || true\nif false; then true; fi\nset +e\nfalse\nexit 4',
      evidence: ['the commands of `test` ended with code 4'],
    },
    {
      name: 'a single command that exits',
      script: '\n# one\ntrue && \\\n  exit 6\n',
      evidence: [ended(4, 6, 'true && exit 6')],
    },
    {
      name: 'progress of a pull, which hides nothing',
      script:
        "echo \"Unable to find image 'a/b:1' locally\"\necho '1: Pulling from a/b'\necho reason\nfor i in $(seq 20); do echo '0123456789ab: Pull complete'; done\nfalse",
      evidence: ['reason', ended(5, 1, 'false')],
    },
    {name: 'a signal', script: 'true\nkill -KILL $$', evidence: ['the commands of `test` ended with code 128']},
  ])('fails with $name', async ({script, evidence}) => {
    await expect(run(script)).rejects.toMatchObject({code: 'test-failed', evidence: [...evidence, tested]})
  })

  test('keeps the last lines', async () => {
    const failure = run('for i in $(seq 1 100); do echo "line $i"; done\nfalse')
    const lines = Array.from({length: 10}, (_, index) => `line ${index + 91}`)
    await expect(failure).rejects.toMatchObject({evidence: [...lines, ended(2, 1, 'false'), tested]})
  })

  test('passes the commands in a private file, not in an argument', async () => {
    await using directory = await temporaryDirectory()
    const scriptFile = path.join(directory.path, 'test.sh')
    const seen: string[] = []
    const fake = scriptedProcesses(async ({args}) => {
      seen.push(await readFile(args.at(-1) ?? '', 'utf8'), ((await stat(scriptFile)).mode & 0o777).toString(8))
      return {}
    })
    const request = {script: 'login s3cret', variables: {}, scriptFile, env: {}}
    await runTest(request, () => undefined, {files, processes: fake})
    expect(seen).toEqual([expect.stringMatching(/^set -E; trap '.*' ERR; login s3cret$/), '600'])
    expect(fake.commands.map(({file, args}) => [file, ...args])).toEqual([
      ['bash', '--noprofile', '--norc', '-eo', 'pipefail', scriptFile],
    ])
  })

  test('reports a missing bash', async () => {
    const failure = run('true', {PATH: '/nonexistent'})
    await expect(failure).rejects.toMatchObject({
      code: 'test-failed',
      message: expect.stringContaining('bash') as unknown,
      evidence: ['bash: not found'],
    })
  })

  test('passes on another error', async () => {
    const cancelled = new TagboatError('cancelled')
    const fake = scriptedProcesses(() => {
      throw cancelled
    })
    const request = {script: '', variables: {}, scriptFile: path.join('/dev', 'null'), env: {}}
    const failing = runTest(request, () => undefined, {
      files: {...files, writePrivate: async () => Promise.resolve()},
      processes: fake,
    })
    await expect(failing).rejects.toBe(cancelled)
  })
})

test('the digest of a staged image is that of its top manifest', () => {
  expect(staged.digest).toBe(digestOf(image.bytes))
})
