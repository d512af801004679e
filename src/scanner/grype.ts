import path from 'node:path'
import {formatPlatform} from '../oci/platform.ts'
import {readGrype} from '../scanning/read-grype.ts'
import {findProgram} from './fetch-program.ts'
import {ignoreFile} from './ignore-file.ts'
import {databaseMissing, isOnlyLocal} from './outage.ts'
import {lastLines, runProgram, scanWith} from './run-program.ts'
import {networkVariables, scanEnvironment} from './scan-environment.ts'
import type {Scanner, ScannerPlace} from './scanner.ts'

/** Variables of the step about the database of Grype: https://oss.anchore.com/docs/guides/vulnerability/database/ */
const databaseVariables = [
  'GRYPE_DB_CACHE_DIR',
  'GRYPE_DB_CA_CERT',
  'GRYPE_DB_VALIDATE_AGE',
  'GRYPE_DB_MAX_ALLOWED_BUILT_AGE',
] as const

const ignoreFiles = ['.grype.yaml', '.grype.yml'] as const
const attempts = 2

/** Makes Grype ready: its program and its database. @throws TagboatError `scanner-…`, `scan-database-missing` */
export async function openGrype(place: ScannerPlace): Promise<Scanner> {
  const {inputs, directories, io} = place
  const cache = cacheDirectory(place)
  // The program is missed first. To fetch it takes longer than to look at the database.
  if (inputs.source.kind !== 'path') await requireLocal(cache, place)
  const program = await findProgram('grype', place)
  await requireLocal(cache, place)
  const env = {
    ...scanEnvironment(directories, io, databaseVariables),
    GRYPE_DB_CACHE_DIR: cache,
    GRYPE_CHECK_FOR_APP_UPDATE: 'false',
  }
  await updateDatabase({file: program.file, cache}, env, place)
  const config = await ignoreFile(place, ignoreFiles)
  const options = [
    ...(config === undefined ? [] : ['--config', config]),
    ...inputs.vex.flatMap((file) => ['--vex', file]),
  ]
  return {
    name: 'grype',
    tool: {name: 'grype', ...program.tool},
    data: undefined,
    scan: async (target) =>
      scanWith(
        {
          file: program.file,
          args: [
            `registry:${target.reference}`,
            '--platform',
            formatPlatform(target.platform),
            '--output',
            'json',
            '--file',
            target.output,
            ...options,
          ],
          env: {...env, GRYPE_DB_AUTO_UPDATE: 'false', GRYPE_REGISTRY_INSECURE_USE_HTTP: 'true'},
        },
        target,
        readGrype,
        io,
      ),
  }
}

/** Directory of the database: that of the user, or else one in the tool cache of the runner, or in the private directory. */
function cacheDirectory({directories, io: {environment}}: ScannerPlace): string {
  const [given = '', tools = ''] = [environment['GRYPE_DB_CACHE_DIR'], environment['RUNNER_TOOL_CACHE']]
  if (given !== '') return path.resolve(given)
  return tools === '' ? path.join(directories.work, 'grype-db') : path.join(tools, 'tagboat', 'grype-db')
}

function names(directory: string): Parameters<typeof databaseMissing>[1] {
  return {command: 'grype db update', variable: 'GRYPE_DB_CACHE_DIR', directory}
}

/** @throws TagboatError `scan-database-missing` if only a database of this machine may be used, and there is none. */
async function requireLocal(cache: string, {inputs, io}: ScannerPlace): Promise<void> {
  if (!isOnlyLocal(inputs) || (await io.files.list(cache)).length > 0) return
  throw databaseMissing([`there is no database in ${cache}`], names(cache), inputs)
}

/**
 * Updates the database from the first source that answers. Without one, a database of this machine that Grype accepts is
 * used, with a notice.
 * @throws TagboatError `scan-database-missing`
 */
async function updateDatabase(
  {file, cache}: {readonly file: string; readonly cache: string},
  env: Readonly<Record<string, string>>,
  {inputs, directories, io}: ScannerPlace,
): Promise<void> {
  const given = inputs.databases.filter((one) => one === 'local' || /^https?:/.test(one))
  const network = scanEnvironment(directories, io, networkVariables)
  const failures: string[] = []
  for (const source of given.length === 0 ? [''] : given) {
    if (source === 'local') break
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const address = source === '' ? {} : {GRYPE_DB_UPDATE_URL: source}
      const result = await runProgram({file, args: ['db', 'update'], env: {...network, ...env, ...address}}, io)
      if (result.exitCode === 0) return
      const reason = lastLines(result).at(-1) ?? `code ${result.exitCode}`
      const failure = `${source === '' ? 'the default source of Grype' : source}: ${reason}`
      if (!failures.includes(failure)) failures.push(failure)
    }
  }
  const status = await runProgram({file, args: ['db', 'status'], env: {...env, GRYPE_DB_AUTO_UPDATE: 'false'}}, io)
  if (status.exitCode !== 0) {
    const reason = lastLines(status).at(-1) ?? `code ${status.exitCode}`
    throw databaseMissing([...failures, `the database of this machine, in ${cache}: ${reason}`], names(cache), inputs)
  }
  if (failures.length > 0) {
    io.workflow.notice(
      `The database of Grype could not be updated (${failures.join('; ')}). The one of this machine is used.`,
    )
  }
}
