import {brokenFile, foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * `appVersion` of a Helm chart, else its `version` (https://helm.sh/docs/topics/charts/#the-chartyaml-file). An image is
 * the app that the chart deploys: charts made by `helm create` use `appVersion` as the image's tag. Read as it is
 * written, so that `1.10` is not the number 1.1. For the chart's own version, name `file:Chart.yaml#^version: (.*)$`.
 */
export async function chartVersion(file: string, text: string): Promise<VersionResult> {
  const {parseDocument, isMap, isScalar} = await import('yaml')
  try {
    // The failsafe schema knows text alone: https://yaml.org/spec/1.2.2/#101-failsafe-schema
    const document = parseDocument(text, {schema: 'failsafe', logLevel: 'error'})
    const [problem] = document.errors
    if (problem !== undefined) return brokenFile(file, 'YAML', problem)
    if (!isMap(document.contents)) return noVersion(`${file}: it holds no fields`, 'Name the Chart.yaml of a chart.')
    for (const field of ['appVersion', 'version']) {
      const node = document.contents.get(field, true)
      if (isScalar(node) && typeof node.value === 'string' && node.value !== '')
        return foundVersion(node.value, file, field)
    }
    return noVersion(`${file}: it has neither appVersion nor version`, 'Add one, or name another file.')
  } catch (error) {
    return brokenFile(file, 'YAML', error)
  }
}
