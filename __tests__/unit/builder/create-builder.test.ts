import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {createBuilder, type CreationRequest} from '../../../src/builder/create-builder.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {scriptedProcesses, type Script} from '../../../testing/fake-io.ts'

const request: CreationRequest = {
  name: 'one',
  driver: 'docker-container',
  driverOpts: [],
  buildkitdFlags: '--debug',
  buildkitdConfig: undefined,
  endpoint: undefined,
  nodes: [],
  mirrors: [],
  retries: 2,
  env: {},
}
const inspected = readFileSync(
  path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', 'inspect-remote.txt'),
  'utf8',
)
/** Output of Buildx 0.29. */
const unpulled = [
  '#1 [internal] booting buildkit',
  '#1 pulling image moby/buildkit:buildx-stable-1 0.0s done',
  '#1 ERROR: Error response from daemon: failed to resolve reference',
  'ERROR: Error response from daemon: failed to resolve reference',
].join('\n')

const unready = [
  '#1 [internal] booting buildkit',
  '#1 ERROR: expected 1 replicas to be ready, got 0',
  'ERROR: expected 1 replicas to be ready, got 0',
].join('\n')
const stopped = [
  'Name: one',
  'Driver: kubernetes',
  '',
  'Nodes:',
  'Name: one0',
  'Endpoint: kubernetes:///one?deployment=&kubeconfig=',
  'Driver Options: image="a" namespace="builds"',
  'Status: stopped',
].join('\n')
const late = ['Name: one', 'Driver: kubernetes', '', 'Nodes:', 'Name: one0', 'Error: context deadline exceeded'].join(
  '\n',
)

interface Done {
  readonly commands: readonly string[]
  readonly said: readonly string[]
  readonly failure: TagboatError | undefined
}

async function create(changes: Partial<CreationRequest>, script: Script): Promise<Done> {
  const processes = scriptedProcesses(script)
  const said: string[] = []
  const io = {
    processes,
    timer: {sleep: async () => Promise.resolve(), random: () => 0},
    say: (line: string) => said.push(line),
  }
  let failure: TagboatError | undefined
  try {
    await createBuilder({...request, ...changes}, io)
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    failure = error
  }
  return {commands: processes.commands.map(({args}) => args.join(' ')), said, failure}
}

describe('a new builder', () => {
  test('is created, then booted', async () => {
    const {commands, failure} = await create({}, ({args}) => (args[1] === 'inspect' ? {stdout: inspected} : {}))
    expect(failure).toBeUndefined()
    expect(commands).toEqual([
      'buildx create --name one --driver docker-container --buildkitd-flags --debug',
      'buildx inspect --bootstrap one',
    ])
  })

  test('boots again when its image could be pulled at another try', async () => {
    let pulls = 0
    const {commands, failure, said} = await create({}, ({args}) => {
      if (args[0] === 'image') return {exitCode: 1}
      if (args[0] === 'pull') {
        pulls += 1
        return pulls < 2 ? {exitCode: 1, stderr: 'net/http: TLS handshake timeout'} : {}
      }
      if (args[1] !== 'inspect') return {}
      return pulls < 2 ? {exitCode: 1, stderr: unpulled} : {stdout: inspected}
    })
    expect(failure).toBeUndefined()
    expect(commands.slice(1)).toEqual([
      'buildx inspect --bootstrap one',
      'image inspect moby/buildkit:buildx-stable-1',
      'pull --quiet moby/buildkit:buildx-stable-1',
      'pull --quiet moby/buildkit:buildx-stable-1',
      'buildx inspect --bootstrap one',
    ])
    expect(said).toEqual([expect.stringMatching(/^moby\/buildkit:buildx-stable-1 .*2 of 3/)])
  })

  test('is looked at again if it started after the time limit of Buildx', async () => {
    let boots = 0
    const {commands, failure} = await create({driver: 'kubernetes'}, ({args}) => {
      if (args[1] === 'inspect') boots += 1
      return {stdout: boots < 2 ? late : inspected}
    })
    expect(failure).toBeUndefined()
    expect(commands.slice(1)).toEqual(['buildx inspect --bootstrap one', 'buildx inspect --bootstrap one'])
  })

  test('pulls its image from a mirror before the registry', async () => {
    const mirrors = [{registry: 'docker.io', location: 'mirror.example', http: false, line: 1}]
    const {commands, failure} = await create(
      {mirrors, driverOpts: ['network=host', 'image=moby/buildkit:v1']},
      ({args}) => {
        if (args[0] === 'image') return {exitCode: 1}
        return args[1] === 'inspect' ? {stdout: inspected} : {}
      },
    )
    expect(failure).toBeUndefined()
    expect(commands).toEqual([
      'image inspect moby/buildkit:v1',
      'pull --quiet mirror.example/moby/buildkit:v1',
      'buildx create --name one --driver docker-container --driver-opt network=host --driver-opt image=mirror.example/moby/buildkit:v1 --buildkitd-flags --debug',
      'buildx inspect --bootstrap one',
    ])
  })
})

