import {readFile, writeFile} from 'node:fs/promises'
import {format} from 'prettier'
import {actionNames} from '../src/inputs/spec/action-names.ts'
import {actionInputs, actionOutputs} from './documentation/action-metadata.ts'
import {conversionSections} from './documentation/conversions.ts'
import {errorsPage} from './documentation/errors-page.ts'
import {
  leftOutList,
  stepInputsBlock,
  workflowInputsBlock,
  workflowSecretsBlock,
} from './documentation/reusable-workflow.ts'
import {commonInputs, inputSections, outputSections} from './documentation/pages.ts'
import {inputsSchema} from './documentation/schema/inputs-schema.ts'
import {tagRules} from './documentation/schema/tag-rules.ts'
import {workflowFileSchema} from './documentation/schema/workflow-schema.ts'

/**
 * Writes what is derived from tables in the source: the inputs and outputs of each `action.yml`, of `docs/inputs.md` and
 * of `docs/outputs.md`, the most common inputs of `README.md` between their markers, the inputs of the reusable workflow
 * and those that it lacks, the constructs in `docs/migrating.md`, the schemas for editors, and the whole of `docs/errors.md`.
 * Paths are relative to the working directory. `--check` writes nothing, prints every file that is out of date, and exits
 * with code 1 if there is one.
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
  for (const path of stale) console.log(`${path}: ${check ? 'out of date; run node scripts/generate.ts' : 'written'}`)
  if (check && stale.length > 0) process.exitCode = 1
}

type Render = (current: string, path: string) => string

async function renderers(): Promise<Readonly<Record<string, Render>>> {
  const inputs = await pretty(inputSections())
  const outputs = await pretty(outputSections())
  const errors = await pretty(errorsPage())
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
    'README.md': inMarkers({inputs: await pretty(commonInputs())}, '<!--'),
    'docs/inputs.md': inMarkers({inputs}, '<!--'),
    'docs/outputs.md': inMarkers({outputs}, '<!--'),
    'docs/errors.md': () => errors,
    ...Object.fromEntries(await Promise.all(Object.entries(dataFiles).map(jsonFile))),
    'docs/distributed.md': inMarkers({'left-out': await pretty(leftOutList())}, '<!--'),
    'docs/migrating.md': inMarkers({conversions: await pretty(conversionSections())}, '<!--'),
    '.github/workflows/publish.yml': inMarkers(
      {
        inputs: workflowInputsBlock(),
        secrets: workflowSecretsBlock(),
        stage: stepInputsBlock('stage'),
        promote: stepInputsBlock('promote'),
      },
      '#',
    ),
  }
}

/** Files of data for editors, for the playground and for other programs. */
const dataFiles: Readonly<Record<string, () => object>> = {
  'docs/inputs.schema.json': inputsSchema,
  'docs/workflow.schema.json': workflowFileSchema,
  'docs/tag-rules.json': tagRules,
}

async function jsonFile([path, contentOf]: readonly [string, () => object]): Promise<[string, Render]> {
  const text = await format(JSON.stringify(contentOf()), {parser: 'json', printWidth: 120, bracketSpacing: false})
  return [path, () => text]
}

/** Replaces the text between `<!-- inputs:start -->` and `<!-- inputs:end -->`, or `# inputs:start` in YAML. */
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

async function pretty(markdown: string): Promise<string> {
  return format(markdown, {parser: 'markdown', singleQuote: true, printWidth: 120, proseWrap: 'always'})
}

async function prettyYaml(yaml: string): Promise<string> {
  return format(yaml, {parser: 'yaml', singleQuote: true, printWidth: 120})
}

await main()
