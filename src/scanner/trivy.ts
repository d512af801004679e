import path from 'node:path'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {databaseReference} from '../inputs/scan/scan-inputs.ts'
import {field, parseJson, parseManifest} from '../oci/manifest.ts'
import type {ScanData} from '../scanning/finding.ts'
import {readTrivy} from '../scanning/read-trivy.ts'
import {findProgram, untar} from './fetch-program.ts'
import {ignoreFile} from './ignore-file.ts'
import {databaseMissing} from './outage.ts'
import {scanWith} from './run-program.ts'
import {scanEnvironment} from './scan-environment.ts'
import type {Scanner, ScannerPlace} from './scanner.ts'

const ignoreFiles = ['.trivyignore.yaml', '.trivyignore'] as const

/** Makes Trivy ready: its program and its database. @throws TagboatError `scanner-…`, `scan-database-missing` */
export async function openTrivy(place: ScannerPlace): Promise<Scanner> {
  const {inputs, directories, io} = place
  const cache = cacheDirectory(place)
  // If several fail, the error is that of the first, the program.
  const starting = [
    findProgram('trivy', place),
    updateDatabase(vulnerabilities, cache, place),
    updateKept(javaArchives, cache, place),
  ] as const
  // A failure removes the directory in which the others still write.
  await Promise.allSettled(starting)
  const [program, data] = await Promise.all(starting)
  const ignored = await ignoreFile(place, ignoreFiles)
  const options = [
    ...(ignored === undefined ? [] : ['--ignorefile', ignored]),
    ...inputs.vex.flatMap((file) => ['--vex', file]),
  ]
  let java: Promise<unknown> | undefined
  return {
    name: 'trivy',
    tool: {name: 'trivy', ...program.tool},
    data,
    scan: async (target) => {
      const scan = async (): ReturnType<Scanner['scan']> =>
        scanWith(
          {
            file: program.file,
            args: [
              'image',
              '--quiet',
              ...['--image-src', 'remote', '--scanners', 'vuln', '--format', 'json', '--output', target.output],
              ...['--cache-dir', cache, '--skip-db-update', '--skip-java-db-update', '--skip-version-check'],
              ...['--offline-scan', '--show-suppressed', '--exit-code', '0'],
              ...options,
              target.reference,
            ],
            env: {...scanEnvironment(directories, io), TRIVY_INSECURE: 'true', TRIVY_NON_SSL: 'true'},
          },
          target,
          readTrivy,
          io,
        )
      try {
        return await scan()
      } catch (error) {
        // Only images with Java archives need the second database, which is large. All platforms need it at the same time.
        const isJava = error instanceof TagboatError && error.evidence.some((line) => /java[ -]?db/i.test(line))
        if (!isJava) throw error
        java ??= updateDatabase(javaArchives, cache, place)
        await java
        return scan()
      }
    },
  }
}

/** Database of Trivy: https://trivy.dev/latest/docs/configuration/db/ */
interface TrivyDatabase {
  /** Folder in the cache of Trivy. */
  readonly folder: string
  readonly files: readonly string[]
  readonly tag: string
  /** Command of Trivy that fetches it. */
  readonly command: string
  readonly sources: readonly string[]
}

const vulnerabilities: TrivyDatabase = {
  folder: 'db',
  files: ['trivy.db', 'metadata.json'],
  tag: '2',
  command: 'trivy image --download-db-only',
  sources: [
    'mirror.gcr.io/aquasec/trivy-db:2',
    'ghcr.io/aquasecurity/trivy-db:2',
    'public.ecr.aws/aquasecurity/trivy-db:2',
  ],
}

const javaArchives: TrivyDatabase = {
  folder: 'java-db',
  files: ['trivy-java.db', 'metadata.json'],
  tag: '1',
  command: 'trivy image --download-java-db-only',
  sources: [
    'mirror.gcr.io/aquasec/trivy-java-db:1',
    'ghcr.io/aquasecurity/trivy-java-db:1',
    'public.ecr.aws/aquasecurity/trivy-java-db:1',
  ],
}

function cacheDirectory({directories, io: {environment}}: ScannerPlace): string {
  const [given = '', tools = ''] = [environment['TRIVY_CACHE_DIR'], environment['RUNNER_TOOL_CACHE']]
  if (given !== '') return path.resolve(given)
  return tools === '' ? path.join(directories.work, 'trivy') : path.join(tools, 'tagboat', 'trivy')
}

