import type {Files} from '../io/files.ts'
import type {CommandResult} from '../io/command.ts'
import {ownNamePrefix} from './builder-name.ts'
import {containerPrefix, recordVariables, type BuilderRecord} from './builder-record.ts'

/** The world of a removal. Nothing of it ends with the run: a cancelled one removes its builder too. */
export interface RemovalEdges {
  /** Runs the Docker CLI with these variables besides its own. */
  readonly docker: (args: readonly string[], variables: Readonly<Record<string, string>>) => Promise<CommandResult>
  readonly files: Pick<Files, 'read' | 'remove'>
}

/**
 * Removes a builder of ours, with its containers and, unless it is kept, its cache. What is gone already is fine. With
 * `thorough` the engine is asked too: a run that was killed may have left a container that Buildx knows nothing of.
 * Gives what could not be removed, in words.
 */
export async function removeBuilder(
  record: BuilderRecord,
  thorough: boolean,
  edges: RemovalEdges,
): Promise<readonly string[]> {
  const {name, driver, keepState, claim} = record
  // The engine looks for parts of names: less than a whole name of ours would match what others have.
  if (!wholeName.test(name)) return [`"${name}" is not the name of a builder that was created here`]
  // The name may be another run's by now.
  if (claim !== undefined && (await edges.files.read(claim.file)) !== claim.text) return []
  const keep = keepState ? ['--keep-state'] : []
  const result = await edges.docker(['buildx', 'rm', '--force', ...keep, name], recordVariables(record))
  const isGone = result.exitCode === 0 || /no builder "[^"]*" found/i.test(result.stderr)
  const left = isGone ? [] : [`${name}: ${lastLine(result)}`]
  const swept = thorough && driver === 'docker-container' ? await sweep(record, edges) : []
  if (claim !== undefined && isGone) await edges.files.remove(claim.file)
  return [...left, ...swept]
}

const wholeName = new RegExp(`^${ownNamePrefix}[\\w.-]+-[\\w.-]+$`)

/** Containers, then volumes, that bear the builder's name on the engine. */
async function sweep(record: BuilderRecord, {docker}: RemovalEdges): Promise<readonly string[]> {
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
