import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../../src/commands/promote.ts'
import {publish} from '../../../../src/commands/publish.ts'
import {runCommand, type CommandRun} from '../../../../testing/command-run.ts'

type Inputs = Readonly<Record<string, string>>

/** Runs a step whose network fails the test, and returns its problems. */
async function problemsOf(inputs: Inputs, command: Parameters<typeof runCommand>[0] = publish): Promise<CommandRun> {
  const http = (): never => {
    throw new Error('a request before the inputs were checked')
  }
  const environment = {AWS_ACCESS_KEY_ID: 'A'}
  return runCommand(command, {registries: [], http, environment, builds: command !== promote, inputs})
}

async function expectProblem(inputs: Inputs, ...parts: readonly string[]): Promise<void> {
  const {failure} = await problemsOf(inputs)
  expect(failure?.code).toBe('input-invalid')
  expect(failure?.evidence).toHaveLength(1)
  for (const part of parts) expect(failure?.evidence[0]).toContain(part)
}

describe('a name that no registry has is refused before any request', () => {
  test.each([
    {image: '123456789012.dkr.ecr.eu-west-1.amazonaws.co/app', part: '"amazonaws.co"'},
    {image: '123456789012.dkr.ecr.eu-west-1.amazonaws/app', part: '"amazonaws"'},
    {image: '12345678901.dkr.ecr.eu-west-1.amazonaws.com/app', part: '12345678901 has 11 digits'},
    {image: '1234567890123.dkr-ecr.eu-west-1.on.aws/app', part: '13 digits'},
    {image: 'dkr.ecr.eu-west-1.amazonaws.com/app', part: 'account'},
    {image: '123456789012.ecr.eu-west-1.amazonaws.com/app', part: '"dkr."'},
    {image: '123456789012.dkr.eu-west-1.amazonaws.com/app', part: '"ecr."'},
    {image: '123456789012.eu-west-1.amazonaws.com/app', part: '"dkr.ecr."'},
    {image: '123456789012.dkr.ecr.amazonaws.com/app', part: 'region is missing'},
    {image: '123456789012.dkr.ecr.eu-west.amazonaws.com/app', part: '"eu-west"'},
    {image: '123456789012.dkr.ecr.euwest1.amazonaws.com/app', part: '"euwest1"'},
    {image: '123456789012.dkr.ecr.cn-north-1.amazonaws.com/app', part: 'cn-north-1'},
    {image: '123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/app', part: 'us-east-1'},
    {image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com:443/app', part: 'port'},
    {image: 'api.ecr.eu-west-1.amazonaws.com/app', part: 'API'},
    {image: 'public.ecr.amazonaws.com/alias/app', part: 'public.ecr.aws/ALIAS'},
    {image: 'public.ecr.aws/app', part: 'public.ecr.aws/ALIAS'},
    {image: 'europe-docker.pkg.dev/project/app', part: '2 parts'},
    {image: 'europe-docker.pkg.dev/app', part: 'LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/NAME'},
    {image: 'docker.pkg.dev/project/repository/app', part: 'location'},
    {image: 'europe-docker.pkg.com/project/repository/app', part: 'location'},
    {image: 'eu.gcr.io/app', part: 'PROJECT'},
    {image: 'example.azurecr.com/app', part: '.azurecr.io'},
    {image: 'azurecr.io/example/app', part: '.azurecr.io'},
    {image: 'exa.azurecr.io/app', part: '5 to 50'},
    {image: 'ghrc.io/octocat/app', part: 'ghcr.io/OWNER/NAME'},
    {image: 'gchr.io/octocat/app', part: 'ghcr.io/OWNER/NAME'},
    {image: 'github.com/octocat/app', part: 'ghcr.io/OWNER/NAME'},
    {image: 'docker.pkg.github.com/octocat/app/app', part: 'has ended'},
    {image: 'ghcr.io/app', part: 'OWNER/NAME'},
    {image: 'hub.docker.com/r/octocat/app', part: 'docker.io/OWNER/NAME'},
    {image: 'registry.docker.io/octocat/app', part: 'docker.io/OWNER/NAME'},
    {image: 'gitlab.com/group/app', part: 'registry.gitlab.com'},
    {image: 'quay.io/app', part: 'NAMESPACE'},
    {image: '/app', part: 'first slash'},
    {image: '//app', part: 'first slash'},
    {image: 'ghcr.io//app', part: 'probably empty'},
    {image: 'ghcr.io/octocat/', part: 'last slash'},
    {image: 'ghcr.io/', part: 'probably empty'},
    {image: 'r.example/octocat//app', part: 'two slashes'},
  ])('$image', async ({image, part}) => {
    await expectProblem({images: `r.example/o/app\n${image}`}, 'images, line 2', part)
    await expectProblem({images: 'r.example/o/app', tags: `${image}:v1`}, 'tags, line 1', part)
  })

  test('as the source of a promote', async () => {
    const from = '12345678901.dkr.ecr.eu-west-1.amazonaws.com/app:v1'
    const {failure} = await problemsOf({from, images: 'r.example/o/app'}, promote)
    expect(failure?.evidence).toEqual([expect.stringMatching(/^from: .*11 digits/)])
  })

  test('as the registry of a login, which is not quoted', async () => {
    const login = {registry: '123456789012.dkr.ecr.eu-west-1.amazonaws.co', username: 'AWS', password: 'canary-1'}
    await expectProblem({images: 'r.example/o/app', ...login}, 'registry: "amazonaws.co"')
    const item = {registry: 'hub.docker.com', username: 'mona', password: 'canary-1'}
    await expectProblem({images: 'r.example/o/app', 'registry-auth': JSON.stringify([item])}, 'line 1', 'docker.io')
  })
})

describe('a name is accepted', () => {
  test.each([
    'registry-1.docker.io/octocat/app',
    'index.docker.io/octocat/app',
    'registry.hub.docker.com/octocat/app',
    '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app',
    '123456789012.dkr-ecr.eu-west-1.on.aws/app',
    '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app',
    '123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/app',
    '123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/app',
    '123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov/app',
    'vpce-1.dkr.ecr.eu-west-1.vpce.amazonaws.com/app',
    'internal-app-1.eu-west-1.elb.amazonaws.com/app',
    'ecr.example-laws.com/app',
    'ecr.example.com/app',
    'europe-docker.pkg.dev/project/repository/app',
    'europe-docker.pkg.dev/example.com/project/repository/app',
    'eu.gcr.io/project/app',
    'example.westeurope.geo.azurecr.io/app',
    'github.example.com/octocat/app',
    'gitlab.example.com:5050/group/app',
    'docker.example.com/app',
  ])('%s', async (image) => {
    const {failure} = await problemsOf({images: image, 'dry-run': 'true', tags: '1.2.3'})
    expect(failure).toBeUndefined()
  })

  test('of any host with ecr: true', async () => {
    const images = 'ecr.eu-west-1.amazonaws.com/app'
    const {failure} = await problemsOf({images, ecr: 'true', 'aws-region': 'eu-west-1', 'dry-run': 'true'})
    expect(failure).toBeUndefined()
  })
})

describe('aws-region', () => {
  const images = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app'

  async function warnings(inputs: Inputs): Promise<readonly string[]> {
    const {failure, io} = await problemsOf({'dry-run': 'true', tags: '1.2.3', ...inputs})
    expect(failure).toBeUndefined()
    return io.workflow.log.filter((line) => line.startsWith('warning: ') && line.includes('region'))
  }

  test.each<{name: string; inputs: Inputs; expected: readonly unknown[]}>([
    {
      name: 'another region than that of the host',
      inputs: {images, 'aws-region': 'us-east-1'},
      expected: [expect.stringMatching(/^warning: aws-region: .*us-east-1.* eu-west-1/)],
    },
    {
      name: 'another region in an item of registry-auth',
      inputs: {
        images,
        'registry-auth': JSON.stringify([
          {
            registry: '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
            'role-to-assume': 'arn:aws:iam::123456789012:role/ci',
            region: 'us-east-1',
          },
        ]),
      },
      expected: [expect.stringMatching(/^warning: registry-auth, line 1: .*us-east-1.* eu-west-1/)],
    },
    {name: 'the region of the host', inputs: {images, 'aws-region': 'eu-west-1'}, expected: []},
    {
      name: 'that of one of two hosts',
      inputs: {images: `${images}\n${images.replace('eu-west-1', 'us-east-1')}`, 'aws-region': 'us-east-1'},
      expected: [],
    },
    {
      name: 'a host without a region',
      inputs: {images: `${images}\nr.example/app`, ecr: 'true', 'aws-region': 'us-east-1'},
      expected: [],
    },
  ])('$name', async ({inputs, expected}) => {
    expect(await warnings(inputs)).toEqual(expected)
  })
})
