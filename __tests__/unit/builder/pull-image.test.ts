import {describe, expect, test} from '@jest/globals'
import {mirrorReferences, pullImage, type Pulled} from '../../../src/builder/pull-image.ts'
import {scriptedProcesses, type Script} from '../../../testing/fake-io.ts'

const image = 'docker.io/team/tool:1'
const mirrors = [
  {registry: 'docker.io', location: 'near.example', http: false, line: 1},
  {registry: 'docker.io', location: 'far.example/hub', http: false, line: 2},
]
const [near, far] = ['near.example/team/tool:1', 'far.example/hub/team/tool:1']
const unknown = 'Error response from daemon: manifest unknown'
const busy = 'Error response from daemon: Head "https://x/": received unexpected HTTP status: 503 Service Unavailable'

interface CommandRun {
  readonly pulled: Pulled
  /** Requested images, in order. */
  readonly tries: readonly string[]
  readonly lines: readonly string[]
  readonly waits: readonly number[]
}

/** `answers`: by reference, what each try of it says; the last one stays, and the empty text is the image. */
async function pull(answers: Readonly<Record<string, readonly string[]>>, retries = 2): Promise<CommandRun> {
  const tries: string[] = []
  const lines: string[] = []
  const waits: number[] = []
  const script: Script = ({args}) => {
    const reference = args.at(-1) ?? ''
    if (args[0] === 'image') return {exitCode: answers['there']?.includes(reference) === true ? 0 : 1}
    const tried = tries.filter((one) => one === reference).length
    tries.push(reference)
    const stderr = answers[reference]?.[tried] ?? answers[reference]?.at(-1) ?? unknown
    return stderr === '' ? {} : {exitCode: 1, stderr: `${stderr}\n`}
  }
  const timer = {
    sleep: async (ms: number) => {
      waits.push(ms)
      return Promise.resolve()
    },
    random: () => 1,
  }
  const io = {processes: scriptedProcesses(script), timer, say: (line: string) => lines.push(line)}
  const pulled = await pullImage({image, mirrors, retries, env: {}}, io)
  return {pulled, tries, lines, waits}
}

describe('an image that a run needs for itself', () => {
  test('is not pulled if it exists', async () => {
    const {pulled, tries} = await pull({there: [image]})
    expect({pulled, tries}).toEqual({pulled: {ok: true, reference: image, wasThere: true}, tries: []})
  })

  test('comes from the first mirror', async () => {
    const {pulled, tries, lines} = await pull({[near]: ['']})
    expect({pulled, tries, lines}).toEqual({
      pulled: {ok: true, reference: near, wasThere: false},
      tries: [near],
      lines: [],
    })
  })

  test('comes from the next one, then from its registry, and each failure of a mirror is logged', async () => {
    const {pulled, tries, lines} = await pull({[near]: [busy], [image]: ['']})
    expect(pulled).toEqual({ok: true, reference: image, wasThere: false})
    expect(tries).toEqual([near, far, image])
    expect(lines).toEqual([
      expect.stringMatching(`${near}: .*503 Service Unavailable$`),
      expect.stringContaining(`${far}: manifest unknown`),
    ])
  })

  test('is tried again where it may help, after all others had their turn', async () => {
    const {pulled, tries, lines, waits} = await pull({[near]: [busy, ''], [image]: [unknown]})
    expect(pulled).toEqual({ok: true, reference: near, wasThere: false})
    expect(tries).toEqual([near, far, image, near])
    expect(waits).toEqual([1000])
    expect(lines.at(-1)).toMatch(new RegExp(`^${image} .*2 of 3 in 1 s$`))
  })

  test('is given up when no try is left', async () => {
    const {pulled, tries} = await pull({[image]: [busy]})
    expect(tries).toEqual([near, far, image, image, image])
    expect(pulled).toEqual({
      ok: false,
      evidence: [
        `${near}: manifest unknown`,
        `${far}: manifest unknown`,
        `${image}: Head "https://x/": received unexpected HTTP status: 503 Service Unavailable`,
      ],
    })
  })

  test.each([
    {name: 'unexpected EOF', transient: true},
    {name: 'net/http: TLS handshake timeout', transient: true},
    {name: 'dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: read udp: i/o timeout', transient: true},
    {name: 'net/http: request canceled (Client.Timeout exceeded while awaiting headers)', transient: true},
    {name: 'read: connection reset by peer', transient: true},
    {name: 'dial tcp 127.0.0.1:1: connect: connection refused', transient: true},
    {name: 'received unexpected HTTP status: 500 Internal Server Error', transient: true},
    {name: 'toomanyrequests: You have reached your pull rate limit', transient: false},
    {name: '429 Too Many Requests: request timed out', transient: false},
    {name: 'pull access denied for team/tool', transient: false},
    {name: 'dial tcp: lookup no-such.invalid: no such host', transient: false},
  ])('$name: another try: $transient', async ({name, transient}) => {
    const {tries} = await pull({[image]: [name]}, 1)
    expect(tries.filter((one) => one === image)).toHaveLength(transient ? 2 : 1)
  })

  test("is the engine's own kind, whatever the workflow builds for", async () => {
    const processes = scriptedProcesses(({args}) => ({exitCode: args[0] === 'image' ? 1 : 0}))
    const timer = {sleep: async () => Promise.resolve(), random: () => 0}
    const env = {DOCKER_DEFAULT_PLATFORM: 'linux/arm64', PATH: '/bin'}
    await pullImage({image, mirrors: [], retries: 0, env}, {processes, timer, say: () => undefined})
    expect(processes.commands.map((command) => command.env)).toEqual([{PATH: '/bin'}, {PATH: '/bin'}])
  })
})

const pinned = `sha256:${'a'.repeat(64)}`
const several = [
  {registry: 'docker.io', location: 'near.example:5000', http: false, line: 1},
  {registry: 'ghcr.io', location: 'other.example', http: false, line: 2},
  {registry: 'docker.io', location: 'far.example/hub', http: false, line: 3},
  {registry: 'docker.io', location: 'near.example:5000', http: true, line: 4},
]

describe('mirrorReferences', () => {
  test.each([
    {
      image: 'moby/buildkit:buildx-stable-1',
      expected: ['near.example:5000/moby/buildkit:buildx-stable-1', 'far.example/hub/moby/buildkit:buildx-stable-1'],
    },
    {image: 'alpine', expected: ['near.example:5000/library/alpine', 'far.example/hub/library/alpine']},
    {
      image: `docker.io/tonistiigi/binfmt:qemu-v10@${pinned}`,
      expected: [
        `near.example:5000/tonistiigi/binfmt:qemu-v10@${pinned}`,
        `far.example/hub/tonistiigi/binfmt:qemu-v10@${pinned}`,
      ],
    },
    {image: `ghcr.io/o/a@${pinned}`, expected: [`other.example/o/a@${pinned}`]},
    {image: 'localhost:5000/a:1', expected: []},
    {image: 'sha256:', expected: []},
    {image: '', expected: []},
  ])('$image', ({image, expected}) => {
    expect(mirrorReferences(image, several)).toEqual(expected)
  })

  test('a registry with a port', () => {
    const mirror = {registry: 'localhost:5000', location: 'm.example', http: false, line: 1}
    expect(mirrorReferences('localhost:5000/team/a:1', [mirror])).toEqual(['m.example/team/a:1'])
  })
})
