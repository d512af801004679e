import {describe, expect, test} from '@jest/globals'
import {parseVersionFile, readVersionFile} from '../../../../src/context/version-files/version-file.ts'
import type {VersionProblem, VersionResult} from '../../../../src/context/version-files/version-result.ts'
import {boundedRegex} from '../../../../src/io/bounded-regex.ts'

type Files = Readonly<Record<string, string>>

/** Result of `version: file:NAMED` in a checkout with these files. */
async function versionOf(named: string, files: Files, regex = boundedRegex()): Promise<VersionResult> {
  return readVersionFile(
    parseVersionFile(named),
    async (path) => Promise.resolve(Object.hasOwn(files, path) ? files[path] : undefined),
    regex,
  )
}

interface Found {
  readonly name: string
  readonly named: string
  readonly files: Files
  readonly version: string
  readonly where: string
}

function expectVersion(rows: readonly Found[]): void {
  test.each(rows)('$name', async ({named, files, version, where}) => {
    expect(await versionOf(named, files)).toEqual({ok: true, version, where})
  })
}

interface Missing {
  readonly name: string
  readonly named: string
  readonly files: Files
  readonly problem: VersionProblem
  /** Text in the remedy: a file or an expression to use. */
  readonly remedy?: string
}

function expectProblem(rows: readonly Missing[]): void {
  test.each(rows)('no version: $name', async ({named, files, problem, remedy}) => {
    const result = await versionOf(named, files)
    expect(result).toMatchObject({ok: false, problem})
    if (remedy !== undefined) expect(result).toMatchObject({remedy: expect.stringContaining(remedy)})
  })
}

describe('parseVersionFile', () => {
  test.each([
    {given: 'package.json', path: 'package.json', expression: undefined},
    {given: ' ./apps/web/package.json ', path: 'apps/web/package.json', expression: undefined},
    {given: '././/VERSION', path: 'VERSION', expression: undefined},
    {given: 'apps\\web\\package.json', path: 'apps/web/package.json', expression: undefined},
    {given: 'src/version.py#^__version__ = "(.*)"$', path: 'src/version.py', expression: '^__version__ = "(.*)"$'},
    {given: 'a.txt# #(.*)', path: 'a.txt', expression: ' #(.*)'},
    {given: 'a.txt#', path: 'a.txt', expression: ''},
    {given: '../other/VERSION', path: '../other/VERSION', expression: undefined},
  ])('$given', ({given, path, expression}) => {
    expect(parseVersionFile(given)).toEqual({path, expression})
  })
})

describe('package.json', () => {
  const text = JSON.stringify(
    {
      name: '@scope/api',
      config: {version: '9.9.9'},
      version: '1.2.3-rc.1',
      engines: {node: '>=24'},
      dependencies: {version: '8.8.8'},
    },
    undefined,
    2,
  )
  expectVersion([
    {
      name: 'the top-level version',
      named: 'package.json',
      files: {'package.json': text},
      version: '1.2.3-rc.1',
      where: 'package.json, version',
    },
    {
      name: 'in a folder',
      named: 'apps/api/package.json',
      files: {'apps/api/package.json': text},
      version: '1.2.3-rc.1',
      where: 'apps/api/package.json, version',
    },
    {
      name: 'with a byte order mark and CRLF',
      named: 'package.json',
      files: {'package.json': `\uFEFF${text.replaceAll('\n', '\r\n')}`},
      version: '1.2.3-rc.1',
      where: 'package.json, version',
    },
  ])
  expectProblem([
    {
      name: 'only nested ones',
      named: 'package.json',
      files: {'package.json': '{"config": {"version": "1.0.0"}}'},
      problem: 'version-missing',
    },
    {
      name: 'a number',
      named: 'package.json',
      files: {'package.json': '{"version": 1.2}'},
      problem: 'version-missing',
    },
    {
      name: 'an array',
      named: 'package.json',
      files: {'package.json': '["version"]'},
      problem: 'version-missing',
    },
    {
      name: 'an inherited one',
      named: 'package.json',
      files: {'package.json': '{"__proto__": {"version": "1.0.0"}}'},
      problem: 'version-missing',
    },
    {
      name: 'an empty one',
      named: 'package.json',
      files: {'package.json': '{"version": " "}'},
      problem: 'version-invalid',
    },
    {
      name: 'a workflow command',
      named: 'package.json',
      files: {'package.json': '{"version": "1\\n::set-output name=x::y"}'},
      problem: 'version-invalid',
    },
    {
      name: 'a comment',
      named: 'package.json',
      files: {'package.json': '// hello\n{"version": "1.0.0"}'},
      problem: 'file-invalid',
      remedy: 'Correct the file',
    },
    {
      name: 'an incomplete document',
      named: 'package.json',
      files: {'package.json': '{"version": "1.0.0"'},
      problem: 'file-invalid',
    },
    {
      name: 'a very deep one',
      named: 'package.json',
      files: {'package.json': '['.repeat(1_000_000)},
      problem: 'file-invalid',
    },
  ])
})

