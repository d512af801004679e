import {execFileSync} from 'node:child_process'
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {prepare} from '../src/prepare/prepare.ts'
import {allCauses} from '../scripts/documentation/all-causes.ts'
import {formatProblem, Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import {actionNames} from '../src/inputs/spec/action-names.ts'
import {hasInput, isInputName} from '../src/inputs/spec/all-inputs.ts'
import {formatReason} from '../src/reasons/reason.ts'
import {formatTagRef} from '../src/oci/reference.ts'
import {readCalver} from '../src/tags/rules/calver-rule.ts'
import {parseRules} from '../src/tags/rules/rule-reader.ts'
import {googleKeyFile} from '../testing/clouds/google.ts'
import {pagesWithSteps, usesIn, type With} from '../testing/documented-steps.ts'
import {fakeIo, temporaryDirectory} from '../testing/fake-io.ts'

function read(file: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', file), 'utf8')
}

function inputsOf(given: With): ReadonlyMap<string, string> {
  return new Map(Object.entries(given).map(([name, value]) => [name, String(value)]))
}

interface Example {
  readonly name: string
  readonly given: With
  readonly event: string
  /** Tags without the name of the image, unless the reference is whole; empty for "nothing". */
  readonly tags: readonly string[]
}

/** The inputs of each block that has a table of events below it, with each row of that table. */
function examples(): readonly Example[] {
  const blocks = read('docs/tags.md').matchAll(/```yaml\n([^`]*)```\n\n\| Event .*\n\| -.*\n((?:\|.*\n)+)/g)
  return [...blocks].flatMap(([, yaml = '', table = ''], index) =>
    table
      .trim()
      .split('\n')
      .map((row) => {
        const [, event = '', tags = ''] = row.split(/ *\| */)
        const names = [...tags.matchAll(/`([^`]+)`/g)].map(([, tag = '']) => tag)
        return {name: `${index + 1}: ${event}`, given: parse(yaml) as With, event, tags: names}
      }),
  )
}

/** The runner's variables and payload for an event, as the tables name it. */
function eventOf(text: string): readonly [Readonly<Record<string, string>>, object] {
  const [, kind = '', name = ''] = /^(tag|push to|pull request|schedule) ?`?([^`]*)`?$/.exec(text) ?? []
  switch (kind) {
    case 'tag':
      return [{GITHUB_EVENT_NAME: 'push', GITHUB_REF: `refs/tags/${name}`}, {}]
    case 'push to':
      return [{GITHUB_EVENT_NAME: 'push', GITHUB_REF: `refs/heads/${name}`}, {}]
    case 'pull request':
      return [
        {GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: `refs/pull/${name}/merge`},
        {number: Number(name), action: 'opened'},
      ]
    case 'schedule':
      return [{GITHUB_EVENT_NAME: 'schedule', GITHUB_REF: 'refs/heads/main'}, {}]
    default:
      throw new Error(`the table names an event that this test does not know: ${text}`)
  }
}

async function tagsOf({given, event}: Example): Promise<readonly string[]> {
  await using workspace = await temporaryDirectory()
  const [variables, payload] = eventOf(event)
  const eventFile = path.join(workspace.path, 'event.json')
  const repository = {default_branch: 'main', description: 'x', license: null, html_url: 'https://github.com/acme/app'}
  await writeFile(eventFile, JSON.stringify({...payload, repository}))
  await writeFile(path.join(workspace.path, 'package.json'), '{"version": "1.4.0"}')
  const {plan} = await prepare(
    fakeIo({
      environment: {
        GITHUB_SHA: '860c1904a1ce19322e91ac35af1ab07466440c37',
        GITHUB_REPOSITORY: 'acme/app',
        GITHUB_RUN_NUMBER: '42',
        GITHUB_WORKSPACE: workspace.path,
        GITHUB_EVENT_PATH: eventFile,
        ...variables,
      },
      inputs: inputsOf({images: 'user/image', 'dry-run': 'true', ...given}),
    }),
  )
  if (plan.skip !== undefined) return []
  return plan.tags.map(({reference}) => formatTagRef(reference).replace(/^user\/image:/, ''))
}

describe('docs/tags.md', () => {
  test.each(examples())('$name', async (example) => {
    expect(await tagsOf(example)).toEqual(example.tags.map((tag) => tag.replace(/^docker\.io\//, '')))
  })

  test('has a table for every example', () => {
    const blocks = read('docs/tags.md').match(/```yaml/g)
    expect(new Set(examples().map(({name}) => name.split(':')[0])).size).toBe(blocks?.length)
  })
})