describe('with mirrors, each node here', () => {
  const mirrors = [{registry: 'docker.io', location: 'mirror.example', http: false, line: 1}]
  const node = {name: undefined, endpoint: undefined, driverOpts: [], buildkitdFlags: undefined, platforms: []}
  const script: Script = ({args}) => {
    if (args[0] === 'image') return {exitCode: 1}
    return args[1] === 'inspect' ? {stdout: inspected} : {}
  }
  const options = (command: string): readonly string[] =>
    [...command.matchAll(/--driver-opt (\S+)/g)].map(([, option = '']) => option)

  test.each<{readonly name: string; readonly given: readonly string[]; readonly made: readonly string[]}>([
    {name: 'the default one', given: [], made: ['image=mirror.example/moby/buildkit:buildx-stable-1']},
    {
      name: 'one beside another setting',
      given: ['image=moby/buildkit:v1,network=host', 'memory=1g'],
      made: ['network=host', 'memory=1g', 'image=mirror.example/moby/buildkit:v1'],
    },
    {
      name: 'one in quotes, beside a setting that needs them',
      given: ['"image=moby/buildkit:v1","env.NO_PROXY=a,b"'],
      made: ['"env.NO_PROXY=a,b"', 'image=mirror.example/moby/buildkit:v1'],
    },
    {
      name: 'the last of several',
      given: ['network=host,image=moby/buildkit:v1', 'image=moby/buildkit:v2'],
      made: ['network=host', 'image=mirror.example/moby/buildkit:v2'],
    },
    {
      name: 'settings that only look like it',
      given: ['env.X=image=a', '"env.Y=a,image=b"'],
      made: ['env.X=image=a', '"env.Y=a,image=b"', 'image=mirror.example/moby/buildkit:buildx-stable-1'],
    },
  ])('uses the requested image: $name', async ({given, made}) => {
    const {commands} = await create({mirrors, driverOpts: given}, script)
    expect(options(commands.find((command) => command.startsWith('buildx create')) ?? '')).toEqual(made)
  })

  test('has its own, which is pulled once', async () => {
    const nodes = [
      {...node, driverOpts: ['image=moby/buildkit:v1,network=host']},
      {...node, endpoint: 'tcp://arm:2376', driverOpts: ['image=moby/buildkit:v2']},
      node,
    ]
    const {commands} = await create({mirrors, nodes}, script)
    expect(commands.filter((command) => command.startsWith('pull'))).toEqual([
      'pull --quiet mirror.example/moby/buildkit:buildx-stable-1',
      'pull --quiet mirror.example/moby/buildkit:v1',
    ])
    expect(commands.filter((command) => command.startsWith('buildx create')).map(options)).toEqual([
      ['image=mirror.example/moby/buildkit:buildx-stable-1'],
      ['network=host', 'image=mirror.example/moby/buildkit:v1'],
      ['image=moby/buildkit:v2'],
      ['image=mirror.example/moby/buildkit:buildx-stable-1'],
    ])
  })

  test('has it too where the first node is elsewhere', async () => {
    const {commands} = await create({mirrors, endpoint: 'tcp://amd:2376', nodes: [node]}, script)
    expect(commands.filter((command) => command.startsWith('buildx create')).map(options)).toEqual([
      [],
      ['image=mirror.example/moby/buildkit:buildx-stable-1'],
    ])
  })
})

