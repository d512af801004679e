import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import ts from 'typescript'

/**
 * Folders of `src` that a folder may import, as values and types (`may`) or as types only (`types`). A folder may always
 * import itself. Types of `io` may be imported everywhere.
 */
interface FolderRule {
  readonly may: readonly string[]
  readonly types?: readonly string[]
}

const folders: Readonly<Record<string, FolderRule>> = {
  errors: {may: []},
  oci: {may: ['errors']},
  inputs: {may: ['errors', 'oci']},
  // Parsing the event does not depend on inputs. Tags and plan combine the two.
  context: {may: ['errors', 'oci']},
  // Each decision has its codes here: `formatReason` is the one place with their sentences.
  reasons: {may: ['errors', 'oci'], types: ['context']},
  tags: {may: ['errors', 'oci', 'inputs', 'context', 'reasons']},
  plan: {may: ['errors', 'oci', 'inputs', 'context', 'reasons', 'tags']},
  io: {may: ['errors']},
  registry: {may: ['errors', 'oci']},
  // The content store of a BuildKit has digests as a registry has.
  buildkit: {may: ['errors', 'oci']},
  // A keychain returns credentials as a registry client takes them. Token services get the retries of registries.
  credentials: {
    may: ['errors', 'oci', 'registry/error-body.ts', 'registry/retry.ts'],
    types: ['inputs', 'context', 'registry'],
  },
  // BuildKit prints the answers of registries, which mean the same there.
  buildx: {may: ['errors', 'oci', 'inputs', 'context', 'tags', 'registry/hosts.ts', 'registry/vendors/refusals.ts']},
  prepare: {
    may: [
      'errors',
      'oci',
      'inputs',
      'context',
      'reasons',
      'tags',
      'plan',
      'credentials',
      'buildx',
      'io/io.ts',
      'signing/keys/public-key.ts',
      'signing/keys/signing-key.ts',
      'sigstore/signing-config.ts',
    ],
    types: ['signing'],
  },
  // The result of a run has rows of the promote and records of the build.
  run: {
    may: ['errors', 'oci', 'credentials', 'registry', 'io'],
    types: ['inputs', 'plan', 'buildx', 'promote', 'scanning', 'signing'],
  },
  builder: {
    may: [
      'errors',
      'oci',
      'inputs',
      'reasons',
      'plan',
      'credentials',
      'registry',
      'buildkit',
      'buildx',
      'run',
      'io/io.ts',
      'io/command.ts',
    ],
    types: ['prepare'],
  },
  stage: {
    may: [
      'errors',
      'oci',
      'inputs',
      'context',
      'reasons',
      'tags',
      'plan',
      'registry',
      'credentials',
      'buildkit',
      'buildx',
      'run',
      'builder',
      'io/io.ts',
    ],
    types: ['prepare'],
  },
  // What a gate decides is pure; its requests and commands are in `stage` and `commands`.
  gates: {may: ['oci'], types: ['inputs']},
  // Reports of scanners have no side effects; programs and downloads are in `scanner`.
  scanning: {may: ['errors', 'oci'], types: ['inputs']},
  scanner: {
    may: ['errors', 'oci', 'inputs/scan/scan-inputs.ts', 'registry', 'scanning', 'io/io.ts'],
    types: ['inputs'],
  },
  promote: {may: ['errors', 'oci', 'reasons', 'tags', 'plan', 'registry'], types: ['inputs', 'prepare']},
  // Statements, keys and signatures are pure; requests to registries are in `commands`.
  signing: {may: ['errors', 'oci']},
  // What is demanded of signatures, and whether they meet it. Public keys are checked with the other inputs.
  verifying: {may: ['errors', 'oci', 'signing', 'inputs/syntax/stars.ts'], types: ['inputs']},
  // Requests to the services of Sigstore. What they return is verified by `verifying`.
  sigstore: {
    may: [
      'errors',
      'oci',
      'credentials/cloud/id-token.ts',
      'credentials/cloud/token-service.ts',
      'registry/retry.ts',
      'signing',
      'verifying',
    ],
  },
  // Whether a registry accepts a push depends on its settings and on the tags that move.
  preflight: {
    may: ['errors', 'oci', 'tags', 'plan', 'credentials/scoped-logins.ts', 'io/io.ts'],
    types: ['inputs', 'credentials', 'registry', 'run', 'promote'],
  },
  // Which images a policy deletes, and in which order, is pure. Requests to registries are in `prune`.
  retention: {
    may: ['errors', 'oci', 'reasons', 'tags', 'inputs/syntax/stars.ts'],
    types: ['inputs', 'context', 'plan'],
  },
  // Lists, deletions and checks of repositories, one implementation for each kind of registry.
  prune: {
    may: ['errors', 'oci', 'reasons', 'registry', 'retention', 'io/io.ts'],
    types: ['inputs', 'credentials', 'run'],
  },
  // A workflow file has the same YAML as an input.
  'workflow-file': {may: ['inputs/syntax/yaml-document.ts', 'inputs/syntax/yaml-errors.ts']},
  // Rules of tags are parsed as in a run.
  converter: {
    may: [
      'workflow-file',
      'inputs/image-inputs.ts',
      'inputs/input-reader.ts',
      'inputs/problem.ts',
      'inputs/syntax/attributes.ts',
      'inputs/syntax/comment.ts',
      'tags/outcome.ts',
      'tags/rules/rule.ts',
      'tags/rules/rule-reader.ts',
      'tags/templates/build-arguments.ts',
      'tags/templates/check-templates.ts',
      'tags/templates/image-values.ts',
      'tags/templates/template.ts',
      'tags/versions/semver.ts',
      'report/metadata-outputs.ts',
    ],
  },
  report: {
    may: ['errors', 'oci', 'reasons', 'plan', 'tags', 'promote', 'scanning', 'retention'],
    types: ['inputs', 'buildx', 'run', 'signing', 'prune'],
  },
  // What a run would plan, by the functions that run: `prepare` gets side effects in memory.
  simulation: {
    may: [
      'errors',
      'oci',
      'inputs',
      'context',
      'reasons',
      'tags',
      'plan',
      'prepare',
      'promote',
      'report',
      'workflow-file',
    ],
    types: ['registry'],
  },
  commands: {
    may: [
      'errors',
      'oci',
      'inputs',
      'context',
      'reasons',
      'tags',
      'plan',
      'io',
      'registry',
      'credentials',
      'buildx',
      'prepare',
      'run',
      'builder',
      'stage',
      'gates',
      'signing',
      'verifying',
      'scanning',
      'scanner',
      'sigstore',
      'promote',
      'preflight',
      'retention',
      'prune',
      'report',
    ],
  },
  // The command line: files and texts around the simulation, and the preview of the commands with `--registry`.
  cli: {
    may: [
      'errors',
      'oci',
      'inputs',
      'context',
      'io',
      'run',
      'buildx/command-line.ts',
      'commands',
      'workflow-file',
      'simulation',
      'converter',
    ],
    types: ['prepare'],
  },
  main: {may: ['errors']},
}

