import {readFile, writeFile} from 'node:fs/promises'
import {format} from 'prettier'
import {catalogue} from '../src/errors/catalogue.ts'
import {
  actionNames,
  hasInput,
  inputGroups,
  inputNames,
  isInputName,
  specOf,
  type ActionName,
  type InputName,
} from '../src/inputs/spec/spec.ts'
import type {InputForm, InputSpec} from '../src/inputs/spec/spec-row.ts'
import {hasOutput, outputSpecs} from '../src/report/output-spec.ts'

/**
 * Writes what follows from tables in the source: the inputs and outputs of each `action.yml` and of `docs/inputs.md`
 * between their markers, the most common inputs in `README.md`, and the whole of `docs/errors.md`. Paths are relative to
 * the working directory.
 * `--check` writes nothing, names every file that is not current, and exits 1 if there is one.
 */
async function main(): Promise<void> {
  const check = process.argv.includes('--check')
  const stale: string[] = []
  for (const [path, render] of Object.entries(await renderers())) {
    const current = await readFile(path, 'utf8').catch(() => '')
    const wanted = render(current, path)
    if (wanted === current) continue
    stale.push(path)
    if (!check) await writeFile(path, wanted)
  }
  for (const path of stale) console.log(`${path}: ${check ? 'not current; run node scripts/generate.ts' : 'written'}`)
  if (check && stale.length > 0) process.exitCode = 1
}

type Render = (current: string, path: string) => string

async function renderers(): Promise<Readonly<Record<string, Render>>> {
  const documentation = {inputs: await pretty(inputTables()), outputs: await pretty(outputTable())}
  const errors = await pretty(errorPage())
  const metadata = await Promise.all(
    actionNames.map(async (action): Promise<[string, Render]> => {
      const sections = {
        inputs: await prettyYaml(actionInputs(action)),
        outputs: await prettyYaml(actionOutputs(action)),
      }
      return [action === 'publish' ? 'action.yml' : `${action}/action.yml`, inMarkers(sections, '#')]
    }),
  )
  return {
    ...Object.fromEntries(metadata),
    'README.md': inMarkers({inputs: await pretty(commonInputList())}, '<!--'),
    'docs/inputs.md': inMarkers(documentation, '<!--'),
    'docs/errors.md': () => errors,
  }
}

/** Replaces what stands between `<!-- inputs:start -->` and `<!-- inputs:end -->`, and so on; in YAML, `# inputs:start`. */
function inMarkers(sections: Readonly<Record<string, string>>, comment: '#' | '<!--'): Render {
  return (current, path) => {
    let text = current
    for (const [name, content] of Object.entries(sections)) {
      const [start, end] = ['start', 'end'].map((edge) => `${comment} ${name}:${edge}${comment === '#' ? '' : ' -->'}`)
      const from = text.indexOf(start ?? '')
      const to = text.indexOf(end ?? '')
      if (from === -1 || to < from) throw new Error(`${path} has no markers ${start ?? ''} and ${end ?? ''}`)
      const blank = comment === '#' ? '' : '\n'
      text = `${text.slice(0, from)}${start ?? ''}\n${blank}${content}${blank}${text.slice(to)}`
    }
    return text
  }
}

function actionInputs(action: ActionName): string {
  const rows = inputNames(action).map((name) => {
    const spec = specOf(name)
    const given = spec.default === undefined ? '' : `\n    default: ${quote(spec.default)}`
    return `  ${name}:\n    description: ${quote(spec.description)}\n    required: false${given}\n`
  })
  return `inputs:\n${rows.join('')}`
}

function actionOutputs(action: ActionName): string {
  const rows = Object.entries(outputSpecs)
    .filter(([name]) => hasOutput(action, name))
    .map(([name, text]) => `  ${name}:\n    description: ${quote(text)}\n`)
  return `outputs:\n${rows.join('')}`
}

function inputTables(): string {
  return Object.entries<Readonly<Record<string, InputSpec>>>(inputGroups)
    .map(([title, specs]) => {
      const rows = Object.entries(specs).map(([name, spec]) => [
        code(name),
        formNames[spec.form],
        spec.default === undefined ? '' : code(spec.default),
        `${spec.description}${onlyFor(name)}`,
      ])
      return `### ${title}\n\n${table(['Input', 'Format', 'Default', 'Meaning'], rows)}\n`
    })
    .join('\n')
}

/** The inputs that the README names, in its order. */
const commonInputs: readonly InputName[] = [
  'images',
  'tags',
  'platforms',
  'context',
  'file',
  'build-args',
  'secrets',
  'registry-auth',
  'cache',
  'test',
]

function commonInputList(): string {
  return commonInputs.map((name) => `- ${code(name)}: ${specOf(name).description}`).join('\n')
}

function onlyFor(name: string): string {
  return isInputName(name) && !hasInput('publish', name) ? ' Of `tagboat/promote` alone.' : ''
}

const formNames: Readonly<Record<InputForm, string>> = {
  text: 'text',
  verbatim: 'text',
  boolean: 'true or false',
  choice: 'one word',
  integer: 'number',
  yaml: 'YAML',
  lines: 'list',
  'plain-lines': 'list',
  items: 'list, commas too',
  pairs: 'list of pairs',
  'pair-items': 'list of pairs, commas too',
}

function outputTable(): string {
  const rows = Object.entries(outputSpecs).map(([name, text]) => [code(name), text])
  return table(['Output', 'Meaning'], rows)
}

function errorPage(): string {
  const entries = Object.entries(catalogue).map(
    ([name, {cause, remedy}]) => `## ${name}\n\n${cause}\n\n**What to do:** ${remedy}\n`,
  )
  const intro =
    'Every failure that Tagboat knows by name. The name stands in brackets behind the message in the log, with what was seen and what to do.'
  return `# Errors\n\n<!-- Generated by scripts/generate.ts from src/errors/catalogue.ts. -->\n\n${intro}\n\n${entries.join('\n')}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  )
  return lines.join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function pretty(markdown: string): Promise<string> {
  return format(markdown, {parser: 'markdown', printWidth: 120, proseWrap: 'always'})
}

async function prettyYaml(yaml: string): Promise<string> {
  return format(yaml, {parser: 'yaml', singleQuote: true, printWidth: 120})
}

await main()
