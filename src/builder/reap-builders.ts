import path from 'node:path'
import type {Files} from '../io/files.ts'
import {builderOfNode, claimDirectory, claimTime, isKeptName, isOwnName, ownNamePrefix} from './builder-name.ts'
import {containerPrefix, recordVariables, type BuilderRecord, type Claim} from './builder-record.ts'
import {removeBuilder, type RemovalIo} from './remove-builder.ts'

interface ReapIo extends RemovalIo {
  readonly files: RemovalIo['files'] & Pick<Files, 'list'>
}

/**
 * Time without a build after which no run uses a builder: the longest job on a self-hosted runner, where builders of
 * earlier runs can be found (https://docs.github.com/actions/reference/limits).
 */
const longestJobMs = 5 * 24 * 60 * 60 * 1000

/**
 * Removes builders of killed runs whose post step did not run, and returns their names. The time of the last build
 * comes from Buildx; for a container that Buildx does not know, such as one that a job container created, from the
 * engine.
 */
export async function reapBuilders(own: BuilderRecord, now: Date, io: ReapIo): Promise<readonly string[]> {
  const instances = await io.files.list(path.join(own.buildxConfig, 'instances'))
  const foreign = instances.filter((name) => isOwnName(name) && name !== own.name)
  const stale: BuilderRecord[] = []
  for (const name of foreign) {
    const claim = await claimOf(own, name, io)
    if (now.getTime() - (await lastActivity(own, name, io)) <= longestJobMs) continue
    stale.push({...own, name, keepState: isKeptName(name), claim})
  }
  const reaped: string[] = []
  for (const record of stale) {
    const left = await removeBuilder(record, true, io)
    if (left.length === 0 && (await claimOf(own, record.name, io)) === undefined) reaped.push(record.name)
  }
  await freeClaims(own, now, io)
  const known = new Set([...instances, own.name].map((name) => `${containerPrefix}${name}`))
  return [...reaped, ...(await reapContainers(own, {now, known}, io))]
}

/** Current claim of a name. If another run claims it before the removal, its builder is kept. */
async function claimOf({buildxConfig}: BuilderRecord, name: string, {files}: ReapIo): Promise<Claim | undefined> {
  const file = path.join(claimDirectory(buildxConfig), name)
  const text = await files.read(file)
  return text === undefined ? undefined : {file, text}
}

/** Time of the last build, or of the creation (a file with RFC 3339 text); infinity when it is not known. */
async function lastActivity({buildxConfig}: BuilderRecord, name: string, {files}: ReapIo): Promise<number> {
  const text = await files.read(path.join(buildxConfig, 'activity', name))
  const time = Date.parse(text?.trim() ?? '')
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time
}

/** Removes the claims of ended runs whose builder is gone. */
async function freeClaims(own: BuilderRecord, now: Date, {files}: ReapIo): Promise<void> {
  const directory = claimDirectory(own.buildxConfig)
  const instances = await files.list(path.join(own.buildxConfig, 'instances'))
  for (const name of await files.list(directory)) {
    const file = path.join(directory, name)
    if (file === own.claim?.file || instances.includes(name)) continue
    const time = claimTime((await files.read(file)) ?? '')
    if (time !== undefined && now.getTime() - time > longestJobMs) await files.remove(file)
  }
}

interface EngineLook {
  readonly now: Date
  /** Prefixes of the container names of known builders. */
  readonly known: ReadonlySet<string>
}

async function reapContainers(own: BuilderRecord, {now, known}: EngineLook, io: ReapIo): Promise<readonly string[]> {
  if (own.driver !== 'docker-container') return []
  const variables = recordVariables(own)
  const filter = `name=${containerPrefix}${ownNamePrefix}`
  const format = '{{.Names}}\t{{.CreatedAt}}'
  const {stdout} = await io.docker(['ps', '--all', '--filter', filter, '--format', format], variables)
  const stale = stdout.split('\n').flatMap((line): string[] => {
    const [name = '', created = ''] = line.split('\t')
    const isKnown = [...known].some((beginning) => name.startsWith(beginning))
    const isOwn = name.startsWith(containerPrefix) && builderOfNode(name.slice(containerPrefix.length)) !== undefined
    return !isOwn || isKnown || now.getTime() - engineTime(created) <= longestJobMs ? [] : [name]
  })
  for (const name of stale) {
    await io.docker(['rm', '--force', '--volumes', name], variables)
    const isKept = isKeptName(name.slice(containerPrefix.length))
    if (!isKept) await io.docker(['volume', 'rm', '--force', `${name}_state`], variables)
  }
  return stale
}

/** Parses `2026-01-02 03:04:05 +0000 UTC`; infinity for another text. */
function engineTime(text: string): number {
  const [, date = '', time = '', hours = '', minutes = ''] = /^(\S+) (\S+) ([+-]\d\d)(\d\d)\b/.exec(text) ?? []
  const parsed = Date.parse(`${date}T${time}${hours}:${minutes}`)
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : parsed
}