/** Additional imports of single files. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  // Main loads commands and their side effects on demand, so that the post step loads little.
  'main.ts': ['commands', 'io/workflow.ts'],
}

const expressionFiles = ['evaluate-expression', 'evaluate-text', 'partial-data', 'partial-evaluator'].map(
  (name) => `workflow-file/expressions/${name}.ts`,
)

/** Files that may import a third-party package. Few files make it easy to replace the package. */
const packages: Readonly<Record<string, readonly string[]>> = {
  '@actions/core': ['io/workflow.ts'],
  '@actions/exec': ['io/process.ts'],
  '@actions/github': ['io/connections/github-client.ts'],
  '@sigstore/bundle': ['verifying/certificates.ts'],
  '@sigstore/protobuf-specs': ['verifying/certificates.ts'],
  '@sigstore/verify': ['verifying/certificates.ts'],
  handlebars: ['tags/templates/handlebars.ts'],
  'moment-timezone': ['tags/templates/handlebars.ts'],
  '@renovatebot/pep440': ['tags/versions/pep440.ts'],
  '@rgrove/parse-xml': ['context/version-files/pom-version.ts', 'credentials/cloud/xml-texts.ts'],
  '@actions/expressions/ast': expressionFiles,
  '@actions/expressions/data/array': expressionFiles,
  '@actions/expressions/data/boolean': expressionFiles,
  '@actions/expressions/data/dictionary': expressionFiles,
  '@actions/expressions/data/expressiondata': expressionFiles,
  '@actions/expressions/data/index': expressionFiles,
  '@actions/expressions/data/string': expressionFiles,
  '@actions/expressions/evaluator': expressionFiles,
  '@actions/expressions/funcs/info': expressionFiles,
  '@actions/expressions/lexer': expressionFiles,
  '@actions/expressions/parser': expressionFiles,
  '@actions/expressions/result': expressionFiles,
  diff: ['cli/migrate.ts'],
  aws4fetch: ['credentials/cloud/aws-signature.ts'],
  // The index of semver also loads ranges, which few runs use.
  'semver/functions/compare.js': ['tags/versions/semver.ts'],
  'semver/functions/parse.js': ['tags/versions/semver.ts'],
  'semver/functions/rcompare.js': ['context/version-tags.ts'],
  'semver/classes/range.js': ['tags/versions/withdrawn.ts'],
  'semver/ranges/min-version.js': ['tags/versions/withdrawn.ts'],
  'semver/functions/valid.js': ['tags/versions/semver.ts', 'context/version-tags.ts'],
  'smol-toml': [
    'context/version-files/toml.ts',
    'builder/buildkitd-config.ts',
    'builder/emulation/configured-platforms.ts',
  ],
  yaml: [
    ...['list', 'document', 'item', 'errors'].map((part) => `inputs/syntax/yaml-${part}.ts`),
    'context/version-files/chart-version.ts',
    'workflow-file/yaml-tree.ts',
    'converter/text/step-source.ts',
    'converter/rules/permissions.ts',
    'converter/write-job.ts',
  ],
}