describe('Cargo.toml', () => {
  const member = `[package]
name = "api"
version.workspace = true # from the root
edition = { workspace = true }

[dependencies]
serde = { version = "1.0.228", features = ["derive"] }
`
  const root = `[workspace]
members = ["crates/*"]

[workspace.package]
version = "4.5.6"

[workspace.dependencies]
version = "9.9.9"
`
  const single = `# version = "0.0.1"
[package]
name = "api" # not the version
description = """
version = "6.6.6"
"""
metadata = { version = "7.7.7" }
version = '1.2.3-alpha.1+5'

[dependencies.tokio]
version = "1"
`
  expectVersion([
    {
      name: 'that of the project',
      named: 'Cargo.toml',
      files: {'Cargo.toml': single},
      version: '1.2.3-alpha.1+5',
      where: 'Cargo.toml, [package] version',
    },
    {
      name: 'with a byte order mark and CRLF',
      named: 'Cargo.toml',
      files: {'Cargo.toml': `\uFEFF${single.replaceAll('\n', '\r\n')}`},
      version: '1.2.3-alpha.1+5',
      where: 'Cargo.toml, [package] version',
    },
    {
      name: "the workspace's, from above",
      named: 'crates/api/Cargo.toml',
      files: {'crates/api/Cargo.toml': member, 'Cargo.toml': root},
      version: '4.5.6',
      where: 'Cargo.toml, [workspace.package] version',
    },
    {
      name: "the workspace's, past a folder's own package",
      named: 'a/b/Cargo.toml',
      files: {'a/b/Cargo.toml': member, 'a/Cargo.toml': single, 'Cargo.toml': `\uFEFF${root}`},
      version: '4.5.6',
      where: 'Cargo.toml, [workspace.package] version',
    },
    {
      name: 'the nearest workspace',
      named: 'a/b/Cargo.toml',
      files: {'a/b/Cargo.toml': member, 'a/Cargo.toml': root, 'Cargo.toml': '[workspace]'},
      version: '4.5.6',
      where: 'a/Cargo.toml, [workspace.package] version',
    },
    {
      name: 'the workspace that the package names',
      named: 'crates/api/Cargo.toml',
      files: {
        'crates/api/Cargo.toml': member.replace('[package]', '[package]\nworkspace = "../../rust/"'),
        'rust/Cargo.toml': root,
        'Cargo.toml': '[workspace]',
      },
      version: '4.5.6',
      where: 'rust/Cargo.toml, [workspace.package] version',
    },
    {
      name: 'a root that is a package of its own workspace',
      named: 'Cargo.toml',
      files: {'Cargo.toml': `${member}\n${root}`},
      version: '4.5.6',
      where: 'Cargo.toml, [workspace.package] version',
    },
    {
      name: 'a root without a package',
      named: 'Cargo.toml',
      files: {'Cargo.toml': root},
      version: '4.5.6',
      where: 'Cargo.toml, [workspace.package] version',
    },
    {
      name: 'an inline table',
      named: 'x/Cargo.toml',
      files: {'x/Cargo.toml': '[package]\nversion = {workspace = true}', 'Cargo.toml': root},
      version: '4.5.6',
      where: 'Cargo.toml, [workspace.package] version',
    },
  ])
  expectProblem([
    {
      name: 'none given',
      named: 'Cargo.toml',
      files: {'Cargo.toml': '[package]\nname = "api"\n[dependencies]\nserde = {version = "1"}'},
      problem: 'version-missing',
    },
    {
      name: 'no table that could have one',
      named: 'Cargo.toml',
      files: {'Cargo.toml': '[dependencies]\nversion = "1"'},
      problem: 'version-missing',
    },
    {
      name: 'a workspace without one',
      named: 'x/Cargo.toml',
      files: {'x/Cargo.toml': member, 'Cargo.toml': '[workspace]\nmembers = []'},
      problem: 'version-missing',
    },
    {
      name: 'no workspace above',
      named: 'x/Cargo.toml',
      files: {'x/Cargo.toml': member, 'Cargo.toml': single},
      problem: 'version-missing',
    },
    {
      name: 'a workspace outside of the checkout',
      named: 'x/Cargo.toml',
      files: {'x/Cargo.toml': member.replace('[package]', '[package]\nworkspace = "../../up"'), 'Cargo.toml': root},
      problem: 'version-missing',
    },
    {
      name: 'a workspace that is not TOML',
      named: 'x/Cargo.toml',
      files: {'x/Cargo.toml': member, 'Cargo.toml': '[workspace'},
      problem: 'file-invalid',
    },
    {
      name: 'a package that is not a table',
      named: 'Cargo.toml',
      files: {'Cargo.toml': 'package = 1'},
      problem: 'version-missing',
    },
    {
      name: 'a number',
      named: 'Cargo.toml',
      files: {'Cargo.toml': '[package]\nversion = 1.2'},
      problem: 'version-missing',
    },
    {
      name: 'given twice',
      named: 'Cargo.toml',
      files: {'Cargo.toml': '[package]\nversion = "1"\nversion = "2"'},
      problem: 'file-invalid',
    },
    {
      name: 'very deep',
      named: 'Cargo.toml',
      files: {'Cargo.toml': `a = ${'['.repeat(200_000)}`},
      problem: 'file-invalid',
    },
  ])
})

