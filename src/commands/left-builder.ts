import {parseRecord} from '../builder/builder-record.ts'
import {removeBuilder, type RemovalEdges} from '../builder/remove-builder.ts'
import {environment} from '../edge/environment.ts'
import {files} from '../edge/files.ts'
import {runLasting} from '../edge/lasting-process.ts'
import {TagboatError} from '../errors/error.ts'

/**
 * Removes the builder of a run that could not do so itself, from the record that it saved.
 * @throws TagboatError `command-failed` naming what is left.
 */
export async function removeLeftBuilder(saved: string): Promise<void> {
  const record = parseRecord(saved)
  if (record === undefined) return
  const own = Object.entries(environment).filter(([name]) => !/^(INPUT|STATE)_/.test(name))
  const env = Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  const docker: RemovalEdges['docker'] = async (args, variables) =>
    runLasting({file: 'docker', args, env: {...env, ...variables}})
  const left = await removeBuilder(record, true, {docker, files})
  if (left.length === 0) return
  throw new TagboatError('command-failed', {
    message: 'The builder that this step created could not be removed.',
    evidence: left,
    remedy: `Remove it with docker buildx rm --force ${record.name}; a later run on this machine does so after five days.`,
  })
}
