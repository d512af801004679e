import {brokenFile, foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * Reads `appVersion` of a Helm chart, else its `version` (https://helm.sh/docs/topics/charts/#the-chartyaml-file). The
 * image is the app of the chart: charts of `helm create` use `appVersion` as the tag of the image. It is read as text,
 * so that `1.10` is not the number 1.1. For the version of the chart, set `file:Chart.yaml#^version: (.*)$`.
 */
export async function chartVersion(file: string, text: string): Promise<VersionResult> {
  const {parseDocument, isMap, isScalar} = await import('yaml')
  try {
    // The failsafe schema has only text: https://yaml.org/spec/1.2.2/#101-failsafe-schema
    const document = parseDocument(text, {schema: 'failsafe', logLevel: 'error'})
    const [problem] = document.errors
    if (problem !== undefined) return brokenFile(file, 'YAML', problem)
    if (!isMap(document.contents))
      return noVersion('version-missing', `${file}: no fields`, 'Set the Chart.yaml of a chart.')
    for (const field of ['appVersion', 'version']) {
      const node = document.contents.get(field, true)
      if (isScalar(node) && typeof node.value === 'string' && node.value !== '')
        return foundVersion(node.value, file, field)
    }
    return noVersion(
      'version-missing',
      `${file}: neither appVersion nor version exists`,
      'Add one, or set another file.',
    )
  } catch (error) {
    return brokenFile(file, 'YAML', error)
  }
}