describe('pyproject.toml', () => {
  const project = `[build-system]
requires = ["setuptools>=80", "version==1.0"]

[tool.other]
version = "9.9.9"

[project]
name = "app"
version = "1.2.3rc2"
dependencies = ["requests>=2"]
`
  expectVersion([
    {
      name: 'the project',
      named: 'pyproject.toml',
      files: {'pyproject.toml': project},
      version: '1.2.3rc2',
      where: 'pyproject.toml, [project] version',
    },
    {
      name: 'Poetry',
      named: 'svc/pyproject.toml',
      files: {
        'svc/pyproject.toml':
          '[tool.poetry]\nname = "app"\nversion = "2.0"\n[tool.poetry.dependencies]\nversion = "^9"',
      },
      version: '2.0',
      where: 'svc/pyproject.toml, [tool.poetry] version',
    },
    {
      name: 'Poetry 2 with a dynamic version',
      named: 'pyproject.toml',
      files: {'pyproject.toml': '[project]\nname = "app"\ndynamic = ["version"]\n[tool.poetry]\nversion = "2.1"'},
      version: '2.1',
      where: 'pyproject.toml, [tool.poetry] version',
    },
    {
      name: 'both: the standard one',
      named: 'pyproject.toml',
      files: {'pyproject.toml': `[tool.poetry]\nversion = "9"\n${project}`},
      version: '1.2.3rc2',
      where: 'pyproject.toml, [project] version',
    },
  ])
  expectProblem([
    {
      name: 'a dynamic one',
      named: 'pyproject.toml',
      files: {'pyproject.toml': '[project]\nname = "app"\ndynamic = ["readme", "version"]'},
      problem: 'version-missing',
      remedy: 'expression: PATH#',
    },
    {
      name: "Hatch's, whose file is known",
      named: 'pyproject.toml',
      files: {
        'pyproject.toml': '[project]\ndynamic = ["version"]\n[tool.hatch.version]\npath = "src/app/__about__.py"',
      },
      problem: 'version-missing',
      remedy: 'src/app/__about__.py#__version__ = "(.*)"',
    },
    {
      name: 'none',
      named: 'pyproject.toml',
      files: {'pyproject.toml': '[project]\nname = "app"\ndynamic = ["readme"]'},
      problem: 'version-missing',
    },
    {
      name: 'a number',
      named: 'pyproject.toml',
      files: {'pyproject.toml': '[project]\nversion = 1.2'},
      problem: 'version-missing',
    },
    {
      name: 'not TOML',
      named: 'pyproject.toml',
      files: {'pyproject.toml': '{"project": {}}'},
      problem: 'file-invalid',
    },
  ])
})

