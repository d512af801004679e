import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {missingPlatforms, parseBuilder} from '../../../src/buildx/inspect.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../src/oci/platform.ts'

function captured(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

const twoNodes = (first: string, second: string): string => `Name:   big
Driver: docker-container

Nodes:
Name:      big0
Endpoint:  unix:///var/run/docker.sock
${first}

Name:      big1
Endpoint:  ssh://arm
${second}
`

interface Row {
  readonly name: string
  readonly given: string
  readonly expected: {
    readonly name: string
    readonly driver: string
    readonly platforms: string
    readonly errors: readonly string[]
  }
}

const rows: readonly Row[] = [
  {
    name: 'an engine with containerd',
    given: captured('inspect-containerd-store'),
    expected: {
      name: 'default',
      driver: 'docker',
      platforms: 'linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/arm64',
      errors: [],
    },
  },
  {
    name: 'the engine without it',
    given: captured('inspect-docker-driver'),
    expected: {
      name: 'default',
      driver: 'docker',
      platforms: 'linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/arm64 linux/386',
      errors: [],
    },
  },
  {
    name: 'no engine: code 0, and an error',
    given: captured('inspect-engine-dead'),
    expected: {
      name: 'default',
      driver: '',
      platforms: '',
      errors: ['Cannot connect to the Docker daemon at unix:///nonexistent/docker.sock. Is the docker daemon running?'],
    },
  },
  {
    name: 'a stopped builder has only configured platforms',
    given: captured('inspect-inactive'),
    expected: {name: 'idle', driver: 'docker-container', platforms: '', errors: []},
  },
  {
    name: 'a remote builder that does not respond',
    given: captured('inspect-remote-unreachable'),
    expected: {name: 'far', driver: 'remote', platforms: '', errors: []},
  },
  {
    name: 'two nodes',
    given: twoNodes(
      'Status:    running\nPlatforms: linux/amd64*, linux/386',
      'Status:    running\nPlatforms: linux/arm64',
    ),
    expected: {name: 'big', driver: 'docker-container', platforms: 'linux/amd64 linux/386 linux/arm64', errors: []},
  },
  {
    name: 'a node that is not running may do anything',
    given: twoNodes('Status:    running\nPlatforms: linux/amd64', 'Status:    inactive'),
    expected: {name: 'big', driver: 'docker-container', platforms: '', errors: []},
  },
  {
    name: 'a node in error builds nothing, and the other one does',
    given: twoNodes('Status:    running\nPlatforms: linux/amd64', 'Error:     no route to host'),
    expected: {name: 'big', driver: 'docker-container', platforms: 'linux/amd64', errors: []},
  },
  {
    name: 'all nodes in error',
    given: twoNodes('Error:     no engine', 'Error:     no route to host'),
    expected: {name: 'big', driver: 'docker-container', platforms: '', errors: ['no engine', 'no route to host']},
  },
  {
    name: 'labels of the engine may have any name',
    given:
      'Name: x\nDriver: docker\n\nNodes:\nName: x\nStatus: running\nPlatforms: linux/amd64\nLabels:\n Error: 1\n Platforms: linux/s390x\n',
    expected: {name: 'x', driver: 'docker', platforms: 'linux/amd64', errors: []},
  },
  {name: 'nothing', given: '', expected: {name: '', driver: '', platforms: '', errors: []}},
]

describe('parseBuilder', () => {
  test.each(rows)('$name', ({given, expected}) => {
    const {name, driver, platforms, errors} = parseBuilder(given)
    expect({name, driver, platforms: platforms.map(formatPlatform).join(' '), errors}).toEqual(expected)
  })
})

describe('how a builder lets an image be staged', () => {
  const labelled = 'Labels:\n org.mobyproject.buildkit.worker.containerd.uuid: 4437d9c2'
  const one = (driver: string, rest = ''): string =>
    `Name: x\nDriver: ${driver}\n\nNodes:\nName: x0\nStatus: running\n${rest}\n`

  test.each([
    {
      name: 'an engine with containerd',
      given: captured('inspect-containerd-store'),
      expected: 'oci-layout',
    },
    {name: 'the engine without it', given: captured('inspect-docker-driver'), expected: 'none'},
    {name: 'a remote builder, whatever its worker is', given: captured('inspect-remote'), expected: 'push-by-digest'},
    {
      name: 'a remote builder that does not answer',
      given: captured('inspect-remote-unreachable'),
      expected: 'push-by-digest',
    },
    {name: 'a container that was not started', given: captured('inspect-inactive'), expected: 'push-by-digest'},
    {name: 'a builder on Kubernetes', given: one('kubernetes'), expected: 'push-by-digest'},
    {name: 'a builder in the cloud', given: one('cloud'), expected: 'push-by-digest'},
    {name: 'an unknown driver', given: one('teleport', labelled), expected: 'none'},
    {
      name: 'a label that only looks like it',
      given: one('docker', 'Labels:\n x: org.mobyproject.buildkit.worker.containerd.uuid:'),
      expected: 'none',
    },
    {name: 'two nodes: what each of them can do', given: captured('inspect-two-nodes'), expected: 'push-by-digest'},
    {name: 'no engine', given: captured('inspect-engine-dead'), expected: 'none'},
    {name: 'nothing', given: '', expected: 'none'},
  ])('$name', ({given, expected}) => {
    expect(parseBuilder(given).staging).toBe(expected)
  })
})

describe('whether Buildx connects to the BuildKit of a builder', () => {
  test.each([
    {name: 'Buildx 0.13 and later', given: captured('inspect-containerd-store'), expected: true},
    {name: 'a remote builder', given: captured('inspect-remote'), expected: true},
    {
      name: 'Buildx before 0.13',
      given: captured('inspect-remote').replace('BuildKit version:', 'Buildkit:'),
      expected: false,
    },
    {name: 'a builder that is not running', given: captured('inspect-inactive'), expected: false},
  ])('$name: $expected', ({given, expected}) => {
    expect(parseBuilder(given).dials).toBe(expected)
  })
})

describe('the nodes of a builder', () => {
  const shown = (text: string): readonly string[] =>
    parseBuilder(text).nodes.map(({name, endpoint, status, platforms: all, fixed, buildkit = 'unknown'}) => {
      const [whole, byHand] = [all, fixed].map((some) => some.map(formatPlatform).join(' '))
      return [name, endpoint, status, whole, byHand, buildkit].join(' | ')
    })

  test.each([
    {
      name: 'two, each with a platform that was set by hand',
      given: captured('inspect-two-nodes'),
      expected: [
        'far0 | tcp://127.0.0.1:46385 | running | linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/arm64 | linux/amd64 | v0.0.0+unknown',
        'far1 | tcp://localhost:46385 | running | linux/arm64 linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 | linux/arm64 | v0.0.0+unknown',
      ],
    },
    {
      name: 'one that does not answer',
      given: captured('inspect-remote-unreachable'),
      expected: ['far0 | tcp://127.0.0.1:1234 | inactive |  |  | unknown'],
    },
    {
      name: 'those without an error alone',
      given: twoNodes('Status:    running\nPlatforms: linux/amd64', 'Error:     no route to host'),
      expected: ['big0 | unix:///var/run/docker.sock | running | linux/amd64 |  | unknown'],
    },
    {name: 'none', given: captured('inspect-engine-dead'), expected: []},
  ])('$name', ({given, expected}) => {
    expect(shown(given)).toEqual(expected)
  })
})

test('the configuration of a node is the text of its buildkitd.toml', () => {
  const file = ['File#buildkitd.toml:', ' > debug = true', ' > ', ' > [worker.oci]', 'File#ca.pem:', ' > text'].join(
    '\n',
  )
  const {nodes} = parseBuilder(twoNodes(`Status:    running\n${file}`, 'Status:    running'))
  expect(nodes.map(({configuration}) => configuration)).toEqual(['debug = true\n\n[worker.oci]', undefined])
})

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

function missing(builder: string, asked: string): string {
  return missingPlatforms(parseBuilder(builder), platforms(asked)).map(formatPlatform).join(' ')
}

describe('missingPlatforms', () => {
  test.each([
    {name: 'none', given: 'linux/amd64 linux/arm64', expected: ''},
    {name: 'none, for a variant that is implied', given: 'linux/amd64/v1 linux/arm64/v8', expected: ''},
    {name: 'some', given: 'linux/arm64 linux/s390x linux/arm/v7', expected: 'linux/s390x linux/arm/v7'},
    {name: 'another operating system', given: 'darwin/arm64 linux/amd64', expected: 'darwin/arm64'},
  ])('$name', ({given, expected}) => {
    expect(missing(captured('inspect-containerd-store'), given)).toBe(expected)
  })

  test.each(['inspect-inactive', 'inspect-remote-unreachable'])('none, while they are unknown: %s', (name) => {
    expect(missing(captured(name), 'linux/amd64')).toBe('')
  })
})
