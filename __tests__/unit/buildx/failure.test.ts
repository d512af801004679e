import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {buildFailure, inspectFailure} from '../../../src/buildx/failure.ts'
import {causes, type ErrorCode} from '../../../src/errors/causes.ts'
import {deniedEngineRemedy} from '../../../src/errors/engine-access.ts'

/** Captured output of Docker's tools: Buildx 0.29, Docker 28.5. */
function captured(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

function codeOf(stderr: string): string {
  return buildFailure({exitCode: 1, stdout: '', stderr}).code
}

interface Row {
  readonly name: string
  readonly given: string
  readonly expected: ErrorCode
}

const digest = 'sha256:f698428706820e407a258fef7b91e82cecfa28636a487094468a8ee12ce15b7b'

const deniedSocket =
  'ERROR: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/_ping": dial unix /var/run/docker.sock: connect: permission denied'

describe('an engine that refuses this user', () => {
  test.each([
    {name: 'a build', failure: buildFailure({exitCode: 1, stdout: '', stderr: deniedSocket})},
    {
      name: 'the look at the builder',
      failure: inspectFailure({exitCode: 1, stdout: '', stderr: deniedSocket}, [], undefined),
    },
  ])('$name has its own remedy', ({failure}) => {
    expect(failure.code).toBe('engine-unreachable')
    expect(failure.remedy).toBe(deniedEngineRemedy)
  })
})

test('a disk that is full for the exported image is that of RUNNER_TEMP', () => {
  const path = '/home/runner/work/_temp/tagboat-f24bbd9a/tagboat-layout/ingest/86bdeac968c1/data'
  const stderr = `ERROR: failed to build: failed to solve: failed to copy: failed to send write: rpc error: code = Unknown desc = write ${path}: no space left on device`
  const {code, remedy} = buildFailure({exitCode: 1, stdout: '', stderr})
  expect({code, remedy}).toEqual({code: 'disk-full', remedy: expect.stringContaining('RUNNER_TEMP')})
})

describe('what a build printed, captured', () => {
  const rows: readonly Row[] = [
    {name: 'no engine', given: 'build-engine-dead', expected: 'engine-unreachable'},
    {name: 'no Buildx', given: 'build-no-buildx', expected: 'buildx-missing'},
    {name: 'no such builder', given: 'build-no-such-builder', expected: 'builder-missing'},
    {name: 'no Dockerfile', given: 'build-dockerfile-missing', expected: 'dockerfile-missing'},
    {name: 'no directory of the Dockerfile', given: 'build-dockerfile-missing-file', expected: 'dockerfile-missing'},
    {name: 'no context', given: 'build-context-missing', expected: 'context-missing'},
    {name: 'a disk that is full for a step', given: 'build-disk-full', expected: 'disk-full'},
    {name: 'a program of another platform', given: 'build-exec-format', expected: 'platform-missing'},
    {name: 'a push without a login', given: 'build-push-401', expected: 'push-denied'},
    {name: 'attestations with the docker exporter', given: 'build-docker-exporter', expected: 'builder-unsuited'},
    {
      name: 'several platforms with the docker driver',
      given: 'build-docker-driver-platforms',
      expected: 'builder-unsuited',
    },
    {
      name: 'attestations with the docker driver',
      given: 'build-docker-driver-attestation',
      expected: 'builder-unsuited',
    },
    {name: 'an archive with the docker driver', given: 'build-docker-driver-exporter', expected: 'builder-unsuited'},
    {name: 'cache with the docker driver', given: 'build-docker-driver-cache', expected: 'builder-unsuited'},
    {
      name: 'rewritten times with the docker driver',
      given: 'build-docker-driver-rewrite',
      expected: 'builder-unsuited',
    },
    {name: 'a step that prints and names denials', given: 'build-step-prints-denials', expected: 'build-failed'},
    {name: 'a step of several lines that does', given: 'build-step-heredoc', expected: 'build-failed'},
    {name: 'a registry that does not respond', given: 'build-push-refused', expected: 'registry-unreachable'},
    {name: 'a missing stage', given: 'build-unknown-target', expected: 'dockerfile-invalid'},
    {name: 'a base image that cannot be read', given: 'build-base-missing', expected: 'base-image-unreachable'},
    {name: 'a missing file', given: 'build-copy-missing', expected: 'build-failed'},
    {name: 'a line without an instruction', given: 'records-syntax-error', expected: 'dockerfile-invalid'},
    {name: 'a Git context that cannot be read', given: 'build-git-refused', expected: 'git-context-refused'},
  ]

  test.each(rows)('$name: $expected', ({given, expected}) => {
    expect(codeOf(captured(given))).toBe(expected)
  })

  test('a registry that does not respond is named with the reason in plain words', () => {
    const {message, remedy} = buildFailure({exitCode: 1, stdout: '', stderr: captured('build-push-refused')})
    expect(message).toMatch(/^localhost:5998 did not respond: the connection to \S+:5998 was refused\.$/)
    expect(remedy).toContain('localhost:5998')
  })
})

/** Published texts, with their sources. */
const published: readonly Row[] = [
  {
    // https://github.com/docker/build-push-action/issues/981
    name: 'ghcr.io 403',
    given: `#16 pushing layers 0.1s done
#16 ERROR: failed to push ghcr.io/octocat/app:latest: unexpected status from HEAD request to https://ghcr.io/v2/octocat/app/blobs/${digest}: 403 Forbidden
------
 > exporting to image:
------
ERROR: failed to solve: failed to push ghcr.io/octocat/app:latest: unexpected status from HEAD request to https://ghcr.io/v2/octocat/app/blobs/${digest}: 403 Forbidden`,
    expected: 'push-denied-ghcr',
  },
  {
    name: 'ghcr.io: a package that this repository may not write',
    given:
      'ERROR: failed to build: failed to solve: failed to push ghcr.io/octocat/app:main: denied: permission_denied: write_package',
    expected: 'ghcr-package-not-shared',
  },
  {
    // https://github.com/docker/build-push-action/issues/606
    name: 'ghcr.io: no packages: write',
    given:
      '#12 ERROR: denied: installation not allowed to Create organization package\nERROR: failed to solve: denied: installation not allowed to Create organization package',
    expected: 'ghcr-creation-forbidden',
  },
  {
    // https://github.com/enketo/enketo/issues/1054
    name: 'ghcr.io: no packages: write, for an existing package',
    given:
      'ERROR: failed to solve: failed to push ghcr.io/enketo/enketo:pr: denied: installation not allowed to Write organization package',
    expected: 'ghcr-permission-missing',
  },
  {
    name: 'ghcr.io: no token',
    given:
      'ERROR: failed to solve: failed to push ghcr.io/octocat/app:1: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aoctocat%2Fapp%3Apull%2Cpush&service=ghcr.io: 401 Unauthorized',
    expected: 'push-denied-ghcr',
  },
  {
    name: 'Docker Hub: not mine',
    given:
      'ERROR: failed to solve: failed to push docker.io/octocat/app:1: push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    expected: 'push-denied',
  },
  {
    // https://github.com/docker/build-push-action/issues/901
    name: 'ECR: a policy lacks an action',
    given:
      'ERROR: failed to solve: failed to push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1: denied: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:eu-west-1:123456789012:repository/app',
    expected: 'ecr-denied',
  },
  {
    // https://github.com/google/ax/issues/140
    name: 'Artifact Registry: no right, or no repository',
    given:
      'ERROR: failed to solve: failed to push europe-docker.pkg.dev/p/r/app:1: failed to authorize: failed to fetch oauth token: denied: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/p/locations/europe/repositories/r" (or it may not exist)',
    expected: 'gar-denied',
  },
  {
    name: 'a step that prints the refusal of a registry',
    given:
      '#7 0.1 denied: permission_denied: write_package\nERROR: failed to build: failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 1',
    expected: 'build-failed',
  },
  {
    name: 'the engine pushed by itself, and was denied',
    given: 'ERROR: failed to build: denied: requested access to the resource is denied',
    expected: 'push-denied',
  },
  {
    name: 'ECR: no login',
    given:
      'ERROR: failed to solve: failed to push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1: unexpected status from HEAD request to https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/app/manifests/1: 401 Unauthorized',
    expected: 'push-denied',
  },
  {
    // https://github.com/camunda/keycloak/pull/641
    name: 'Harbor: project quota',
    given:
      'ERROR: failed to build: failed to solve: failed to push harbor.example/team/app: denied: adding 151.7 MiB of storage resource, which when updated to current usage of 99.9 GiB will exceed the configured upper limit of 100.0 GiB.',
    expected: 'quota-exceeded',
  },
  {
    name: 'a full registry by its status',
    given: `ERROR: failed to solve: failed to push r.example/team/app: unexpected status from PUT request to https://r.example/v2/team/app/blobs/uploads/1: 507 Insufficient Storage`,
    expected: 'quota-exceeded',
  },
  {
    // https://github.com/docker/build-push-action/issues/1270
    name: 'an inner address that the registry named',
    given:
      'ERROR: failed to solve: failed to push r.example/team/app: failed to do request: Put "https://192.0.2.1/v2/team/app/blobs/uploads/x?digest=y": dial tcp 192.0.2.1:443: connect: connection refused',
    expected: 'registry-unreachable',
  },
  {
    name: 'a repository named like a quota',
    given: `ERROR: failed to solve: failed to push r.example/team/quota: unexpected status from PUT request to https://r.example/v2/team/quota/manifests/${digest}: 403 Forbidden`,
    expected: 'push-denied',
  },
  {
    // https://github.com/aws-actions/amazon-ecr-login/issues/166
    name: 'ECR: no repository',
    given:
      "ERROR: failed to solve: failed to push 123456789012.dkr.ecr.us-east-2.amazonaws.com/service-t:1: name unknown: The repository with name 'service-t' does not exist in the registry with id '123456789012'",
    expected: 'ecr-repository-missing',
  },
  {
    // https://github.com/aws-actions/amazon-ecr-login/issues/202
    name: 'ECR: no public repository, pushed by the engine',
    given:
      "ERROR: name unknown: The repository with name 'sadapay-test' does not exist in the registry with id 'k5n6o2s4'",
    expected: 'ecr-repository-missing',
  },
  {
    // https://github.com/docker/setup-buildx-action/issues/103
    name: 'ECR: a missing repository, as a status',
    given:
      'ERROR: failed to solve: failed to push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1: unexpected status from POST request to https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/app/blobs/uploads/: 404 Not Found',
    expected: 'ecr-repository-missing',
  },
  {
    // https://github.com/elastic/golang-crossbuild/issues/659
    name: 'Docker Hub: limit for base images',
    given:
      'ERROR: failed to solve: arm64v8/debian:12: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/arm64v8/debian/manifests/sha256:53692cdc49e2b0abdd9adf36466b366aaebdbbdbb2e6a7f432e2b4fb7327fd93: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    expected: 'rate-limited',
  },
  {
    // https://github.com/addnab/docker-run-action/issues/56
    name: 'Docker Hub: the rate limit, as a status',
    given:
      'ERROR: failed to solve: docker:20.10: pulling from host registry-1.docker.io failed with status code [manifests 20.10]: 429 Too Many Requests',
    expected: 'rate-limited',
  },
  {
    // https://github.com/guacsec/guac/issues/2832
    name: 'a full disk',
    given:
      'ERROR: failed to build: failed to solve: ResourceExhausted: write /var/lib/docker/overlay2/yp9tg0uq1ufym66lbal7o82n2/diff/guacone-linux-arm64: no space left on device',
    expected: 'disk-full',
  },
  {
    // https://github.com/serverless/containers/issues/19
    name: 'the disk is full before the Dockerfile is read',
    given:
      'ERROR: failed to build: failed to solve: ResourceExhausted: failed to read dockerfile: failed to create temp dir: mkdir /var/lib/docker/tmp/buildkit-mount2667628103: no space left on device',
    expected: 'disk-full',
  },
  {
    name: 'no emulation',
    given: `#9 [linux/arm64 2/4] RUN apk add curl
#9 0.233 exec /bin/sh: exec format error
#9 ERROR: process "/bin/sh -c apk add curl" did not complete successfully: exit code: 255
------
 > [linux/arm64 2/4] RUN apk add curl:
0.233 exec /bin/sh: exec format error
------
ERROR: failed to solve: process "/bin/sh -c apk add curl" did not complete successfully: exit code: 255`,
    expected: 'platform-missing',
  },
  {
    // https://github.com/docker/buildx/issues/1170
    name: 'a program that crashed under QEMU',
    given: `#7 99.75 Processing triggers for libc-bin (2.31-13+deb11u3) ...
#7 99.79 qemu: uncaught target signal 11 (Segmentation fault) - core dumped
#7 99.87 Segmentation fault (core dumped)
#7 100.1 E: Sub-process /usr/bin/dpkg returned an error code (1)
#7 ERROR: process "/bin/sh -c apt-get install -y python3-pip" did not complete successfully: exit code: 100
------
 > [3/9] RUN apt-get install -y python3-pip:
99.79 qemu: uncaught target signal 11 (Segmentation fault) - core dumped
99.87 Segmentation fault (core dumped)
100.1 E: Sub-process /usr/bin/dpkg returned an error code (1)
------
ERROR: failed to solve: process "/bin/sh -c apt-get install -y python3-pip" did not complete successfully: exit code: 100`,
    expected: 'emulation-crashed',
  },
  {
    // https://github.com/Kuadrant/mcp-gateway/issues/687, without what QEMU prints
    name: "a crash under BuildKit's own emulator, by the exit code",
    given:
      'ERROR: failed to solve: process "/dev/.buildkit_qemu_emulator /bin/sh -c npm install && npm run build" did not complete successfully: exit code: 132',
    expected: 'emulation-crashed',
  },
  {
    name: 'a base image whose registry has no address',
    given:
      'ERROR: failed to build: failed to solve: alpine:3: failed to resolve source metadata for docker.io/library/alpine:3: failed to do request: Head "https://registry-1.docker.io/v2/library/alpine/manifests/3": dial tcp: lookup registry-1.docker.io: no such host',
    expected: 'base-image-unreachable',
  },
  {
    name: 'a base image without a name',
    given: 'ERROR: failed to build: failed to solve: base name ($BASE) should not be blank',
    expected: 'dockerfile-invalid',
  },
  {
    name: 'an empty Dockerfile',
    given: 'ERROR: failed to build: failed to solve: the Dockerfile cannot be empty',
    expected: 'dockerfile-invalid',
  },
  {
    name: 'a base image without the platform',
    given:
      'ERROR: failed to solve: debian:12: failed to resolve source metadata for docker.io/library/debian:12: no match for platform in manifest: not found',
    expected: 'base-image-without-platform',
  },
  {
    name: 'Podman, which says that it emulates Docker',
    given: 'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\nunknown flag: --progress',
    expected: 'buildx-missing',
  },
  {
    name: 'Podman without a command',
    given: "Error: unrecognized command `podman buildx inspect`\nTry 'podman buildx --help' for more information",
    expected: 'buildx-missing',
  },
  {
    name: 'an older Docker without the plugin',
    given: "docker: 'buildx' is not a docker command.\nSee 'docker --help'",
    expected: 'buildx-missing',
  },
  {
    name: 'a Buildx without a flag',
    given: "unknown flag: --annotation\nSee 'docker buildx build --help'.\n",
    expected: 'buildx-outdated',
  },
  {
    name: 'the same, in the words of a newer Docker CLI',
    given:
      "unknown flag: --annotation\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -\n\nRun 'docker buildx build --help' for more information\n",
    expected: 'buildx-outdated',
  },
  {
    name: 'no right to the engine',
    given: deniedSocket,
    expected: 'engine-unreachable',
  },
  {
    name: 'a missing project',
    given: 'ERROR: failed to solve: failed to push harbor.example/x/app:1: project x not found: project x not found',
    expected: 'project-missing',
  },
  {
    name: 'a missing repository',
    given:
      'ERROR: failed to solve: failed to push europe-docker.pkg.dev/p/r/app:1: name unknown: Repository "r" not found',
    expected: 'repository-missing',
  },
]

/** Texts that only look like one of those. */
const lookalikes: readonly Row[] = [
  {
    name: 'digits of a digest are not a status',
    given:
      'ERROR: failed to solve: failed to push ghcr.io/o/a:1: failed to do request: Head "https://ghcr.io/v2/o/a/blobs/sha256:4031401b54e9b0e5b1f2e4d8a9d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2401403": dial tcp: i/o timeout',
    expected: 'registry-unreachable',
  },
  {
    name: 'the name of an image is not a response',
    given:
      'ERROR: failed to solve: failed to push example.com/team/denied:401: failed to do request: Head "https://example.com/v2/": dial tcp: i/o timeout',
    expected: 'registry-unreachable',
  },
  {
    name: 'a denied base image is not a push',
    given:
      'ERROR: failed to solve: octocat/private:1: failed to resolve source metadata for docker.io/octocat/private:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    expected: 'base-image-unreachable',
  },
  {
    name: 'a command that speaks of a full disk did not meet one',
    given: `#5 [2/2] RUN test -f /x || (echo "no space left on device, exec format error" >&2; exit 1)
#5 ERROR: process "/bin/sh -c test -f /x || (echo \\"no space left on device, exec format error\\" >&2; exit 1)" did not complete successfully: exit code: 1
------
 > [2/2] RUN test -f /x || (echo "no space left on device, exec format error" >&2; exit 1):
------
Dockerfile:2
--------------------
   2 | >>> RUN test -f /x || (echo "no space left on device, exec format error" >&2; exit 1)
--------------------
ERROR: failed to solve: process "/bin/sh -c test -f /x || (echo \\"no space left on device, exec format error\\" >&2; exit 1)" did not complete successfully: exit code: 1`,
    expected: 'build-failed',
  },
  {
    name: 'a step that runs Docker without an engine',
    given: `#5 0.130 ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?
#5 ERROR: process "/bin/sh -c docker ps" did not complete successfully: exit code: 1
ERROR: failed to solve: process "/bin/sh -c docker ps" did not complete successfully: exit code: 1`,
    expected: 'build-failed',
  },
  {
    name: 'a native program that crashed',
    given:
      '#5 0.1 Segmentation fault\nERROR: failed to solve: process "/bin/sh -c ./app" did not complete successfully: exit code: 139',
    expected: 'build-failed',
  },
  {
    name: "a step that fails by itself under BuildKit's own emulator",
    given:
      'ERROR: failed to solve: process "/dev/.buildkit_qemu_emulator /bin/sh -c make" did not complete successfully: exit code: 2',
    expected: 'build-failed',
  },
  {
    name: 'a command that only names the emulator',
    given:
      'ERROR: failed to solve: process "/bin/sh -c echo \\"process \\"/dev/.buildkit_qemu_emulator\\"\\"; exit 139" did not complete successfully: exit code: 139',
    expected: 'build-failed',
  },
  {
    name: 'a build that was killed, after a step that printed denials',
    given: '#5 [2/2] RUN make\n#5 1.250 toomanyrequests\n#5 1.300 Cannot connect to the Docker daemon',
    expected: 'build-failed',
  },
  {name: 'nothing at all', given: '', expected: 'build-failed'},
]

describe('what a build printed', () => {
  test.each([...published, ...lookalikes])('$name: $expected', ({given, expected}) => {
    expect(codeOf(given)).toBe(expected)
  })

  test('the other stream is ignored', () => {
    const failure = buildFailure({
      exitCode: 1,
      stdout: 'WARNING: no space left on device',
      stderr: 'ERROR: lint failed',
    })
    expect(failure.code).toBe('build-failed')
    expect(failure.evidence).toEqual([
      'ERROR: lint failed',
      'WARNING: no space left on device',
      expect.stringContaining('code 1'),
    ])
  })

  test('the remedy for a missing file names the context and .dockerignore', () => {
    const stderr = captured('build-copy-missing')
    expect(buildFailure({exitCode: 1, stdout: '', stderr}).remedy).toMatch(/`context`.*\.dockerignore/)
  })

  test.each(['build-step-heredoc', 'build-step-prints-denials'])(
    'a step that failed has the remedy of all: %s',
    (name) => {
      const {remedy} = buildFailure({exitCode: 1, stdout: '', stderr: captured(name)})
      expect(remedy).toBeUndefined()
    },
  )

  test.each(['192.0.2.1', 'r.example:8443'])('what to do where the registry named %s', (host) => {
    const stderr = `ERROR: failed to push r.example/app: failed to do request: Put "https://${host}/v2/": dial tcp: refused`
    expect(buildFailure({exitCode: 1, stdout: '', stderr}).remedy).toContain('X-Forwarded-Host')
  })

  test('the last lines and the exit code are the evidence', () => {
    const lines = Array.from({length: 40}, (_, index) => `#1 line ${index}`)
    const {evidence} = buildFailure({exitCode: 17, stdout: '', stderr: `${lines.join('\n\n')}\nERROR: no\n`})
    expect(evidence).toHaveLength(25)
    expect(evidence.slice(-2)).toEqual(['ERROR: no', expect.stringContaining('code 17')])
    expect(evidence[0]).toBe('#1 line 17')
  })

  test('every code of a failing build has a row', () => {
    const shown = new Set([...published, ...lookalikes].map(({expected}) => expected))
    const ofBuild: readonly ErrorCode[] = ['disk-full', 'rate-limited', 'push-denied', 'push-denied-ghcr']
    expect(ofBuild.filter((code) => !shown.has(code))).toEqual([])
    expect(Object.keys(causes)).toEqual(expect.arrayContaining([...shown]))
  })
})

describe('what is known of a failed build', () => {
  const step = {name: '[2/2] RUN make', lines: ['0.100 cc: no such file', '0.200 make: failed']}
  const excerpt = ['app.Dockerfile:2', '-'.repeat(20), '   1 |     FROM x', '   2 | >>> RUN make', '-'.repeat(20)]
  const stderr = ['#1 other', '#2 9.000 other', ...excerpt, 'ERROR: failed to solve: process did not complete'].join(
    '\n',
  )

  test('is the failing step, its lines of the Dockerfile and the error, and not what other steps printed', () => {
    const failure = buildFailure(
      {exitCode: 1, stdout: '', stderr},
      {step, fileOf: (name) => (name === 'app.Dockerfile' ? 'docker/app.Dockerfile' : undefined)},
    )
    expect({code: failure.code, evidence: failure.evidence, place: failure.place}).toEqual({
      code: 'build-failed',
      evidence: [
        '> [2/2] RUN make:',
        ...step.lines,
        ...excerpt,
        'ERROR: failed to solve: process did not complete',
        expect.stringContaining('code 1'),
      ],
      place: {file: 'docker/app.Dockerfile', line: 2, endLine: 2},
    })
  })

  test('has no place for a Dockerfile outside', () => {
    expect(buildFailure({exitCode: 1, stdout: '', stderr}, {step, fileOf: () => undefined}).place).toBeUndefined()
    expect(buildFailure({exitCode: 1, stdout: '', stderr}).place).toBeUndefined()
  })

  test.each<{name: string; line: string; expected: ErrorCode}>([
    {
      name: 'signs count in what the step printed',
      line: '0.1 write /x: no space left on device',
      expected: 'disk-full',
    },
    {name: 'signs of errors do not', line: '0.1 toomanyrequests', expected: 'build-failed'},
  ])('$name', ({line, expected}) => {
    const facts = {step: {name: 'x', lines: [line]}}
    expect(buildFailure({exitCode: 1, stdout: '', stderr}, facts).code).toBe(expected)
  })

  test('what call: check found is the error, in the words of its first line', () => {
    const {code, message, evidence} = buildFailure(
      {exitCode: 1, stdout: captured('check-text'), stderr: 'ERROR: no matter'},
      {call: 'check'},
    )
    expect({code, message}).toEqual({code: 'checks-failed', message: 'Check complete, 2 warnings have been found!'})
    expect(evidence).toEqual([expect.stringContaining('code 1')])
  })

  test('as JSON it has the cause of its code', () => {
    const failure = buildFailure({exitCode: 1, stdout: captured('check-json'), stderr: ''}, {call: 'check,format=json'})
    expect(failure.message).toBe(causes['checks-failed'])
    expect(failure.evidence).toHaveLength(1)
  })

  test('a check that failed is not a finding', () => {
    const stderr = 'ERROR: failed to read dockerfile: open nope: no such file or directory'
    expect(buildFailure({exitCode: 1, stdout: '', stderr}, {call: 'check'}).code).toBe('dockerfile-missing')
  })

  test('checks that are errors of a build are known by its error', () => {
    expect(
      codeOf('ERROR: failed to build: failed to solve: lint violation found for rules: MaintainerDeprecated'),
    ).toBe('checks-failed')
  })
})

describe('what docker buildx inspect printed', () => {
  test.each([
    {name: 'no such builder', given: 'inspect-no-such-builder', expected: 'builder-missing'},
    {name: 'no Buildx', given: 'inspect-no-buildx', expected: 'buildx-missing'},
  ])('$name: $expected', ({given, expected}) => {
    const failure = inspectFailure({exitCode: 1, stdout: '', stderr: captured(given)}, [], 'nobuilder')
    expect(failure.code).toBe(expected)
  })

  const bootstrap = 'ERROR: error for bootstrap "one0": '
  test.each([
    {
      name: 'no configuration of a cluster',
      given:
        'ERROR: failed to initialize builder one (one0): cannot determine Kubernetes namespace, specify manually: stat /k: no such file or directory',
      expected: 'cluster-unreachable',
    },
    {
      name: 'no answer of the API server',
      given: `${bootstrap}Get "https://10.0.0.1:6443/apis": dial tcp 10.0.0.1:6443: i/o timeout`,
      expected: 'cluster-unreachable',
    },
    {
      name: 'no program for the credentials',
      given: `${bootstrap}Get "https://10.0.0.1:6443/apis": getting credentials: exec: executable aws not found`,
      expected: 'cluster-denied',
    },
    {name: 'an unknown user', given: `${bootstrap}Unauthorized`, expected: 'cluster-denied'},
    {
      name: 'a missing right',
      given: `${bootstrap}deployments.apps "one0" is forbidden: User "a" cannot get resource "deployments"`,
      expected: 'cluster-denied',
    },
    {
      name: 'a missing right before the error that it causes',
      given: 'ERROR: pods "one0" is forbidden: User "a" cannot create resource "pods/exec"\nERROR: deadline exceeded',
      expected: 'cluster-denied',
    },
    {
      name: 'a pod that is not ready',
      given: 'ERROR: expected 2 replicas to be ready, got 1',
      expected: 'pod-not-ready',
    },
    {name: 'no pod', given: 'ERROR: no running buildkit pods found', expected: 'pod-not-ready'},
  ])('$name: $expected', ({given, expected}) => {
    expect(inspectFailure({exitCode: 1, stdout: '', stderr: given}, [], undefined).code).toBe(expected)
  })

  test('the builder is named', () => {
    const failure = inspectFailure(
      {exitCode: 1, stdout: '', stderr: captured('inspect-no-such-builder')},
      [],
      'nobuilder',
    )
    expect(failure.message).toContain('"nobuilder"')
  })

  test.each([
    {
      name: 'no engine',
      given: 'Cannot connect to the Docker daemon at unix:///nonexistent/docker.sock. Is the docker daemon running?',
    },
    {name: 'a node that does not respond, with an unknown error', given: 'context deadline exceeded'},
  ])('code 0, but $name: engine-unreachable', ({given}) => {
    const failure = inspectFailure({exitCode: 0, stdout: 'Name: default', stderr: ''}, [given], undefined)
    expect({code: failure.code, evidence: failure.evidence}).toEqual({
      code: 'engine-unreachable',
      evidence: [`ERROR: ${given}`, expect.stringContaining('code 0')],
    })
  })

  test('an unknown error is a failed command', () => {
    expect(inspectFailure({exitCode: 2, stdout: '', stderr: 'ERROR: what'}, [], undefined).code).toBe('command-failed')
  })
})