/** Results of expressions for inputs that do not accept every text. */
const values: Readonly<Record<string, string>> = {
  digests: `sha256:${'0'.repeat(64)}`,
  // A key, which the user name _json_key requires.
  password: JSON.stringify(googleKeyFile),
  platforms: 'linux/amd64',
  push: 'true',
}

/** Inputs as the runner evaluates them. */
function evaluated(given: With): With {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{\{.*?\}\}/g, values[name] ?? 'x'),
    ]),
  )
}

interface CallableWorkflow {
  readonly on: {readonly workflow_call: Readonly<Record<'inputs' | 'secrets', object>>}
}

/** Inputs of the reusable workflow that are inputs of an action under the same name. */
function takenByWorkflow(given: With): With {
  const {inputs, secrets} = (parse(read('.github/workflows/publish.yml')) as CallableWorkflow).on.workflow_call
  const known = Object.keys({...inputs, ...secrets})
  expect(Object.keys(given).filter((name) => !known.includes(name))).toEqual([])
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== 'platforms' && isInputName(name)))
}

describe('the link in a message', () => {
  const headings = [...read('docs/errors.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)

  test.each(Object.keys(allCauses))('to %s has a section with an example', (code) => {
    expect(headings).toContain(code)
    expect(read('docs/errors.md')).toContain(
      `\nSee https://github.com/tagboat/tagboat/blob/main/docs/errors.md#${code}\n`,
    )
  })
})

describe('the examples of docs/inputs.md', () => {
  const sections = [
    ...read('docs/inputs.md').matchAll(/^### `([\w-]+)`\n(?:(?!^###? )[^\n]*\n)*?```yaml\n(.*?)^```/gms),
  ]

  test.each(sections.map(([, name = '', text = '']) => ({name, given: parse(text) as With})))(
    '$name',
    async ({name, given}) => {
      expect(Object.keys(given)).toContain(name)
      const action = actionNames.find((one) => isInputName(name) && hasInput(one, name))
      const problems = new Problems()
      const {image} = await readInputs(inputsOf(evaluated(given)), problems, action)
      parseRules(image.tags, {origin: 'tags', readCalver}, problems)
      expect(problems.all).toEqual([])
    },
  )

  test('are found', () => {
    expect(sections.length).toBe(read('docs/inputs.md').match(/^```yaml$/gm)?.length)
    expect(sections.length).toBeGreaterThan(20)
  })
})

describe.each(pagesWithSteps)('the examples of $file', ({file, atLeast}) => {
  const found = usesIn(file)

  test.each(
    found.map(({of, given, secrets}) => ({name: Object.keys(given).join(', '), of, given: {...given, ...secrets}})),
  )('$of: with $name are accepted', async ({of, given}) => {
    const problems = new Problems()
    const taken = evaluated(of === 'workflow' ? takenByWorkflow(given) : given)
    const {image} = await readInputs(inputsOf(taken), problems, of === 'workflow' ? 'publish' : of)
    parseRules(image.tags, {origin: 'tags', readCalver}, problems)
    expect(problems.all.map(formatProblem)).toEqual([])
  })

  test('are found', () => {
    expect(found.length).toBeGreaterThanOrEqual(atLeast)
  })
})

/** Every Markdown file of the repository. */
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: path.join(import.meta.dirname, '..'),
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => !file.startsWith('__tests__/') && existsSync(path.join(import.meta.dirname, '..', file)))

test('the examples of every page are checked', () => {
  // The job summaries in docs/images are output of the action, for Compose and Kubernetes.
  const withYaml = pages.filter((file) => !file.startsWith('docs/images/') && /^ *```(?:yaml|diff)$/m.test(read(file)))
  // The examples of these two have tests of their own.
  const checked = [...pagesWithSteps.map(({file}) => file), 'docs/inputs.md', 'docs/tags.md']
  expect(withYaml.toSorted()).toEqual(checked.toSorted())
})

/** Targets of links and pictures: `[text](target)`, `[label]: target`, `src="target"`, `srcset="target"`. */
function linksIn(file: string): readonly string[] {
  const prose = read(file)
    .replaceAll(/^( *)(```+)[^]*?^\1\2$/gm, '')
    .replaceAll(/`[^`\n]+`/g, (code) => (code.includes('](') ? '' : code))
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    ...[...prose.matchAll(/^\[[^\]^]+\]: (\S+)/gm)].map(([, target = '']) => target),
    ...[...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)].map(([, target = '']) => target),
  ]
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsIn(file: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const text = read(file).replaceAll(/^( *)(```+)[^]*?^\1\2$/gm, '')
  const headings = [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  const ids = [...text.matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)
  return new Set([...headings, ...ids])
}

describe.each(pages)('the links of %s', (file) => {
  test('point to files and headings that exist', () => {
    const broken = linksIn(file).filter((target) => {
      if (/^(https?|mailto):/.test(target)) return false
      const [address = '', anchor] = target.split('#')
      const linked = address === '' ? file : path.join(path.dirname(file), address)
      if (!existsSync(path.join(import.meta.dirname, '..', linked))) return true
      return anchor !== undefined && linked.endsWith('.md') && !anchorsIn(linked).has(anchor)
    })
    expect(broken).toEqual([])
  })
})

test('links are found, and anchors as GitHub makes them', () => {
  expect(pages).toContain('docs/README.md')
  expect(linksIn('README.md')).toContain('docs/publishing.md#the-commit')
  expect(anchorsIn('docs/builders.md')).toContain('loading-the-image-load-true')
})

test('the files that docs/architecture.md names exist', () => {
  const files = execFileSync(
    'git',
    ['ls-files', 'src', 'scripts', 'testing', '__tests__', '.github', 'playground', 'site'],
    {
      cwd: path.join(import.meta.dirname, '..'),
      encoding: 'utf8',
    },
  ).split('\n')
  const named = [...read('docs/architecture.md').matchAll(/`([\w./*-]+\.ts)`/g)].map(([, file = '']) => file)
  const missing = named.filter((file) => {
    const pattern = new RegExp(`(?:^|/)${file.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`)
    return !files.some((known) => pattern.test(known))
  })
  expect(named.length).toBeGreaterThan(40)
  expect(missing).toEqual([])
})

describe('messages that a page quotes', () => {
  test.each([
    {
      page: 'docs/builders.md',
      message: formatReason({code: 'builder-suits', needs: [{code: 'several-platforms', count: 2}, {code: 'staging'}]}),
    },
    {
      page: 'docs/builders.md',
      message: formatReason({
        code: 'builder-lacks',
        name: 'default',
        driver: 'docker',
        lacks: [{code: 'several-platforms'}],
      }),
    },
    {page: 'docs/troubleshooting.md', message: formatReason({code: 'other-event', wanted: 'tag'})},
    {page: 'docs/troubleshooting.md', message: formatReason({code: 'empty-attribute', attribute: 'value'})},
  ])('$page: $message', ({page, message}) => {
    expect(read(page).replaceAll(/\s+/g, ' ')).toContain(message)
  })
})

test('every secret in an example of registry-auth is written as JSON, of which YAML keeps every character', () => {
  const pages = [
    'README.md',
    ...['docs', 'docs/registries'].flatMap((folder) =>
      readdirSync(path.join(import.meta.dirname, '..', folder)).map((name) => `${folder}/${name}`),
    ),
  ]
  const lists = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => [...read(page).matchAll(/registry-auth: \|\n(.*?)```/gs)].map(([, list = '']) => list))
  const secrets = lists.flatMap((list) => list.match(/^[+ ]*password: .*$/gm) ?? [])
  expect(secrets.length).toBeGreaterThan(7)
  expect(secrets.filter((line) => !line.includes('${{ toJSON('))).toEqual([])
})