describe('pom.xml', () => {
  const pom = (inner: string): Files => ({
    'pom.xml': `<?xml version="1.0" encoding="UTF-8"?>
<!-- <version>0.0.1</version> -->
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <dependencies><dependency><artifactId>x</artifactId><version>9.9.9</version></dependency></dependencies>
  <build><plugins><plugin><version>8.8.8</version></plugin></plugins></build>
  ${inner}
</project>
`,
  })
  const parent = '<parent><groupId>g</groupId><version>3.0.0</version></parent>'
  expectVersion([
    {
      name: 'that of the project',
      named: 'pom.xml',
      files: pom(`${parent}<version> 1.2.3-SNAPSHOT </version>`),
      version: '1.2.3-SNAPSHOT',
      where: 'pom.xml, <project><version>',
    },
    {
      name: 'that of the parent',
      named: 'pom.xml',
      files: pom(parent),
      version: '3.0.0',
      where: 'pom.xml, <parent><version>',
    },
    {
      name: 'in a folder, with a byte order mark and CRLF',
      named: 'a/pom.xml',
      files: {'a/pom.xml': `\uFEFF${String(pom('<version>1.0</version>')['pom.xml']).replaceAll('\n', '\r\n')}`},
      version: '1.0',
      where: 'a/pom.xml, <project><version>',
    },
    {
      name: 'the revision property',
      named: 'pom.xml',
      files: pom('<version>${revision}</version><properties><revision>2.0.1</revision></properties>'),
      version: '2.0.1',
      where: 'pom.xml, <project><version>',
    },
    {
      name: 'several properties',
      named: 'pom.xml',
      files: pom(
        '<version>${revision}${sha1}${changelist}</version><properties><revision>${base}.1</revision><base>2.0</base><sha1/><changelist>-SNAPSHOT</changelist></properties>',
      ),
      version: '2.0.1-SNAPSHOT',
      where: 'pom.xml, <project><version>',
    },
    {
      name: "the parent's version as a property",
      named: 'pom.xml',
      files: pom(`${parent}<version>\${project.parent.version}</version>`),
      version: '3.0.0',
      where: 'pom.xml, <project><version>',
    },
    {
      name: 'character data, entities and comments',
      named: 'pom.xml',
      files: pom('<version><![CDATA[1.0]]><!-- no -->&#46;1</version>'),
      version: '1.0.1',
      where: 'pom.xml, <project><version>',
    },
  ])
  expectProblem([
    {
      name: 'none',
      named: 'pom.xml',
      files: pom('<name>x</name>'),
      problem: 'version-missing',
    },
    {
      name: 'a property of another file',
      named: 'pom.xml',
      files: pom('<version>${revision}</version>'),
      problem: 'version-missing',
    },
    {
      name: 'a property with an invalid name',
      named: 'pom.xml',
      files: pom('<version>${\ta\u009b}</version>'),
      problem: 'version-missing',
    },
    {
      name: 'a property that names itself',
      named: 'pom.xml',
      files: pom('<version>${a}</version><properties><a>${b}</a><b>${a}</b></properties>'),
      problem: 'version-missing',
    },
    {
      name: 'a property that expands endlessly',
      named: 'pom.xml',
      files: pom(`<version>\${a}</version><properties><a>${'${a}'.repeat(200)}</a></properties>`),
      problem: 'version-missing',
    },
    {
      name: 'another document',
      named: 'pom.xml',
      files: {'pom.xml': '<html><version>1</version></html>'},
      problem: 'file-invalid',
    },
    {
      name: 'an external entity',
      named: 'pom.xml',
      files: {
        'pom.xml':
          '<!DOCTYPE project [<!ENTITY v SYSTEM "file:///etc/passwd">]><project><version>&v;</version></project>',
      },
      problem: 'file-invalid',
    },
    {
      name: 'an incomplete document',
      named: 'pom.xml',
      files: {'pom.xml': '<project><version>1.0</version>'},
      problem: 'file-invalid',
    },
    {name: 'nothing', named: 'pom.xml', files: {'pom.xml': ''}, problem: 'file-invalid'},
    {
      name: 'very deep',
      named: 'pom.xml',
      files: {'pom.xml': '<project>'.repeat(100_000)},
      problem: 'file-invalid',
    },
  ])
})

