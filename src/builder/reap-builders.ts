import path from 'node:path'
import type {Files} from '../io/files.ts'
import {builderOfNode, claimDirectory, claimTime, isKeptName, isOwnName, ownNamePrefix} from './builder-name.ts'
import {containerPrefix, recordVariables, type BuilderRecord, type Claim} from './builder-record.ts'
import {removeBuilder, type RemovalEdges} from './remove-builder.ts'

export interface ReapEdges extends RemovalEdges {
  readonly files: RemovalEdges['files'] & Pick<Files, 'list'>
}

/**
 * Without a build for so long, no run is using it. What one run leaves another finds on machines of the user's own alone, and
 * this is the longest that a job may take there (https://docs.github.com/actions/reference/limits).
 */
const longestJobMs = 5 * 24 * 60 * 60 * 1000

/**
 * Removes builders of ours that nobody will remove any more: their run was killed and had no post step. What Buildx itself
 * notes of each (when a build last began) says which; of a container that no Buildx here knows, such as one that a job
 * container created, the engine. Gives their names.
 */
export async function reapBuilders(own: BuilderRecord, now: Date, edges: ReapEdges): Promise<readonly string[]> {
  const instances = await edges.files.list(path.join(own.buildxConfig, 'instances'))
  const foreign = instances.filter((name) => isOwnName(name) && name !== own.name)
  const stale: BuilderRecord[] = []
  for (const name of foreign) {
    const claim = await claimOf(own, name, edges)
    if (now.getTime() - (await lastActivity(own, name, edges)) <= longestJobMs) continue
    stale.push({...own, name, keepState: isKeptName(name), claim})
  }
  const reaped: string[] = []
  for (const record of stale) {
    const left = await removeBuilder(record, true, edges)
    if (left.length === 0 && (await claimOf(own, record.name, edges)) === undefined) reaped.push(record.name)
  }
  await freeClaims(own, now, edges)
  const known = new Set([...instances, own.name].map((name) => `${containerPrefix}${name}`))
  return [...reaped, ...(await reapContainers(own, {now, known}, edges))]
}

/** Who has the name at this look: another run that takes it before the removal keeps its builder. */
async function claimOf({buildxConfig}: BuilderRecord, name: string, {files}: ReapEdges): Promise<Claim | undefined> {
  const file = path.join(claimDirectory(buildxConfig), name)
  const text = await files.read(file)
  return text === undefined ? undefined : {file, text}
}

/** When a build last began, or else when the builder was created; the present where nobody says (RFC 3339, in a file). */
async function lastActivity({buildxConfig}: BuilderRecord, name: string, {files}: ReapEdges): Promise<number> {
  const text = await files.read(path.join(buildxConfig, 'activity', name))
  const time = Date.parse(text?.trim() ?? '')
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time
}

/** A name whose run is over and whose builder is gone can be had again. */
async function freeClaims(own: BuilderRecord, now: Date, {files}: ReapEdges): Promise<void> {
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
  /** Beginnings of the names of containers that some builder here has. */
  readonly known: ReadonlySet<string>
}

async function reapContainers(
  own: BuilderRecord,
  {now, known}: EngineLook,
  edges: ReapEdges,
): Promise<readonly string[]> {
  if (own.driver !== 'docker-container') return []
  const variables = recordVariables(own)
  const filter = `name=${containerPrefix}${ownNamePrefix}`
  const format = '{{.Names}}\t{{.CreatedAt}}'
  const {stdout} = await edges.docker(['ps', '--all', '--filter', filter, '--format', format], variables)
  const stale = stdout.split('\n').flatMap((line): string[] => {
    const [name = '', created = ''] = line.split('\t')
    const isKnown = [...known].some((beginning) => name.startsWith(beginning))
    const isOwn = name.startsWith(containerPrefix) && builderOfNode(name.slice(containerPrefix.length)) !== undefined
    return !isOwn || isKnown || now.getTime() - engineTime(created) <= longestJobMs ? [] : [name]
  })
  for (const name of stale) {
    await edges.docker(['rm', '--force', '--volumes', name], variables)
    const isKept = isKeptName(name.slice(containerPrefix.length))
    if (!isKept) await edges.docker(['volume', 'rm', '--force', `${name}_state`], variables)
  }
  return stale
}

/** `2026-01-02 03:04:05 +0000 UTC`; the present for what is none. */
function engineTime(text: string): number {
  const [, date = '', time = '', hours = '', minutes = ''] = /^(\S+) (\S+) ([+-]\d\d)(\d\d)\b/.exec(text) ?? []
  const parsed = Date.parse(`${date}T${time}${hours}:${minutes}`)
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : parsed
}
