import type {CommonCode} from '../errors/causes.ts'
import {deniedEngine, deniedEngineRemedy} from '../errors/engine-access.ts'
import {namedAddressRemedy} from '../errors/named-address.ts'
import {saysFull} from '../errors/quota.ts'

/** Pattern in the output of Buildx, and the error that it means. */
export interface FailurePattern {
  readonly pattern: Pick<RegExp, 'test'>
  readonly code: CommonCode
  /**
   * Text that is searched. `error`: the last error of Buildx. `output`: also the output of the failing step, for
   * failures that a step meets before BuildKit does. Most patterns apply to the error only, since a step may print
   * anything.
   */
  readonly where: 'error' | 'output'
  /** Message and remedy in place of those of the code. */
  readonly message?: string
  readonly remedy?: string
}

const denied = String.raw`\b(?:denied|forbidden|unauthorized|authorization failed|insufficient_scope|no basic auth|40[13])\b`

/** Matches a push that the registry refused because its storage is full. */
const refusedForSpace = {
  test: (text: string): boolean => {
    const response = /failed to push \S{1,500}: ([\s\S]*)/i.exec(text)?.[1]
    return response !== undefined && saysFull(response)
  },
}

/** Patterns of the Docker CLI, Buildx, BuildKit and registries, the most specific first. */
export const failurePatterns: readonly FailurePattern[] = [
  {
    where: 'error',
    code: 'buildx-missing',
    // `docker` of the package podman-docker.
    pattern:
      /emulate docker cli using podman|unrecognized command [`'"]podman |(?:see|try) 'podman buildx[^']*--help'/i,
    message: 'The command `docker` on this runner is Podman, which does not have Buildx.',
    remedy:
      'Install the Docker CLI with Buildx (packages docker-ce-cli and docker-buildx-plugin) instead of podman-docker.',
  },
  {
    where: 'error',
    code: 'buildx-missing',
    // Without Buildx, the Docker CLI reads the first flag as its own, and prints its own usage.
    pattern:
      /'?buildx'? is not a docker command|unknown command: docker buildx|unknown flag: --\S+\s+Usage: +docker \[OPTIONS\] COMMAND/i,
  },
  {where: 'error', code: 'buildx-outdated', pattern: /unknown flag: --\S+\s[\s\S]{0,200}\bdocker buildx \w+ /i},
  {where: 'error', code: 'engine-unreachable', pattern: deniedEngine, remedy: deniedEngineRemedy},
  {
    where: 'error',
    code: 'engine-unreachable',
    pattern: /cannot connect to the docker daemon|failed to connect to the docker api|error during connect/i,
  },
  {
    where: 'error',
    code: 'cluster-unreachable',
    // Buildx asks for the namespace first.
    pattern: /cannot determine kubernetes namespace|kubernetes driver requires kubernetes api access/i,
    message: 'No Kubernetes cluster is configured for this step.',
  },
  {
    where: 'error',
    code: 'cluster-denied',
    pattern:
      /\bgetting credentials: |"[^"]*": (?:unauthorized|the server has asked for the client to provide credentials)$/im,
    message: 'The Kubernetes cluster does not accept the credentials of this step.',
    remedy:
      'Renew the credentials in KUBECONFIG before this step, and install the program that the file names for them.',
  },
  {where: 'error', code: 'cluster-denied', pattern: /\bis forbidden: user "[^"]*" cannot \w+ resource /i},
  {
    where: 'error',
    code: 'cluster-unreachable',
    pattern: /error (?:for bootstrap|while calling \w+\.\w+ for) "[^"]*": \w+ "https?:\/\/[^"]*": /i,
  },
  {where: 'error', code: 'pod-not-ready', pattern: /expected \d+ replicas to be ready, got \d+/i},
  {
    where: 'error',
    code: 'pod-not-ready',
    pattern: /no running buildkit pods found/i,
    message: 'The BuildKit pod of the builder does not run.',
  },
  {where: 'error', code: 'builder-missing', pattern: /no builder "[^"]*" found/i},
  {
    where: 'error',
    code: 'builder-unsuited',
    pattern:
      /not supported for the \S+ driver|docker exporter does not (?:currently )?support exporting manifest lists|"rewrite-timestamp" conflicts with "unpack"/i,
  },
  {where: 'error', code: 'checks-failed', pattern: /lint violation found for rules/i},
  {
    where: 'error',
    code: 'disk-full',
    pattern: /\btagboat-layout\b[^\n]{0,500}no space left on device/i,
    remedy:
      'The image is exported to the temporary directory of the runner (RUNNER_TEMP) before it is pushed. Free space there, or set `driver: docker-container`, which pushes without this copy.',
  },
  {where: 'output', code: 'disk-full', pattern: /no space left on device/i},
  // QEMU reports a crash itself. With the emulator of BuildKit, the exit code shows it: that of a program that was
  // ended by a signal for an invalid instruction, address or number.
  {where: 'output', code: 'emulation-crashed', pattern: /qemu: uncaught target signal \d+/i},
  {
    where: 'error',
    code: 'emulation-crashed',
    pattern: /emulated process did not complete successfully: exit code: 13[2569]\b/,
  },
  {where: 'output', code: 'platform-missing', pattern: /exec format error/i},
  // RUN on a Windows platform: BuildKit runs Linux only.
  {where: 'error', code: 'platform-missing', pattern: /windows process did not complete/},
  {
    where: 'error',
    code: 'base-image-without-platform',
    pattern:
      /no match for platform in manifest|does not provide the specified platform|does not match the specified platform/i,
  },
  {where: 'error', code: 'rate-limited', pattern: /toomanyrequests|429 too many requests/i},
  {where: 'error', code: 'quota-exceeded', pattern: refusedForSpace},
  {where: 'error', code: 'base-image-unreachable', pattern: /failed to resolve source metadata for/i},
  {
    where: 'error',
    code: 'dockerfile-invalid',
    pattern:
      /dockerfile parse error|failed to parse stage name|file with no instructions|no build stage in current context|dockerfile (?:\([^)]*\) )?cannot be empty|base name \([^)]*\) should not be blank|target stage "[^"]*" could not be found|circular dependency detected on stage/i,
  },
  {
    where: 'error',
    code: 'build-failed',
    pattern: /failed to calculate checksum of ref [^\n]{0,500}not found/i,
    remedy:
      'Check the path in the Dockerfile. It is relative to `context`, without the files that .dockerignore excludes; with `--from`, relative to that stage or image.',
  },
  {
    where: 'error',
    code: 'dockerfile-missing',
    pattern:
      /failed to read dockerfile: open [^\n]*: no such file|symlinks in dockerfile path|resolve\s?: lstat [^\n]*: no such file/i,
  },
  {
    where: 'error',
    code: 'git-context-refused',
    pattern:
      /failed to fetch remote [\s\S]{0,2000}(?:could not read username|authentication failed|repository not found|returned error: 40[134])/i,
  },
  {
    where: 'error',
    code: 'context-missing',
    pattern: /unable to prepare context|path "[^"]*" not found|failed to resolve build context/i,
  },
  {
    where: 'error',
    code: 'ecr-repository-missing',
    pattern:
      /the repository with name '[^']*' does not exist in the registry with id|failed to push \S{1,300}\.dkr\.ecr\S{0,100}\.amazonaws\.com\S{0,300}: [\s\S]{0,2000}(?:name unknown|does not exist|404 not found)/i,
  },
  {
    where: 'error',
    code: 'push-denied-ghcr',
    pattern: new RegExp(
      String.raw`permission_denied: (?:write|create)_package|installation not allowed to \w+ organization package|failed to push ghcr\.io/\S{1,500}: [\s\S]{0,2000}${denied}`,
      'i',
    ),
  },
  {
    where: 'error',
    code: 'push-denied',
    pattern: new RegExp(
      String.raw`failed to push \S{1,500}: [\s\S]{0,2000}${denied}|requested access to the resource is denied`,
      'i',
    ),
  },
  {
    where: 'error',
    code: 'registry-unreachable',
    // Docker Hub is excluded: its host name differs from its name in references.
    pattern:
      /failed to push (?!docker\.io\/)([^/\s]{1,300})\/\S{1,500}: [\s\S]{0,2000}\b(?:get|head|post|put|patch) "https?:\/\/(?!\1[/"])[^"\s]*": (?:dial |net\/http: tls handshake timeout|context deadline exceeded|eof|(?:read|write) tcp|proxyconnect)/i,
    remedy: namedAddressRemedy,
  },
  {
    where: 'error',
    code: 'registry-unreachable',
    pattern:
      /failed to push \S{1,500}: [\s\S]{0,2000}(?:\bdial tcp\b|server gave HTTP response to HTTPS client|\bx509: |tls handshake timeout)/i,
  },
  {
    where: 'error',
    code: 'repository-missing',
    pattern: /name unknown|repository name not known|project .{0,300} not found/i,
  },
]
