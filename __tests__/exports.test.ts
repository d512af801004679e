import {globSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import ts from 'typescript'

/** Text of the TypeScript files of the repository, by path. */
type Sources = ReadonlyMap<string, string>

/** Exports and imports of a file. */
interface Module {
  readonly exported: readonly string[]
  /** Imported names by file. `*` means all names in the text of the importing file. */
  readonly imported: readonly {readonly file: string; readonly names: readonly string[] | '*'}[]
}

const parsed = new Map<string, Module>()

function parse(file: string, text: string): Module {
  const key = `${file}\n${text}`
  const known = parsed.get(key)
  if (known !== undefined) return known
  const {statements} = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const target = (specifier: string): string => path.posix.join(path.posix.dirname(file), specifier)
  const imported = statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return []
    const {moduleSpecifier} = node
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    const names = ts.isImportDeclaration(node) ? importedNames(node.importClause) : reexportedNames(node)
    return [{file: target(moduleSpecifier.text), names}]
  })
  const dynamic = [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, specifier = '']) => ({
    file: target(specifier),
    names: '*' as const,
  }))
  const module = {exported: statements.flatMap(exportedNames), imported: [...imported, ...dynamic]}
  parsed.set(key, module)
  return module
}

function importedNames(clause: ts.ImportClause | undefined): readonly string[] | '*' {
  const bindings = clause?.namedBindings
  if (clause === undefined || bindings === undefined) return []
  return ts.isNamedImports(bindings)
    ? bindings.elements.map(({propertyName, name}) => (propertyName ?? name).text)
    : '*'
}

function reexportedNames({exportClause}: ts.ExportDeclaration): readonly string[] | '*' {
  return exportClause !== undefined && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(({propertyName, name}) => (propertyName ?? name).text)
    : '*'
}

function exportedNames(statement: ts.Statement): readonly string[] {
  if (ts.isExportDeclaration(statement)) {
    const {exportClause} = statement
    return exportClause !== undefined && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({name}) => name.text)
      : []
  }
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({kind}) => kind === ts.SyntaxKind.ExportKeyword) === true
  if (!isExported) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({name}) => (ts.isIdentifier(name) ? [name.text] : []))
  }
  return 'name' in statement && ts.isIdentifier(statement.name) ? [statement.name.text] : []
}

/** Exports below `src` that no other file imports, as `src/a.ts: name`. */
function unusedExports(sources: Sources, entries: readonly string[]): readonly string[] {
  const modules = new Map([...sources].map(([file, text]) => [file, parse(file, text)]))
  const used = new Set<string>()
  for (const [from, {imported}] of modules) {
    for (const {file, names} of imported) {
      const taken = names === '*' ? (modules.get(file)?.exported ?? []) : names
      for (const name of taken) {
        if (names !== '*' || new RegExp(`\\b${name}\\b`).test(sources.get(from) ?? '')) used.add(`${file}: ${name}`)
      }
    }
  }
  return [...modules]
    .filter(([file]) => file.startsWith('src/') && !entries.includes(file))
    .flatMap(([file, {exported}]) => exported.map((name) => `${file}: ${name}`))
    .filter((one) => !used.has(one))
}

/** Files below `src` that the program does not load. */
function unusedFiles(sources: Sources, entries: readonly string[]): readonly string[] {
  const reached = new Set<string>()
  const reach = (file: string): void => {
    const text = sources.get(file)
    if (text === undefined || reached.has(file)) return
    reached.add(file)
    for (const one of parse(file, text).imported) reach(one.file)
  }
  entries.forEach(reach)
  return [...sources.keys()].filter((file) => file.startsWith('src/') && !reached.has(file))
}

const root = path.join(import.meta.dirname, '..')
const entries = [
  'src/main.ts',
  'src/cli/run-cli.ts',
  // For a page that plans and converts workflows.
  'src/workflow-file/read-workflow.ts',
  'src/workflow-file/triggered-by.ts',
  'src/workflow-file/expressions/evaluate-text.ts',
  'src/simulation/simulate.ts',
  'src/simulation/events/sample-events.ts',
  'src/simulation/workflow/simulate-workflow.ts',
  'src/converter/convert-workflow.ts',
  'src/simulation/registry/registry-contents.ts',
]
const sources: Sources = new Map(
  globSync(['src/**/*.ts', '__tests__/**/*.ts', 'scripts/**/*.ts', 'testing/**/*.ts', 'playground/**/*.ts'], {
    cwd: root,
  }).map((file) => [file.replaceAll(path.sep, '/'), readFileSync(path.join(root, file), 'utf8')]),
)

describe('the source', () => {
  test('exports nothing that no other file imports', () => {
    expect(sources.size).toBeGreaterThan(300)
    expect(unusedExports(sources, entries)).toEqual([])
  })

  test('has no file that the program does not load', () => {
    expect(unusedFiles(sources, entries)).toEqual([])
  })
})

describe('the checker', () => {
  const files = new Map([
    ['src/main.ts', "import {a} from './a.ts'\nexport const main = async () => (await import('./b.ts')).b(a)"],
    ['src/a.ts', "export const a = 1\nexport interface Lost {}\nexport * from './c.ts'"],
    ['src/b.ts', 'export function b() {}\nexport class Lost {}'],
    ['src/c.ts', 'export type Tested = 1'],
    ['src/d.ts', 'const lost = 1\nexport {lost}'],
    ['__tests__/c.test.ts', "import type {Tested as One} from '../src/c.ts'"],
  ])

  test('finds exports that no file imports', () => {
    expect(unusedExports(files, entries)).toEqual(['src/a.ts: Lost', 'src/b.ts: Lost', 'src/d.ts: lost'])
  })

  test('finds files that the program does not load', () => {
    expect(unusedFiles(files, entries)).toEqual(['src/d.ts'])
  })
})