describe('gradle.properties', () => {
  const gradle = (text: string): Files => ({'gradle.properties': text})
  const where = 'gradle.properties, version'
  expectVersion([
    {
      name: 'a plain line',
      named: 'gradle.properties',
      files: gradle(
        '# version=0\n! version=0\norg.gradle.jvmargs=-Xmx2g -Dversion=9\nkotlin.version=2.2.0\nversion=1.2.3\n',
      ),
      version: '1.2.3',
      where,
    },
    {
      name: 'CRLF, blanks and a byte order mark',
      named: 'gradle.properties',
      files: gradle('\uFEFF version = 1.2.3 \r\ngroup = x\r\n'),
      version: '1.2.3',
      where,
    },
    {name: 'a colon', named: 'gradle.properties', files: gradle('version: 1.2.3'), version: '1.2.3', where},
    {name: 'a blank', named: 'gradle.properties', files: gradle('version 1.2.3'), version: '1.2.3', where},
    {name: 'the last of two', named: 'gradle.properties', files: gradle('version=1\nversion=2'), version: '2', where},
    {
      name: 'a continued line',
      named: 'gradle.properties',
      files: gradle('version=1.2\\\n    .3\nx=1'),
      version: '1.2.3',
      where,
    },
    {
      name: 'a continued line that starts like a comment',
      named: 'gradle.properties',
      files: gradle('version=1\\\n#2'),
      version: '1#2',
      where,
    },
    {
      name: 'a continued last line',
      named: 'gradle.properties',
      files: gradle('version=1.2\\'),
      version: '1.2',
      where,
    },
    {
      name: 'not at the start of a line',
      named: 'gradle.properties',
      files: gradle('x=a \\\nversion=9\nversion=1'),
      version: '1',
      where,
    },
    {
      name: 'an escaped backslash ends a line',
      named: 'gradle.properties',
      files: gradle('x=a\\\\\nversion=1'),
      version: '1',
      where,
    },
    {
      name: 'escapes',
      named: 'gradle.properties',
      files: gradle('v\\u0065rsion=1\\.2\\u002e3'),
      version: '1.2.3',
      where,
    },
  ])
  expectProblem([
    {
      name: 'only others',
      named: 'gradle.properties',
      files: gradle('versionName=1\nkotlin.version=2\nmy\\ version=3'),
      problem: 'version-missing',
      remedy: 'gradle.properties#^versionName=(.*)',
    },
    {
      name: 'an empty one',
      named: 'gradle.properties',
      files: gradle('version='),
      problem: 'version-invalid',
    },
    {
      name: 'two words',
      named: 'gradle.properties',
      files: gradle('version=1.0 beta'),
      problem: 'version-invalid',
    },
    {
      name: 'a very long line',
      named: 'gradle.properties',
      files: gradle('x'.repeat(3_000_000)),
      problem: 'version-missing',
    },
    {
      name: 'many backslashes',
      named: 'gradle.properties',
      files: gradle('\\'.repeat(3_000_001)),
      problem: 'version-missing',
    },
    {
      name: 'many blanks',
      named: 'gradle.properties',
      files: gradle(`a${' '.repeat(3_000_000)}b`),
      problem: 'version-missing',
    },
  ])
})

