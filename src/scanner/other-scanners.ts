import path from 'node:path'
import {scanningError} from '../errors/scanning-error.ts'
import {TagboatError} from '../errors/error.ts'
import {formatPlatform} from '../oci/platform.ts'
import {readSarif} from '../scanning/read-sarif.ts'
import {onPath} from './fetch-program.ts'
import {scanWith} from './run-program.ts'
import {networkVariables, scanEnvironment} from './scan-environment.ts'
import type {Scanner, ScannerPlace, ScanTarget} from './scanner.ts'

/** Scanners with a service: their arguments, and the variables of the step with their login, some of them secret. */
const services = {
  snyk: {
    program: 'snyk',
    variables: ['SNYK_TOKEN', 'SNYK_API', 'SNYK_OAUTH_TOKEN', 'SNYK_CFG_ORG'],
    secrets: ['SNYK_TOKEN', 'SNYK_OAUTH_TOKEN'],
    args: ({reference, platform, output}: ScanTarget) => [
      ...['container', 'test', reference, `--platform=${formatPlatform(platform)}`],
      `--sarif-file-output=${output}`,
    ],
  },
  scout: {
    program: 'docker-scout',
    variables: ['DOCKER_SCOUT_HUB_USER', 'DOCKER_SCOUT_HUB_PASSWORD', 'DOCKER_SCOUT_ORGANIZATION'],
    secrets: ['DOCKER_SCOUT_HUB_PASSWORD'],
    args: ({reference, platform, output}: ScanTarget) => [
      ...['cves', `registry://${reference}`, '--platform', formatPlatform(platform)],
      ...['--format', 'sarif', '--output', output],
    ],
  },
} as const

/** Makes Snyk or Docker Scout ready, which are on the PATH. @throws TagboatError `scanner-missing` */
export async function openService(name: 'snyk' | 'scout', place: ScannerPlace): Promise<Scanner> {
  const {directories, io} = place
  const {program, variables, secrets, args} = services[name]
  const {file, tool} = await onPath(program, place)
  for (const name of secrets) {
    const secret = io.environment[name] ?? ''
    if (secret !== '') io.workflow.mask(secret)
  }
  const env = scanEnvironment(directories, io, [...networkVariables, ...variables])
  return {
    name,
    tool: {...tool, name},
    data: undefined,
    scan: async (target) => scanWith({file, args: args(target), env}, target, readSarif, io),
  }
}

/** Remedy for a command of the user that does not do what it must. */
const commandRemedy =
  'The command of `run=` must write a report in SARIF 2.1.0 to the path in $SCAN_OUTPUT, also if it finds nothing, and end with 0 or with findings. See its output above.'

/** Scanner of the user, under a name for messages and files: a command that gets the image of one platform, and writes SARIF. */
export async function openCommand(name: string, command: string, {directories, io}: ScannerPlace): Promise<Scanner> {
  const script = path.join(directories.work, `${name}.sh`)
  // Every user of the machine can read an argument.
  await io.files.writePrivate(script, command)
  const env = scanEnvironment(directories, io, networkVariables)
  return {
    name,
    tool: {},
    data: undefined,
    scan: async (target) => {
      const {reference, platform, output} = target
      const own = {IMAGE: reference, PLATFORM: formatPlatform(platform), SCAN_OUTPUT: output}
      const args = ['--noprofile', '--norc', '-eo', 'pipefail', script]
      try {
        return await scanWith({file: 'bash', args, env: {...env, ...own}}, target, readSarif, io)
      } catch (error) {
        if (!(error instanceof TagboatError) || error.code !== 'scan-failed') throw error
        const {message, evidence} = error
        throw scanningError('scan-failed', {message, evidence, remedy: commandRemedy, cause: error})
      }
    },
  }
}
