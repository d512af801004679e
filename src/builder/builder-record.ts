import {parseJson} from '../oci/manifest.ts'

/** Everything needed to remove a builder. It is saved for the post step before the builder is created. */
export interface BuilderRecord {
  readonly name: string
  readonly driver: string
  /** Whether its cache is kept for the next builder of the same name. */
  readonly keepState: boolean
  /** Whether the log of its containers is shown before they are removed. */
  readonly debug: boolean
  /** Directories of the user, which outlive the run: `DOCKER_CONFIG` and `BUILDX_CONFIG`. */
  readonly dockerConfig: string
  readonly buildxConfig: string
  /** File that states which run uses a kept builder, and its text while that is this run. */
  readonly claim: Claim | undefined
}

export interface Claim {
  readonly file: string
  readonly text: string
}

export function formatRecord(record: BuilderRecord): string {
  return JSON.stringify(record)
}

/** Parses a saved record; undefined for any other text. */
export function parseRecord(text: string): BuilderRecord | undefined {
  const fields = entries(parseJson(Buffer.from(text)))
  const [name, driver, dockerConfig, buildxConfig] = ['name', 'driver', 'dockerConfig', 'buildxConfig'].map((field) =>
    textOf(fields.get(field)),
  )
  if (name === undefined || driver === undefined || dockerConfig === undefined || buildxConfig === undefined) {
    return undefined
  }
  const claim = entries(fields.get('claim'))
  const [file, content] = ['file', 'text'].map((field) => textOf(claim.get(field)))
  return {
    name,
    driver,
    keepState: fields.get('keepState') === true,
    debug: fields.get('debug') === true,
    dockerConfig,
    buildxConfig,
    claim: file === undefined || content === undefined ? undefined : {file, text: content},
  }
}

/** Variables with which the Docker CLI finds the builder when the private configuration is gone. */
export function recordVariables({
  dockerConfig,
  buildxConfig,
}: Pick<BuilderRecord, 'dockerConfig' | 'buildxConfig'>): Readonly<Record<string, string>> {
  return {DOCKER_CONFIG: dockerConfig, BUILDX_CONFIG: buildxConfig}
}

/** Prefix of the containers of the docker-container driver. Their volumes have the suffix `_state`. */
export const containerPrefix = 'buildx_buildkit_'

function entries(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
