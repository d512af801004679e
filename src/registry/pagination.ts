/**
 * The address of the next page in a `Link` header (RFC 8288), or undefined when this was the last one. Registries write it
 * relative or whole (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags); one that leads to
 * another origin is no page of this registry, and is not followed.
 */
export function nextPage(link: string | undefined, current: URL): URL | undefined {
  const target = linkTargets(link ?? '').find(({relations}) => relations.includes('next'))?.target
  if (target === undefined || !URL.canParse(target, current.href)) return undefined
  const url = new URL(target, current)
  return url.origin === current.origin && url.href !== current.href ? url : undefined
}

interface Link {
  readonly target: string
  readonly relations: readonly string[]
}

const linkPattern = /<([^<>]*)>((?:\s*;\s*[^\s=;,<>"]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"<>]*))?)*)/g
const relationPattern = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i

function linkTargets(header: string): readonly Link[] {
  return [...header.matchAll(linkPattern)].map(([, target = '', parameters = '']) => {
    const [, quoted, bare] = relationPattern.exec(parameters) ?? []
    return {target, relations: (quoted ?? bare ?? '').toLowerCase().split(/\s+/)}
  })
}
