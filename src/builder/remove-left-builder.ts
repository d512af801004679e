import path from 'node:path'
import {claimDirectory, isKeptName, isOwnName, runBuilderName} from './builder-name.ts'
import {jobBuilderFile} from './job-builders.ts'
import {jobDirectory} from './job-directory.ts'
import {parseRecord, type BuilderRecord} from './builder-record.ts'
import {removeBuilder, type RemovalIo} from './remove-builder.ts'
import type {Io} from '../io/io.ts'
import {TagboatError} from '../errors/error.ts'

/** Side effects that the post step has. */
type LeftBuilderIo = Pick<Io, 'environment' | 'files' | 'lasting'> & Pick<RemovalIo, 'show'>

/**
 * Removes the builder that a run has created, from the record that the run saved. A record of a builder that this run cannot
 * have created is ignored.
 * @throws TagboatError `command-failed` with what could not be removed.
 */
export async function removeLeftBuilder(
  saved: string,
  marker: string,
  {environment, files, lasting, show}: LeftBuilderIo,
): Promise<void> {
  const record = parseRecord(saved)
  if (record === undefined || marker === '' || !isOfRun(record, marker, environment)) return
  const own = Object.entries(environment).filter(([name]) => !/^(?:(?:INPUT|STATE)_|GITHUB_STATE$)/.test(name))
  const env = Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  const docker: RemovalIo['docker'] = async (args, variables) =>
    lasting({file: 'docker', args, env: {...env, ...variables}})
  const left = await removeBuilder(record, true, {docker, files, show})
  const directory = jobDirectory({environment})
  if (directory !== undefined) await files.remove(jobBuilderFile(directory, record.name))
  if (left.length === 0) return
  throw new TagboatError('command-failed', {
    message: 'The builder that this step created could not be removed.',
    evidence: left,
    remedy: `Remove it with docker buildx rm --force ${record.name}; a later run on this machine does so after five days.`,
  })
}

/**
 * Reports whether the run created the builder: the name contains the run, or the claim of a kept builder has the run's
 * marker.
 */
function isOfRun(
  {name, claim, keepState, buildxConfig}: BuilderRecord,
  marker: string,
  environment: Io['environment'],
): boolean {
  if (claim === undefined) {
    const [id, attempt] = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT'].map((variable) => environment[variable] ?? '')
    return !keepState && name === runBuilderName({id: id ?? '', attempt: attempt ?? ''}, marker)
  }
  const isInPlace = claim.file === path.join(claimDirectory(buildxConfig), name)
  return isOwnName(name) && isKeptName(name) && isInPlace && claim.text.startsWith(`${marker} `)
}