const pureFolders = [
  'errors',
  'oci',
  'inputs',
  'context',
  'reasons',
  'tags',
  'plan',
  'gates',
  'scanning',
  'retention',
  'report',
  'workflow-file',
  'simulation',
  'converter',
]
/** Modules without side effects. Only `io` uses sockets, files and programs. */
const pureModules = ['node:path']
const nodeExceptions: Readonly<Record<string, readonly string[]>> = {
  // `parseArgs`.
  'cli/command-line.ts': ['node:util'],
  'cli/migrate-command.ts': ['node:util'],
  'cli/plan/plan-command.ts': ['node:util'],
  'registry/insecure.ts': ['node:net'],
  'prune/content/stored-content.ts': ['node:crypto'],
  'registry/upload/verified.ts': ['node:crypto'],
  // Keys and signatures. Signing is deterministic, except with ECDSA.
  'signing/annotated-bundle.ts': ['node:crypto'],
  'signing/attestation-layer.ts': ['node:crypto'],
  'signing/key-signer.ts': ['node:crypto'],
  'signing/keys/cosign-key.ts': ['node:crypto'],
  'signing/keys/public-key.ts': ['node:crypto'],
  'signing/keys/secretbox.ts': ['node:crypto'],
  'signing/keys/signing-key.ts': ['node:crypto'],
  'sigstore/certificate.ts': ['node:crypto'],
  'sigstore/keyless-signer.ts': ['node:crypto'],
  'sigstore/log.ts': ['node:crypto'],
  'sigstore/timestamp.ts': ['node:crypto'],
  'verifying/examine.ts': ['node:crypto'],
  'scanner/hashed.ts': ['node:crypto'],
  // Workflow files are those of a user's repository, and are not private as the files of a run.
  'cli/workflow-files.ts': ['node:buffer', 'node:crypto', 'node:fs/promises'],
  'run/private-config.ts': ['node:os'],
  'run/temporary-path.ts': ['node:os'],
  'run/this-machine.ts': ['node:os'],
}

/** Files that may use the clock, random numbers or the process. Elsewhere, they are arguments. */
const impureFiles: Readonly<Record<string, readonly string[]>> = {
  // Last resort for a child process that does not end.
  'main.ts': ['process.', 'setTimeout()'],
}