describe('what goes wrong', () => {
  interface Row {
    readonly name: string
    readonly changes?: Partial<CreationRequest>
    readonly script: Script
    readonly expected: {readonly code: string; readonly evidence?: readonly unknown[]}
  }
  const rows: readonly Row[] = [
    {
      name: 'arguments that Buildx refuses',
      script: () => ({exitCode: 1, stderr: 'ERROR: invalid driver option foo for docker-container driver'}),
      expected: {
        code: 'builder-not-created',
        evidence: ['ERROR: invalid driver option foo for docker-container driver', 'by docker buildx create'],
      },
    },
    {
      name: 'no Buildx',
      script: () => ({exitCode: 1, stderr: "docker: 'buildx' is not a docker command."}),
      expected: {code: 'buildx-missing'},
    },
    {
      name: 'no image',
      script: ({args}) =>
        args[0] === 'pull'
          ? {exitCode: 1, stderr: 'no such host'}
          : args[1] === 'inspect'
            ? {exitCode: 1, stderr: unpulled}
            : {},
      expected: {code: 'builder-image-missing', evidence: ['moby/buildkit:buildx-stable-1: no such host']},
    },
    {
      name: 'a used-up rate limit, which is not tried again',
      script: ({args}) =>
        args[0] === 'pull'
          ? {exitCode: 1, stderr: 'toomanyrequests: You have reached your pull rate limit'}
          : args[1] === 'inspect'
            ? {exitCode: 1, stderr: unpulled}
            : {},
      expected: {code: 'rate-limited', evidence: [expect.stringContaining('toomanyrequests')]},
    },
    {
      name: 'an image for another engine, which is not pulled from here',
      changes: {endpoint: 'tcp://engine:2376'},
      script: ({args}) => (args[1] === 'inspect' ? {exitCode: 1, stderr: unpulled} : {}),
      expected: {code: 'builder-image-missing', evidence: unpulled.split('\n')},
    },
    {
      name: 'a container that does not start',
      script: ({args}) =>
        args[1] === 'inspect'
          ? {exitCode: 1, stderr: '#1 pulling image x\n#1 creating container y\nERROR: exit code 1'}
          : {},
      expected: {
        code: 'builder-not-created',
        evidence: ['#1 pulling image x', '#1 creating container y', 'ERROR: exit code 1'],
      },
    },
    {
      name: 'a cluster that fails for another reason',
      changes: {driver: 'kubernetes'},
      script: ({args}) => (args[1] === 'inspect' ? {exitCode: 1, stderr: '#1 booting\nERROR: no luck'} : {}),
      expected: {code: 'builder-not-created', evidence: ['#1 booting', 'ERROR: no luck']},
    },
    {
      name: 'a pod that is not ready, on a runner without kubectl',
      changes: {driver: 'kubernetes'},
      script: ({file, args}) => {
        if (file === 'kubectl') throw new TagboatError('docker-missing')
        return args.includes('--bootstrap') ? {exitCode: 1, stderr: unready} : {stdout: stopped}
      },
      expected: {
        code: 'pod-not-ready',
        evidence: ['ERROR: expected 1 replicas to be ready, got 0', expect.stringContaining('kubectl')],
      },
    },
    {
      name: 'a pod that is not ready, with its state in the namespace of the node',
      changes: {driver: 'kubernetes'},
      script: ({file, args}) => {
        if (file !== 'kubectl') return args.includes('--bootstrap') ? {exitCode: 1, stderr: unready} : {stdout: stopped}
        return args[1] === 'pods' && args.join(' ').includes('--selector app=one0 --namespace builds')
          ? {stdout: JSON.stringify({items: [{metadata: {name: 'one0-a-b'}, status: {phase: 'Pending'}}]})}
          : {exitCode: 1, stderr: 'Error from server (Forbidden)'}
      },
      expected: {
        code: 'pod-not-ready',
        evidence: ['ERROR: expected 1 replicas to be ready, got 0', 'pod one0-a-b: Pending'],
      },
    },
    {
      name: 'rights that are missing, which Buildx reports as a time limit',
      changes: {driver: 'kubernetes'},
      script: ({args}) =>
        args[1] === 'inspect'
          ? {stderr: 'ERROR: pods "one0" is forbidden: User "a" cannot create resource "pods/exec"', stdout: late}
          : {},
      expected: {
        code: 'cluster-denied',
        evidence: [expect.stringContaining('pods/exec'), 'ERROR: context deadline exceeded'],
      },
    },
  ]

  test.each(rows)('$name', async ({changes = {}, script, expected}) => {
    const {failure} = await create(changes, async (command, onOutput) =>
      command.args[0] === 'image' ? {exitCode: 1} : script(command, onOutput),
    )
    expect(failure).toMatchObject(expected)
  })
})
