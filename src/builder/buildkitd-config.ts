import {TagboatError} from '../errors/error.ts'
import type {Mirror} from '../inputs/inputs.ts'

/** Configuration of BuildKit's daemon, as TOML: https://docs.docker.com/build/buildkit/toml-configuration/ */
export interface BuildkitdConfigRequest {
  /** Text of the file that `buildkitd-config` names. */
  readonly file: string | undefined
  /** `buildkitd-config-inline`; wins over the file. */
  readonly inline: string | undefined
  /** Text of `buildkitd.default.toml`, which Buildx takes by itself where it is given no other. */
  readonly byDefault?: string | undefined
  readonly mirrors: readonly Mirror[]
}

/** In Buildx's own directory: https://docs.docker.com/reference/cli/docker/buildx/create/#buildkitd-config */
export const defaultConfigFile = 'buildkitd.default.toml'

/**
 * The configuration for a new builder, or undefined where it has none of its own. Without mirrors it is the user's, to the
 * letter; Buildx takes its default file by itself then. Mirrors of the input come before those that the configuration has for
 * the same registry; what it says of plain HTTP holds. BuildKit asks mirrors in their order, then the registry itself.
 * @throws TagboatError `input-invalid` where mirrors are to be written into what is no TOML.
 */
export async function buildkitdConfig(request: BuildkitdConfigRequest): Promise<string | undefined> {
  const {file, inline, mirrors, byDefault} = request
  const given = inline ?? file
  if (mirrors.length === 0) return given
  const {parse, stringify, TomlError} = await import('smol-toml')
  try {
    const document: unknown = parse(given ?? byDefault ?? '', {integersAsBigInt: 'asNeeded'})
    return `${stringify(withMirrors(document, mirrors)).trimEnd()}\n`
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    if (given === undefined) throw brokenConfig(defaultConfigFile, error)
    throw brokenConfig(inline === undefined ? 'buildkitd-config' : 'buildkitd-config-inline', error)
  }
}

type Table = Readonly<Record<string, unknown>>

function withMirrors(document: unknown, mirrors: readonly Mirror[]): Table {
  const root = table(document)
  const registries = new Map<string, Table>(
    Object.entries(table(root['registry'])).map(([host, settings]) => [host, table(settings)]),
  )
  for (const registry of new Set(mirrors.map((mirror) => mirror.registry))) {
    const own = mirrors.filter((mirror) => mirror.registry === registry).map(({location}) => location)
    const settings = registries.get(registry) ?? {}
    registries.set(registry, {...settings, mirrors: [...new Set([...own, ...texts(settings['mirrors'])])]})
  }
  for (const host of new Set(mirrors.filter(({http}) => http).map(hostOf))) {
    registries.set(host, {http: true, ...registries.get(host)})
  }
  return {...root, registry: Object.fromEntries(registries)}
}

/** BuildKit looks for the settings of a mirror under its host alone. */
function hostOf({location}: Mirror): string {
  return location.split('/', 1)[0] ?? location
}

/** What stands where BuildKit has a table, and is none, would be refused by it as well. */
function table(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {}
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** The parser's own message quotes the text; its first line does not. */
function brokenConfig(place: string, error: Error & {readonly line: number; readonly column: number}): TagboatError {
  const [reason = ''] = error.message.split('\n')
  return new TagboatError('input-invalid', {
    message: 'The configuration of BuildKit is no TOML, so the mirrors cannot be written into it.',
    evidence: [`${place}, line ${error.line}, column ${error.column}: ${reason}`],
  })
}