const maxLines = 250
/** Tables, which are not harder to read for their length. */
const tables: readonly string[] = ['errors/causes.ts', 'errors/remedies.ts']
const maxFiles = 20
const vagueNames = /(?:^|[/-])(?:utils?|helpers?|common|misc|shared)(?:[/.-]|$)/

interface Import {
  readonly specifier: string
  readonly typesOnly: boolean
  readonly dynamic: boolean
}

interface SourceFile {
  /** Path relative to `src`, with forward slashes. */
  readonly name: string
  readonly text: string
}

function importsOf({name, text}: SourceFile): readonly Import[] {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const {moduleSpecifier} = node
      if (moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier))
        found.push({specifier: moduleSpecifier.text, typesOnly: isTypesOnly(node), dynamic: false})
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      const specifier = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : '(computed)'
      found.push({specifier, typesOnly: false, dynamic: true})
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const {literal} = node.argument
      if (ts.isStringLiteral(literal)) found.push({specifier: literal.text, typesOnly: true, dynamic: false})
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
  return found
}

function isTypesOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

const impureNames = new Set(['Date.now', 'Math.random', 'performance.now'])
const impureObjects = new Set(['process', 'console'])
/** Anything can be reached through `globalThis`, and browsers have no `Buffer`. */
const globals = new Set(['globalThis', 'Buffer'])
const impureCalls = new Set(['fetch', 'setTimeout', 'setInterval', 'setImmediate'])

/** Side effects in the code, without comments and strings. */
function impureUses({name, text}: SourceFile): readonly string[] {
  const found = new Set<string>()
  const visit = (node: ts.Node): void => {
    const use = impureUse(node)
    if (use !== undefined) found.add(use)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
  return [...found]
}

function impureUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
    const object = node.expression.text
    const whole = `${object}.${node.name.text}`
    return impureObjects.has(object) ? `${object}.` : impureNames.has(whole) ? whole : undefined
  }
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
    const called = node.expression.getText()
    if (called === 'Date') return (node.arguments?.length ?? 0) === 0 ? 'new Date()' : undefined
    return impureCalls.has(called) ? `${called}()` : undefined
  }
  return ts.isIdentifier(node) && globals.has(node.text) ? node.text : undefined
}

/** Path of an imported file relative to `src`, or undefined for a package. */
function target(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.')
    ? path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier))
    : undefined
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/', 1)[0] ?? '') : file.replace(/\.ts$/, '')
}

/** Violations of the rules in a file. */
function violations(file: SourceFile): readonly string[] {
  const {name, text} = file
  const problems = importsOf(file).flatMap((one) => importViolation(name, one))
  const impure = impureUses(file)
    .filter((use) => use !== 'Buffer' || pureFolders.includes(folderOf(name)))
    .filter((use) => folderOf(name) !== 'io' && !(impureFiles[name] ?? []).includes(use))
    .map((use) => `${name} uses ${use}`)
  const lines = text.split('\n').length - 1
  return [
    ...problems,
    ...impure,
    ...(lines > maxLines && !tables.includes(name) ? [`${name} has ${lines} lines`] : []),
    ...(vagueNames.test(name) ? [`${name} has a vague name`] : []),
    ...(folders[folderOf(name)] === undefined ? [`${name} is in no known folder`] : []),
  ]
}

function importViolation(name: string, {specifier, typesOnly}: Import): readonly string[] {
  const file = target(name, specifier)
  if (file === undefined) return packageViolation(name, specifier)
  if (file.startsWith('../')) return [`${name} imports ${specifier}, outside of src`]
  const folder = folderOf(file)
  const {may, types: named = []} = folders[folderOf(name)] ?? {may: []}
  const types = [...named, 'io']
  const own = exceptions[name] ?? []
  const allowed =
    folder === folderOf(name) ||
    may.includes(folder) ||
    may.includes(file) ||
    own.includes(folder) ||
    own.includes(file)
  if (allowed || (typesOnly && types.includes(folder))) return []
  return [`${name} imports ${file}${types.includes(folder) ? ' as a value' : ''}`]
}

