import type {XmlElement} from '@rgrove/parse-xml'
import {excerpt} from './excerpt.ts'
import {brokenFile, foundVersion, noVersion, type NoVersion, type VersionResult} from './version-result.ts'

/**
 * Reads the version of a Maven project: `<project><version>`, else that of its `<parent>`
 * (https://maven.apache.org/pom.html#maven-coordinates). `${revision}` and other properties of the same file are
 * expanded (https://maven.apache.org/guides/mini/guide-maven-ci-friendly.html). Versions of dependencies and plugins
 * are ignored. The parser expands only the five predefined entities of XML.
 */
export async function pomVersion(file: string, text: string): Promise<VersionResult> {
  const xml = await parsePom(file, text)
  if (!xml.ok) return xml
  const {project} = xml
  const projectVersion = childText(project, 'version')
  const parent = child(project, 'parent')
  const version = projectVersion ?? (parent === undefined ? undefined : childText(parent, 'version'))
  if (version === undefined)
    return noVersion('version-missing', `${file}: neither <project> nor its <parent> has a <version>`, 'Add one there.')
  const place = projectVersion === undefined ? '<parent><version>' : '<project><version>'
  return resolved(version, properties(project, parent), {file, place})
}

async function parsePom(
  file: string,
  text: string,
): Promise<{readonly ok: true; readonly project: XmlElement} | NoVersion> {
  const {parseXml} = await import('@rgrove/parse-xml')
  try {
    const {root} = parseXml(text)
    return root?.name === 'project'
      ? {ok: true, project: root}
      : noVersion('file-invalid', `${file}: no <project>`, 'Set the pom.xml of a project.')
  } catch (error) {
    return brokenFile(file, 'XML', error)
  }
}

function resolved(
  version: string,
  known: ReadonlyMap<string, string>,
  {file, place}: {readonly file: string; readonly place: string},
): VersionResult {
  let text = version
  // A property may refer to others. The depth is limited, since one may refer to itself.
  for (let depth = 0; depth < maxDepth && text.includes('${') && text.length <= maxLength; depth += 1)
    text = text.replace(/\$\{([^{}]*)\}/g, (whole, name: string) => known.get(name.trim()) ?? whole)
  const unknown = /\$\{[^{}]*\}?/.exec(text)?.[0]
  return unknown === undefined
    ? foundVersion(text, file, place)
    : noVersion(
        'version-missing',
        `${file}, ${place}: ${excerpt(unknown)} has no value in the <properties> of this file`,
        'Set the property there, or set the input `version` to the value that the build uses.',
      )
}

const maxDepth = 10
const maxLength = 1000

function properties(project: XmlElement, parent: XmlElement | undefined): ReadonlyMap<string, string> {
  const known = new Map<string, string>()
  for (const {name, text} of elements(child(project, 'properties'))) {
    // Longer text is not part of a version, and repeated expansion could exhaust the memory.
    if (text.length <= maxLength) known.set(name, text.trim())
  }
  const parentVersion = parent === undefined ? undefined : childText(parent, 'version')
  if (parentVersion !== undefined) known.set('project.parent.version', parentVersion)
  return known
}

function childText(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim()
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return elements(element).find((one) => one.name === name)
}

function elements(element: XmlElement | undefined): readonly XmlElement[] {
  return (element?.children ?? []).filter((node) => 'name' in node && 'attributes' in node)
}