describe('Chart.yaml', () => {
  const chart = (text: string): Files => ({'charts/api/Chart.yaml': text})
  const named = 'charts/api/Chart.yaml'
  const dependencies = 'dependencies:\n  - name: redis\n    version: 9.9.9\n    appVersion: 8.8.8\n'
  expectVersion([
    {
      name: 'the app',
      named,
      files: chart(`apiVersion: v2\nname: api\nversion: 0.1.0 # of the chart\nappVersion: "1.16.0"\n${dependencies}`),
      version: '1.16.0',
      where: `${named}, appVersion`,
    },
    {
      name: 'the chart, without an app',
      named,
      files: chart(`apiVersion: v2\n${dependencies}version: 0.1.0\n`),
      version: '0.1.0',
      where: `${named}, version`,
    },
    {
      name: 'the chart, if the app is empty',
      named,
      files: chart('version: 0.1.0\nappVersion:\n'),
      version: '0.1.0',
      where: `${named}, version`,
    },
    {
      name: 'as text, where YAML has a number',
      named,
      files: chart('appVersion: 1.10\n'),
      version: '1.10',
      where: `${named}, appVersion`,
    },
    {
      name: 'with a byte order mark and CRLF',
      named,
      files: chart('\uFEFFversion: 1.0.0\r\nappVersion: v2\r\n'),
      version: 'v2',
      where: `${named}, appVersion`,
    },
  ])
  expectProblem([
    {name: 'none', named, files: chart(dependencies), problem: 'version-missing'},
    {name: 'a list', named, files: chart('- version: 1\n'), problem: 'version-missing'},
    {name: 'nothing', named, files: chart(''), problem: 'version-missing'},
    {
      name: 'a field of fields',
      named,
      files: chart('version: {a: 1}\n'),
      problem: 'version-missing',
    },
    {name: 'not YAML', named, files: chart('version: [1\n'), problem: 'file-invalid'},
    {
      name: 'two documents',
      named,
      files: chart('version: 1\n---\nversion: 2\n'),
      problem: 'file-invalid',
    },
    {
      name: 'aliases that grow',
      named,
      files: chart('a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nappVersion: *c\n'),
      problem: 'version-missing',
    },
    {name: 'very deep', named, files: chart('['.repeat(100_000)), problem: 'file-invalid'},
  ])
})

describe('VERSION', () => {
  expectVersion([
    {name: 'one line', named: 'VERSION', files: {VERSION: '1.2.3\n'}, version: '1.2.3', where: 'VERSION, first line'},
    {
      name: 'the first of several',
      named: 'app/VERSION',
      files: {'app/VERSION': '\uFEFF\r\n  v2.0 \r\nnotes\r\n'},
      version: 'v2.0',
      where: 'app/VERSION, first line',
    },
    {
      name: 'other spellings',
      named: 'version.txt',
      files: {'version.txt': '1'},
      version: '1',
      where: 'version.txt, first line',
    },
    {name: 'a hidden one', named: '.version', files: {'.version': '1'}, version: '1', where: '.version, first line'},
  ])
  expectProblem([
    {name: 'nothing', named: 'VERSION', files: {VERSION: '\n\n'}, problem: 'version-invalid'},
    {
      name: 'prose',
      named: 'VERSION',
      files: {VERSION: 'version 1.2.3'},
      problem: 'version-invalid',
    },
    {
      name: 'binary data',
      named: 'VERSION',
      files: {VERSION: '\u0000\u001b[31m\u202e1'},
      problem: 'version-invalid',
    },
    {
      name: 'a very long word',
      named: 'VERSION',
      files: {VERSION: '1'.repeat(300)},
      problem: 'version-invalid',
    },
    {
      name: 'millions of blank lines',
      named: 'VERSION',
      files: {VERSION: '\n'.repeat(4_000_000)},
      problem: 'version-invalid',
    },
  ])
})