function packageViolation(name: string, specifier: string): readonly string[] {
  if (!specifier.startsWith('node:')) {
    return (packages[specifier] ?? []).includes(name) ? [] : [`${name} imports the package ${specifier}`]
  }
  if (folderOf(name) === 'io') return []
  if (pureFolders.includes(folderOf(name))) return [`${name} is pure and imports ${specifier}`]
  const allowed = pureModules.includes(specifier) || (nodeExceptions[name] ?? []).includes(specifier)
  return allowed ? [] : [`${name} imports ${specifier}`]
}

/** Cycle of imports, as `a → b → a`, or undefined if there is none. */
function cycle(files: readonly SourceFile[], keep: (one: Import) => boolean): string | undefined {
  const io = new Map(
    files.map((file) => [
      file.name,
      importsOf(file)
        .filter(keep)
        .flatMap(({specifier}) => target(file.name, specifier) ?? []),
    ]),
  )
  const done = new Set<string>()
  const walk = (name: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name].join(' → ')
    if (done.has(name)) return undefined
    for (const next of io.get(name) ?? []) {
      const found = walk(next, [...trail, name])
      if (found !== undefined) return found
    }
    done.add(name)
    return undefined
  }
  return files.map(({name}) => walk(name, [])).find((found) => found !== undefined)
}

/** Folders with too many files. */
function crowded(files: readonly SourceFile[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const {name} of files) {
    const folder = path.posix.dirname(name)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > maxFiles).map(([folder, count]) => `${folder} has ${count} files`)
}

const root = path.join(import.meta.dirname, '..', 'src')
const sources: readonly SourceFile[] = readdirSync(root, {recursive: true, encoding: 'utf8'})
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({name: name.replaceAll(path.sep, '/'), text: readFileSync(path.join(root, name), 'utf8')}))

describe('the source', () => {
  test('has files', () => {
    expect(sources.length).toBeGreaterThan(50)
  })

  test.each(sources.map((file) => ({name: file.name, file})))('$name keeps the rules', ({file}) => {
    expect(violations(file)).toEqual([])
  })

  test('has no cycle, types included', () => {
    expect(cycle(sources, ({dynamic}) => !dynamic)).toBeUndefined()
  })

  test(`has no folder of more than ${maxFiles} files`, () => {
    expect(crowded(sources)).toEqual([])
  })

  test('has no cycle of folders, types included', () => {
    const imported = new Map<string, Set<string>>()
    for (const file of sources) {
      for (const {specifier} of importsOf(file)) {
        const to = target(file.name, specifier)
        if (to === undefined || folderOf(to) === folderOf(file.name)) continue
        imported.set(folderOf(file.name), (imported.get(folderOf(file.name)) ?? new Set()).add(folderOf(to)))
      }
    }
    const synthetic = [...imported].map(([name, uses]) => ({
      name: `${name}.ts`,
      text: [...uses].map((use) => `import './${use}.ts'`).join('\n'),
    }))
    expect(cycle(synthetic, () => true)).toBeUndefined()
  })

  test('uses every package of the table', () => {
    const named = new Set(sources.flatMap((file) => importsOf(file).map(({specifier}) => specifier)))
    expect(Object.keys(packages).filter((one) => !named.has(one))).toEqual([])
  })

  test('has only existing folders in the table', () => {
    const existing = new Set(sources.map(({name}) => folderOf(name)))
    expect(Object.keys(folders).filter((folder) => !existing.has(folder))).toEqual([])
  })
})

