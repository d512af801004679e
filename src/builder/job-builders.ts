import path from 'node:path'
import type {RegistrySettings} from './buildkitd-config.ts'
import type {Files} from '../io/files.ts'
import {digestOf} from '../oci/digest.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {isOwnName} from './builder-name.ts'

/**
 * Builder that a step has created for all steps of its job. Post steps run in reverse order, so the post step of its
 * creator is the last one, and removes it.
 */
interface JobBuilder {
  readonly name: string
  /** Hash of the settings of the builder: steps with other settings do not share it. */
  readonly settings: string
  /** Settings of registries that it has. */
  readonly registries: readonly RegistrySettings[]
  /** Whether it uses the network of this machine. */
  readonly hostNetwork: boolean
}

/** Requirements of a step on a builder of its job. */
export type JobBuilderNeeds = Omit<JobBuilder, 'name'>

/** Hash of values that can be converted to JSON. */
export function settingsHash(values: unknown): string {
  return digestOf(new TextEncoder().encode(JSON.stringify(values)))
}

/** File that describes a builder. The runner empties the directory at the end of the job. */
export function jobBuilderFile(directory: string, name: string): string {
  return path.join(directory, `${name}.json`)
}

export async function saveJobBuilder(directory: string, builder: JobBuilder, files: JobFiles): Promise<void> {
  await files.makePrivateDirectory(directory)
  await files.writePrivate(jobBuilderFile(directory, builder.name), JSON.stringify(builder))
}

type JobFiles = Pick<Files, 'list' | 'read' | 'makePrivateDirectory' | 'writePrivate'>

/** Names of the builders of this job that have everything that is required. */
export async function jobBuilders(
  directory: string,
  needs: JobBuilderNeeds,
  files: Pick<JobFiles, 'list' | 'read'>,
): Promise<readonly string[]> {
  const names = (await files.list(directory)).filter((name) => name.endsWith('.json'))
  const texts = await Promise.all(names.map(async (name) => files.read(path.join(directory, name))))
  return texts.flatMap((text) => {
    const builder = parseJobBuilder(text ?? '')
    return builder !== undefined && suits(builder, needs) ? [builder.name] : []
  })
}

/** Builder of a file, with its registries as JSON. */
interface SavedBuilder extends Omit<JobBuilder, 'registries'> {
  readonly registries: readonly string[]
}

/** Parses a file of a builder; undefined for any other text. */
function parseJobBuilder(text: string): SavedBuilder | undefined {
  const value = parseJson(Buffer.from(text))
  const [name, settings, registries] = ['name', 'settings', 'registries'].map((key) => field(value, key))
  if (typeof name !== 'string' || !isOwnName(name) || typeof settings !== 'string') return undefined
  const known = Array.isArray(registries) ? registries.map((one) => JSON.stringify(one)) : []
  return {name, settings, registries: known, hostNetwork: field(value, 'hostNetwork') === true}
}

function suits(builder: SavedBuilder, needs: JobBuilderNeeds): boolean {
  const hasRegistries = needs.registries.every((one) => builder.registries.includes(JSON.stringify(one)))
  return builder.settings === needs.settings && hasRegistries && (builder.hostNetwork || !needs.hostNetwork)
}
