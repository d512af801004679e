import {parseJson} from '../oci/manifest.ts'

/** What is to be known of a builder of ours to remove it: saved for the post step before anything of the builder is there. */
export interface BuilderRecord {
  readonly name: string
  readonly driver: string
  /** Its cache stays for the next builder of the same name. */
  readonly keepState: boolean
  /** The user's own directories, which outlive the run: `DOCKER_CONFIG` and `BUILDX_CONFIG`. */
  readonly dockerConfig: string
  readonly buildxConfig: string
  /** File that says which run has the name, where several take turns, and what is in it while that is this run. */
  readonly claim: Claim | undefined
}

export interface Claim {
  readonly file: string
  readonly text: string
}

export function formatRecord(record: BuilderRecord): string {
  return JSON.stringify(record)
}

/** Undefined for what is no record: the post step then has nothing to remove. */
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
    dockerConfig,
    buildxConfig,
    claim: file === undefined || content === undefined ? undefined : {file, text: content},
  }
}

/** Variables with which the Docker CLI finds the builder, whatever has become of the run's own configuration. */
export function recordVariables({dockerConfig, buildxConfig}: BuilderRecord): Readonly<Record<string, string>> {
  return {DOCKER_CONFIG: dockerConfig, BUILDX_CONFIG: buildxConfig}
}

/** The driver docker-container calls its containers so, and their volumes with `_state` behind it. */
export const containerPrefix = 'buildx_buildkit_'

function entries(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