describe('any file with an expression', () => {
  const python = 'import x\r\n__version__ = "1.2.3"\r\n__author__ = "y"\r\n'
  expectVersion([
    {
      name: 'its first group',
      named: 'src/app.py#^__version__ = "(.*)"$',
      files: {'src/app.py': python},
      version: '1.2.3',
      where: 'src/app.py, /^__version__ = "(.*)"$/m',
    },
    {
      name: 'at the start, after a byte order mark',
      named: 'x#^v(.*)',
      files: {x: '\uFEFFv1'},
      version: '1',
      where: 'x, /^v(.*)/m',
    },
    {
      name: 'the whole match without a group',
      named: 'src/app.py#\\d+(?:\\.\\d+)+',
      files: {'src/app.py': python},
      version: '1.2.3',
      where: 'src/app.py, /\\d+(?:\\.\\d+)+/m',
    },
    {
      name: 'the whole match when the group took no part',
      named: 'x#v1|(v2)',
      files: {x: 'v1'},
      version: 'v1',
      where: 'x, /v1|(v2)/m',
    },
    {
      name: 'with priority over the file name',
      named: 'Chart.yaml#^version: (.*)$',
      files: {'Chart.yaml': 'version: 0.1.0\nappVersion: 9\n'},
      version: '0.1.0',
      where: 'Chart.yaml, /^version: (.*)$/m',
    },
  ])
  expectProblem([
    {name: 'no match', named: 'x#^v(.*)', files: {x: 'abc'}, problem: 'version-missing'},
    {name: 'an empty match', named: 'x#y*', files: {x: 'abc'}, problem: 'version-invalid'},
    {
      name: 'no expression',
      named: 'x#',
      files: {x: 'abc'},
      problem: 'expression-invalid',
      remedy: 'x#version',
    },
    {
      name: 'an invalid regular expression',
      named: 'x#(',
      files: {x: 'abc'},
      problem: 'expression-invalid',
    },
  ])

  test('is stopped if it takes too long', async () => {
    expect(await versionOf('x#(a+)+$', {x: `${'a'.repeat(100)}!`}, boundedRegex({limitMs: 50}))).toMatchObject({
      ok: false,
      problem: 'expression-invalid',
    })
  })
})

describe('a file', () => {
  expectProblem([
    {
      name: 'that does not exist',
      named: 'VERSION',
      files: {},
      problem: 'file-missing',
    },
    {name: 'that is not set', named: ' ', files: {}, problem: 'file-missing'},
    {
      name: 'of an unknown kind',
      named: 'setup.py',
      files: {'setup.py': 'version="1"'},
      problem: 'file-unknown',
      remedy: 'setup.py#version = "(.*)")',
    },
    {
      name: 'named like a property of every object',
      named: 'constructor',
      files: {constructor: '1'},
      problem: 'file-unknown',
    },
    {
      name: 'that is too large',
      named: 'VERSION',
      files: {VERSION: '1'.repeat(4 * 1024 * 1024 + 1)},
      problem: 'file-unreadable',
    },
  ])

  test('that cannot be read', async () => {
    const failing = async (): Promise<string> =>
      Promise.reject(new Error('EISDIR: illegal operation on a directory, read'))
    expect(await readVersionFile({path: 'VERSION', expression: undefined}, failing, boundedRegex())).toMatchObject({
      ok: false,
      problem: 'file-unreadable',
    })
  })
})
