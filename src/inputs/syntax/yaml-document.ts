import {visit, type Document} from 'yaml'

/** Target of each alias: the last preceding node with that anchor. One pass finds all of them. */
export function aliasTargets(document: Document | undefined): ReadonlyMap<unknown, unknown> {
  const anchors = new Map<string, unknown>()
  const targets = new Map<unknown, unknown>()
  visit(document ?? null, {
    Alias: (_, alias) => {
      targets.set(alias, anchors.get(alias.source))
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return targets
}

/** Document of a parser; undefined if it is nested too deep. */
export function documentOf(parse: () => Document): Document | undefined {
  try {
    return parse()
  } catch (error) {
    // The parser is recursive.
    if (error instanceof RangeError) return undefined
    throw error
  }
}
