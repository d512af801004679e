import type {XmlElement, XmlNode} from '@rgrove/parse-xml'

/**
 * Texts of the innermost elements of an XML document, by element name. A response of AWS has each of them once. Empty for a
 * body that is not XML.
 */
export async function xmlTexts(body: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const {parseXml} = await import('@rgrove/parse-xml')
  try {
    const {root} = parseXml(new TextDecoder().decode(body))
    return new Map(root === null ? [] : textsIn(root))
  } catch {
    // Not XML: the status of the response has to suffice.
    return new Map()
  }
}

function textsIn(element: XmlElement): readonly (readonly [string, string])[] {
  const children = element.children.filter(isElement)
  return children.length === 0 ? [[element.name, element.text]] : children.flatMap(textsIn)
}

function isElement(node: XmlNode): node is XmlElement {
  return node.type === 'element'
}
