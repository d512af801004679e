import path from 'node:path'
import {claimDirectory, isKeptName, isOwnName, runBuilderName} from './builder-name.ts'
import {parseRecord, type BuilderRecord} from './builder-record.ts'
import {removeBuilder, type RemovalEdges} from './remove-builder.ts'
import type {Edges} from '../io/io.ts'
import {TagboatError} from '../errors/error.ts'

/** The post step has no more of `Edges` than this. */
export type LeftBuilderIo = Pick<Edges, 'environment' | 'files' | 'lasting'>

/**
 * Removes the builder of a run that could not do so itself, from the record that it saved. A record of a builder that the run
 * with this mark cannot have created is ignored.
 * @throws TagboatError `command-failed` naming what is left.
 */
export async function removeLeftBuilder(
  saved: string,
  marker: string,
  {environment, files, lasting}: LeftBuilderIo,
): Promise<void> {
  const record = parseRecord(saved)
  if (record === undefined || marker === '' || !isOfRun(record, marker, environment)) return
  const own = Object.entries(environment).filter(([name]) => !/^(?:(?:INPUT|STATE)_|GITHUB_STATE$)/.test(name))
  const env = Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  const docker: RemovalEdges['docker'] = async (args, variables) =>
    lasting({file: 'docker', args, env: {...env, ...variables}})
  const left = await removeBuilder(record, true, {docker, files})
  if (left.length === 0) return
  throw new TagboatError('command-failed', {
    message: 'The builder that this step created could not be removed.',
    evidence: left,
    remedy: `Remove it with docker buildx rm --force ${record.name}; a later run on this machine does so after five days.`,
  })
}

/** The name of a builder says its run; that of a kept one is held by a claim, whose text begins with the run's mark. */
function isOfRun(
  {name, claim, keepState, buildxConfig}: BuilderRecord,
  marker: string,
  environment: Edges['environment'],
): boolean {
  if (claim === undefined) {
    const [id, attempt] = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT'].map((variable) => environment[variable] ?? '')
    return !keepState && name === runBuilderName({id: id ?? '', attempt: attempt ?? ''}, marker)
  }
  const isInPlace = claim.file === path.join(claimDirectory(buildxConfig), name)
  return isOwnName(name) && isKeptName(name) && isInPlace && claim.text.startsWith(`${marker} `)
}