describe('the checker', () => {
  test.each([
    {
      name: 'a layer above',
      given: {name: 'tags/x.ts', text: "import {files} from '../io/files.ts'"},
      expected: ['tags/x.ts imports io/files.ts as a value'],
    },
    {
      name: 'a type of a layer above',
      given: {name: 'oci/x.ts', text: "import type {Plan} from '../plan/plan.ts'"},
      expected: ['oci/x.ts imports plan/plan.ts'],
    },
    {
      name: 'a value of io where only its types are allowed',
      given: {name: 'stage/x.ts', text: "import {files, type Files} from '../io/files.ts'"},
      expected: ['stage/x.ts imports io/files.ts as a value'],
    },
    {
      name: 'a dynamic import',
      given: {name: 'plan/x.ts', text: "export const x = async () => import('../commands/publish.ts')"},
      expected: ['plan/x.ts imports commands/publish.ts'],
    },
    {
      name: 'a re-export',
      given: {name: 'plan/x.ts', text: "export * from '../report/report.ts'"},
      expected: ['plan/x.ts imports report/report.ts'],
    },
    {
      name: 'an inline import type',
      given: {name: 'plan/x.ts', text: "export type X = import('../report/report.ts').Report"},
      expected: ['plan/x.ts imports report/report.ts'],
    },
    {
      name: 'a package in another file than its own',
      given: {name: 'io/process.ts', text: "import * as core from '@actions/core'"},
      expected: ['io/process.ts imports the package @actions/core'],
    },
    {
      name: 'a package without a row',
      given: {name: 'io/x.ts', text: "import left from 'left-pad'"},
      expected: ['io/x.ts imports the package left-pad'],
    },
    {
      name: 'a part of a package',
      given: {name: 'tags/x.ts', text: "import satisfies from 'semver/functions/satisfies.js'"},
      expected: ['tags/x.ts imports the package semver/functions/satisfies.js'],
    },
    {
      name: 'Node in a pure folder',
      given: {name: 'plan/x.ts', text: "import path from 'node:path'"},
      expected: ['plan/x.ts is pure and imports node:path'],
    },
    {
      name: 'files outside of io',
      given: {name: 'stage/x.ts', text: "import {readFile} from 'node:fs/promises'"},
      expected: ['stage/x.ts imports node:fs/promises'],
    },
    {
      name: 'something outside of src',
      given: {name: 'plan/x.ts', text: "import '../../testing/plans.ts'"},
      expected: ['plan/x.ts imports ../../testing/plans.ts, outside of src'],
    },
    {
      name: 'the environment, the clock and random numbers',
      given: {
        name: 'plan/x.ts',
        text: "// process.env is fine in a comment\nexport const x = [process.env['X'], Date.now(), Math.random(), new Date()]",
      },
      expected: [
        'plan/x.ts uses process.',
        'plan/x.ts uses Date.now',
        'plan/x.ts uses Math.random',
        'plan/x.ts uses new Date()',
      ],
    },
    {
      name: 'a global of Node in a pure folder',
      given: {name: 'oci/x.ts', text: "export const x = Buffer.from('')"},
      expected: ['oci/x.ts uses Buffer'],
    },
    {
      name: 'nothing in a date with an argument',
      given: {name: 'plan/x.ts', text: "export const x = new Date('2026-01-02')"},
      expected: [],
    },
    {
      name: 'a file that is too long',
      given: {name: 'plan/x.ts', text: '\n'.repeat(251)},
      expected: ['plan/x.ts has 251 lines'],
    },
    {
      name: 'a vague name of a file',
      given: {name: 'plan/string-utils.ts', text: ''},
      expected: ['plan/string-utils.ts has a vague name'],
    },
    {
      name: 'a vague name of a folder',
      given: {name: 'common/x.ts', text: ''},
      expected: ['common/x.ts has a vague name', 'common/x.ts is in no known folder'],
    },
  ])('finds $name', ({given, expected}) => {
    expect(violations(given)).toEqual(expected)
  })

  test('finds a cycle', () => {
    const files = [
      {name: 'plan/a.ts', text: "import './b.ts'"},
      {name: 'plan/b.ts', text: "import '../tags/c.ts'"},
      {name: 'tags/c.ts', text: "import '../plan/a.ts'"},
    ]
    expect(cycle(files, () => true)).toBe('plan/a.ts → plan/b.ts → tags/c.ts → plan/a.ts')
  })

  test('counts an import of types', () => {
    const files = [
      {name: 'plan/a.ts', text: "import './b.ts'"},
      {name: 'plan/b.ts', text: "import type {A} from './a.ts'"},
    ]
    expect(cycle(files, () => true)).toBe('plan/a.ts → plan/b.ts → plan/a.ts')
  })

  test('finds a folder with too many files, not counting those in subfolders', () => {
    const files = ['', 'b/'].map((folder) =>
      Array.from({length: maxFiles + (folder === '' ? 1 : 0)}, (_, index) => ({
        name: `a/${folder}${index}.ts`,
        text: '',
      })),
    )
    expect(crowded(files.flat())).toEqual([`a has ${maxFiles + 1} files`])
  })
})
