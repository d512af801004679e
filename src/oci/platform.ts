/** Platform `os/architecture[/variant]` (OCI image spec, image index, platform). */
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

/** Default variants of architectures (containerd's platforms.Normalize). */
const defaultVariant: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['arm', 'v7'],
  ['amd64', 'v1'],
])

/**
 * Parses a platform such as `linux/arm64` or `linux/arm/v7`. Aliases such as `linux/aarch64` are normalised. Undefined
 * if the text is not a platform.
 */
export function parsePlatform(text: string): Platform | undefined {
  // Checked before the conversion to lower case: some letters outside of ASCII have a lower case in ASCII.
  const parts = text.trim().split('/')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => component.test(part))) return undefined
  const [os = '', name = '', written] = parts.map((part) => part.toLowerCase())
  const alias = architectureAliases.get(name) ?? {architecture: name}
  const variant = written === undefined ? alias.variant : withPrefix(written)
  if (variant === undefined || variant === impliedVariant(alias.architecture))
    return {os, architecture: alias.architecture}
  return {os, architecture: alias.architecture, variant}
}

/** Architectures of Go, which the OCI image spec uses: https://go.dev/doc/install/source#environment */
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

/** Parses the object `{os, architecture, variant}` of a descriptor. Undefined if it is not a platform. */
export function platformOf(value: unknown): Platform | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const parts = ['os', 'architecture', 'variant'].map((name) => fields.get(name))
  return parsePlatform(parts.filter((part) => typeof part === 'string' && part !== '').join('/'))
}

/** Variant with the prefix `v`: containerd reads `7` as `v7`. */
function withPrefix(variant: string): string {
  return /^\d+$/.test(variant) ? `v${variant}` : variant
}

/** Formats a platform as `os/architecture[/variant]`. */
export function formatPlatform({os, architecture, variant}: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`
}

/** Variant that BuildKit does not print. It does print v7 of `linux/arm/v7`. */
function impliedVariant(architecture: string): string | undefined {
  return architecture === 'arm' ? undefined : defaultVariant.get(architecture)
}

/** Reports whether two platforms are the same; `linux/arm` is `linux/arm/v7`. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && effectiveVariant(a) === effectiveVariant(b)
}

/** Formats a platform without its default variant, in the same way for `linux/arm` and `linux/arm/v7`. */
export function formatShortPlatform({os, architecture, variant}: Platform): string {
  return variant === undefined || variant === defaultVariant.get(architecture)
    ? `${os}/${architecture}`
    : `${os}/${architecture}/${variant}`
}

function effectiveVariant({architecture, variant}: Platform): string {
  return variant ?? defaultVariant.get(architecture) ?? ''
}
