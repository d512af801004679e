import {fieldAt} from '../payload.ts'
import {parseToml} from './toml.ts'
import {foundVersion, noVersion, type VersionResult} from './version-result.ts'

/**
 * `[project] version` (https://packaging.python.org/en/latest/specifications/pyproject-toml/), else Poetry's own
 * `[tool.poetry] version` (https://python-poetry.org/docs/pyproject/), which also stands in for a dynamic one.
 */
export async function pyprojectVersion(file: string, text: string): Promise<VersionResult> {
  const toml = await parseToml(file, text)
  if (!toml.ok) return toml
  for (const table of [['project'], ['tool', 'poetry']]) {
    const version = fieldAt(toml.document, ...table, 'version')
    if (typeof version === 'string') return foundVersion(version, file, `[${table.join('.')}] version`)
    if (version !== undefined) return noVersion(`${file}, [${table.join('.')}] version: no string`, 'Put it in quotes.')
  }
  const dynamic = fieldAt(toml.document, 'project', 'dynamic')
  return Array.isArray(dynamic) && dynamic.includes('version')
    ? noVersion(
        `${file}, [project] dynamic: the version is computed by the build backend`,
        dynamicRemedy(toml.document),
      )
    : noVersion(`${file}: neither [project] nor [tool.poetry] has a version`, 'Add one, or name another file.')
}

/** Hatch says where it reads the version: https://hatch.pypa.io/latest/version/. */
function dynamicRemedy(document: unknown): string {
  const hatchFile = fieldAt(document, 'tool', 'hatch', 'version', 'path')
  const file = typeof hatchFile === 'string' ? hatchFile : 'PATH'
  return `Name the file that holds it, with an expression: ${file}#__version__ = "(.*)". For one that comes from Git, take the version of the Git tag.`
}
