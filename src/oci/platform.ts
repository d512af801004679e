/** `os/architecture[/variant]`, as `--platform` takes it and an index lists it (OCI image spec, image index, platform). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

const component = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

const architectureAliases: ReadonlyMap<string, Omit<Platform, 'os'>> = new Map([
  ['x86_64', {architecture: 'amd64'}],
  ['x86-64', {architecture: 'amd64'}],
  ['aarch64', {architecture: 'arm64'}],
  ['armhf', {architecture: 'arm', variant: 'v7'}],
  ['armel', {architecture: 'arm', variant: 'v6'}],
  ['i386', {architecture: '386'}],
])

/** The variant that an architecture has when none is written (containerd's platforms.Normalize). */
const defaultVariant: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['arm', 'v7'],
  ['amd64', 'v1'],
])

/** Text such as `linux/arm64` or `linux/arm/v7`; `linux/aarch64` and the like are folded. Undefined when it is no platform. */
export function parsePlatform(text: string): Platform | undefined {
  // Checked before it is lowered: some letters outside of ASCII have a lower case inside of it.
  const parts = text.trim().split('/')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => component.test(part))) return undefined
  const [os = '', name = '', written] = parts.map((part) => part.toLowerCase())
  const alias = architectureAliases.get(name) ?? {architecture: name}
  const variant = written === undefined ? alias.variant : withPrefix(written)
  if (variant === undefined || variant === impliedVariant(alias.architecture))
    return {os, architecture: alias.architecture}
  return {os, architecture: alias.architecture, variant}
}

/** Go's names, which the OCI image spec takes: https://go.dev/doc/install/source#environment */
export const knownArchitectures: readonly string[] = [
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips',
  'mips64',
  'mips64le',
  'mipsle',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
]

/** The object `{os, architecture, variant}` of a descriptor in JSON. Undefined when it is no platform. */
export function platformOf(value: unknown): Platform | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const parts = ['os', 'architecture', 'variant'].map((name) => fields.get(name))
  return parsePlatform(parts.filter((part) => typeof part === 'string' && part !== '').join('/'))
}

/** `7` is `v7`, as containerd reads it. */
function withPrefix(variant: string): string {
  return /^\d+$/.test(variant) ? `v${variant}` : variant
}

export function formatPlatform({os, architecture, variant}: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

/** `linux/arm` stays as written: v7 is only what it means, not what BuildKit prints. */
function impliedVariant(architecture: string): string | undefined {
  return architecture === 'arm' ? undefined : defaultVariant.get(architecture)
}

/** Whether both name the same platform; `linux/arm` is `linux/arm/v7`. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && effectiveVariant(a) === effectiveVariant(b)
}

function effectiveVariant({architecture, variant}: Platform): string {
  return variant ?? defaultVariant.get(architecture) ?? ''
}
