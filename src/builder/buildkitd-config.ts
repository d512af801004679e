import {TagboatError} from '../errors/error.ts'
import type {Mirror} from '../inputs/inputs.ts'

/** Sources of the BuildKit daemon configuration (TOML): https://docs.docker.com/build/buildkit/toml-configuration/ */
interface BuildkitdConfigRequest {
  /** Text of the file that `buildkitd-config` names. */
  readonly file: string | undefined
  /** `buildkitd-config-inline`; takes precedence over the file. */
  readonly inline: string | undefined
  /** Text of `buildkitd.default.toml`, which Buildx uses by default. */
  readonly byDefault?: string | undefined
  readonly mirrors: readonly Mirror[]
  /** Settings of registries on this machine. Those of the user's text take precedence. */
  readonly registries?: readonly RegistrySettings[]
}

/** Settings of a registry: https://docs.docker.com/build/buildkit/toml-configuration/ */
export interface RegistrySettings {
  readonly host: string
  readonly http?: boolean
  readonly insecure?: true
  /** Paths of certificates, which Buildx copies to the builder. */
  readonly ca?: readonly string[]
  readonly keypair?: readonly {readonly cert: string; readonly key: string}[]
  /** Hosts of mirrors, tried after those of the input and of the user's text. */
  readonly mirrors?: readonly string[]
}

/**
 * Default configuration file in the directory of Buildx:
 * https://docs.docker.com/reference/cli/docker/buildx/create/#buildkitd-config
 */
export const defaultConfigFile = 'buildkitd.default.toml'

/**
 * Configuration of a new builder; undefined when it has none. Without mirrors and settings it is the text of the user,
 * or Buildx uses its default file. Mirrors of the input precede those of the configuration for the same registry; its `http`
 * settings are kept. BuildKit tries mirrors in order, then the registry.
 * @throws TagboatError `input-invalid` when settings must be added to a text that is not TOML.
 */
export async function buildkitdConfig(request: BuildkitdConfigRequest): Promise<string | undefined> {
  const {file, inline, mirrors, registries = [], byDefault} = request
  const given = inline ?? file
  if (mirrors.length === 0 && registries.length === 0) return given
  const {parse, stringify, TomlError} = await import('smol-toml')
  try {
    const document: unknown = parse(given ?? byDefault ?? '', {integersAsBigInt: 'asNeeded'})
    return `${stringify(withSettings(withMirrors(document, mirrors), registries)).trimEnd()}\n`
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

function withSettings(root: Table, registries: readonly RegistrySettings[]): Table {
  const known = table(root['registry'])
  const added = registries.map(({host, mirrors = [], ...settings}) => {
    const given = table(known[host])
    const all = [...new Set([...texts(given['mirrors']), ...mirrors])]
    return [host, {...settings, ...given, ...(all.length === 0 ? {} : {mirrors: all})}] as const
  })
  return added.length === 0 ? root : {...root, registry: {...known, ...Object.fromEntries(added)}}
}

/** Host of a mirror, under which BuildKit looks up its settings. */
function hostOf({location}: Mirror): string {
  return location.split('/', 1)[0] ?? location
}

/** A TOML table; empty for another value, which BuildKit would reject as well. */
function table(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {}
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** Error for an invalid configuration. Only the first line of the parser's message does not quote the text. */
function brokenConfig(place: string, error: Error & {readonly line: number; readonly column: number}): TagboatError {
  const [reason = ''] = error.message.split('\n')
  return new TagboatError('input-invalid', {
    message: 'The BuildKit configuration is not valid TOML, so settings of registries cannot be added to it.',
    evidence: [`${place}, line ${error.line}, column ${error.column}: ${reason}`],
  })
}
