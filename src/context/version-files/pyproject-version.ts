import {fieldAt} from '../payload.ts'
import {parseToml} from './toml.ts'
import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * Reads `[project] version` (https://packaging.python.org/en/latest/specifications/pyproject-toml/), else Poetry's
 * `[tool.poetry] version` (https://python-poetry.org/docs/pyproject/), also in place of a dynamic one.
 */
export async function pyprojectVersion(file: string, text: string): Promise<VersionResult> {
  const toml = await parseToml(file, text)
  if (!toml.ok) return toml
  for (const table of [['project'], ['tool', 'poetry']]) {
    const version = fieldAt(toml.document, ...table, 'version')
    if (typeof version === 'string') return foundVersion(version, file, `[${table.join('.')}] version`)
    if (version !== undefined)
      return noVersion('version-missing', `${file}, [${table.join('.')}] version: not a string`, 'Quote it.')
  }
  const dynamic = fieldAt(toml.document, 'project', 'dynamic')
  return Array.isArray(dynamic) && dynamic.includes('version')
    ? noVersion(
        'version-missing',
        `${file}, [project] dynamic: the version is computed by the build backend`,
        dynamicRemedy(toml.document),
      )
    : noVersion(
        'version-missing',
        `${file}: neither [project] nor [tool.poetry] has a version`,
        'Add one, or set another file.',
      )
}

/** Remedy for a dynamic version, with the file of Hatch: https://hatch.pypa.io/latest/version/. */
function dynamicRemedy(document: unknown): string {
  const hatchFile = fieldAt(document, 'tool', 'hatch', 'version', 'path')
  const file = typeof hatchFile === 'string' ? hatchFile : 'PATH'
  return `Set the file that has it, with an expression: ${file}#__version__ = "(.*)". If the version comes from Git, use that of the Git tag.`
}
