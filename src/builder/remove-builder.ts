import path from 'node:path'
import type {Files} from '../io/files.ts'
import type {CommandResult} from '../io/command.ts'
import {ownNamePrefix} from './builder-name.ts'
import {containerPrefix, recordVariables, type BuilderRecord} from './builder-record.ts'

/** Side effects of a removal. Cancellation does not stop them: a cancelled run removes its builder too. */
export interface RemovalIo {
  /** Runs the Docker CLI with additional variables. */
  readonly docker: (args: readonly string[], variables: Readonly<Record<string, string>>) => Promise<CommandResult>
  readonly files: Pick<Files, 'read' | 'remove' | 'writePrivate'>
  /** Shows the log of BuildKit in a group. */
  readonly show: (title: string, text: string) => Promise<void>
}

/**
 * Removes a builder with its containers and, unless it is kept, its cache, as far as they exist. With `thorough`,
 * containers of a killed run that Buildx does not know are removed too. It returns a line for each part that could not
 * be removed.
 */
export async function removeBuilder(
  record: BuilderRecord,
  thorough: boolean,
  io: RemovalIo,
): Promise<readonly string[]> {
  const {name, driver, keepState, claim} = record
  // The engine matches parts of names, so anything but a whole name could match other containers.
  if (!wholeName.test(name)) return [`"${name}" is not the name of a builder that was created here`]
  // Another run may have claimed the name.
  if (claim !== undefined && (await io.files.read(claim.file)) !== claim.text) return []
  if (record.debug) await showLogs(record, io)
  const file = path.join(record.buildxConfig, 'instances', name)
  const instance = await io.files.read(file)
  const keep = keepState ? ['--keep-state'] : []
  const result = await io.docker(['buildx', 'rm', '--force', ...keep, name], recordVariables(record))
  const isGone = result.exitCode === 0 || /no builder "[^"]*" found/i.test(result.stderr)
  // Buildx forgets a builder even if it could not remove it, for example because the cluster did not respond.
  const isForgotten = !isGone && instance !== undefined && (await io.files.read(file)) === undefined
  if (isForgotten) await io.files.writePrivate(file, instance)
  const left = isGone ? [] : [`${name}: ${lastLine(result)}`]
  const swept = thorough && driver === 'docker-container' ? await sweep(record, io) : []
  if (claim !== undefined && isGone) await io.files.remove(claim.file)
  return [...left, ...swept]
}

const wholeName = new RegExp(`^${ownNamePrefix}[\\w.-]+-[\\w.-]+$`)

/** Shows the logs of the containers of the builder, as docker/setup-buildx-action does for `--debug`. */
async function showLogs({name, driver, ...record}: BuilderRecord, {docker, show}: RemovalIo): Promise<void> {
  if (driver !== 'docker-container') return
  const variables = recordVariables(record)
  const filter = `name=${containerPrefix}${name}`
  const {stdout} = await docker(['ps', '--all', '--filter', filter, '--format', '{{.Names}}'], variables)
  for (const container of stdout.split('\n').filter((line) => line.trim() !== '')) {
    const {stdout: out, stderr} = await docker(['logs', container], variables)
    await show(`BuildKit container logs: ${container}`, `${out}${stderr}`)
  }
}

/** Removes the containers, then the volumes, of the builder on the engine. */
async function sweep(record: BuilderRecord, {docker}: RemovalIo): Promise<readonly string[]> {
  const variables = recordVariables(record)
  const named = ['--quiet', '--filter', `name=${containerPrefix}${record.name}`]
  const kinds = [
    {list: ['ps', '--all', ...named], remove: ['rm', '--force', '--volumes']},
    ...(record.keepState ? [] : [{list: ['volume', 'ls', ...named], remove: ['volume', 'rm', '--force']}]),
  ]
  const left: string[] = []
  for (const {list, remove} of kinds) {
    const {stdout} = await docker(list, variables)
    const found = stdout.split('\n').filter((line) => line.trim() !== '')
    if (found.length === 0) continue
    const result = await docker([...remove, ...found], variables)
    if (result.exitCode !== 0) left.push(`${found.join(', ')}: ${lastLine(result)}`)
  }
  return left
}

function lastLine({stderr, exitCode}: CommandResult): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  return lines.find((line) => line !== '') ?? `the command ended with code ${exitCode}`
}