/**
 * Updates a database from the first source that has it. Trivy itself goes on to the next source only after some failures.
 * @throws TagboatError `scan-database-missing`
 */
async function updateDatabase(database: TrivyDatabase, cache: string, place: ScannerPlace): Promise<ScanData> {
  const {inputs, io} = place
  const isJava = database === javaArchives
  const given = inputs.databases.filter(
    (one) => !/^https?:/.test(one) && (one === 'local' || one.includes('java') === isJava),
  )
  const folder = path.join(cache, database.folder)
  const kept = await metadataOf(database, folder, place)
  const isPinned = given.some((one) => one.includes('@'))
  if (kept !== undefined && !isPinned && Date.parse(kept.next) > io.now().getTime()) return {date: kept.date}
  const failures: string[] = []
  for (const source of given.length === 0 ? database.sources : given) {
    if (source === 'local') break
    try {
      const digest = await pull(source, database, folder, place)
      const date = (await metadataOf(database, folder, place))?.date
      return {source, digest, ...(date !== undefined && {date})}
    } catch (error) {
      io.signal.throwIfAborted()
      const facts = error instanceof TagboatError ? error.evidence.join(', ') : ''
      failures.push(`${source}: ${[errorMessage(error), facts].filter(Boolean).join(' ')}`)
    }
  }
  if (kept !== undefined && !isPinned) {
    if (failures.length > 0) {
      io.workflow.notice(
        `The database of Trivy could not be updated, so that the one of this machine is used: ${failures.join('; ')}`,
      )
    }
    return {date: kept.date}
  }
  const evidence = failures.length > 0 ? failures : [`there is no database in ${folder}`]
  throw databaseMissing(evidence, {command: database.command, variable: 'TRIVY_CACHE_DIR', directory: cache}, inputs)
}

/** Updates a database that this machine has: Trivy would use it, whatever its age. */
async function updateKept(database: TrivyDatabase, cache: string, place: ScannerPlace): Promise<void> {
  const kept = await metadataOf(database, path.join(cache, database.folder), place)
  if (kept !== undefined) await updateDatabase(database, cache, place)
}

/** Dates of a database on this machine; undefined if there is none, or only a part of one. */
async function metadataOf(
  {files}: TrivyDatabase,
  folder: string,
  {io}: Pick<ScannerPlace, 'io'>,
): Promise<{readonly next: string; readonly date: string} | undefined> {
  const kinds = await Promise.all(files.map(async (name) => io.files.kindOf(path.join(folder, name))))
  if (kinds.some((kind) => kind !== 'file')) return undefined
  const text = await io.files.read(path.join(folder, 'metadata.json')).catch(() => undefined)
  const value = text === undefined ? undefined : parseJson(new TextEncoder().encode(text))
  const [next, date] = [field(value, 'NextUpdate'), field(value, 'UpdatedAt')]
  return typeof next === 'string' && typeof date === 'string' ? {next, date} : undefined
}

/** Pulls a database, which is an OCI artifact with one layer. Returns its digest. */
async function pull(source: string, database: TrivyDatabase, folder: string, place: ScannerPlace): Promise<string> {
  const {clients, directories, io} = place
  const found = databaseReference(source)
  if (found === undefined) throw new Error('this is not a repository')
  const client = clients.repository(found.repository)
  const content = await client.manifest(found.reference === '' ? database.tag : found.reference)
  const manifest = content === undefined ? undefined : parseManifest(content.bytes)
  if (content === undefined || manifest?.kind !== 'manifest') throw new Error('it does not exist')
  const [layer] = manifest.layers.filter(({mediaType}) => mediaType.startsWith('application/vnd.aquasec.trivy.'))
  if (layer === undefined) throw new Error('it is not a database of Trivy')
  const [archive, unpacked] = [`${database.folder}.tar.gz`, `${database.folder}-new`].map((name) =>
    path.join(directories.work, name),
  )
  if (archive === undefined || unpacked === undefined) throw new TypeError('no path')
  await io.files.remove(archive)
  await io.files.remove(unpacked)
  await io.files.writeStream(archive, client.readBlob(layer))
  await io.files.makeNewDirectory(unpacked)
  await untar(archive, unpacked, database.files, {directories, io})
  await io.files.remove(archive)
  await io.files.replaceDirectory(unpacked, folder)
  return content.digest
}
