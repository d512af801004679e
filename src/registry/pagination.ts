/**
 * The address of the next page in a `Link` header (RFC 8288). Undefined: this was the last one. `astray`: it says that there
 * is another, and leads to none. Registries write it relative or whole
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags), and one behind a proxy may know neither
 * its own scheme nor its own name: path and query are what counts, and no other server is asked.
 */
export function nextPage(link: string | undefined, current: URL): URL | 'astray' | undefined {
  const target = linkTargets(link ?? '').find(({relations}) => relations.includes('next'))?.target
  if (target === undefined) return undefined
  if (!URL.canParse(target, current.href)) return 'astray'
  const {protocol, pathname, search} = new URL(target, current)
  if (protocol !== 'https:' && protocol !== 'http:') return 'astray'
  const url = new URL(`${current.origin}${pathname}${search}`)
  return url.href === current.href ? 'astray' : url
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
