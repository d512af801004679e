/**
 * Records what docker/metadata-action gives for the workflows of the corpus:
 * `node scripts/record-metadata.ts VERSION BUNDLE`, with the `dist/index.cjs` of that version.
 */
import {writeFileSync} from 'node:fs'
import path from 'node:path'
import {corpus, corpusEvent, corpusFolder, type Expected, type ExpectedRun} from '../testing/workflow-corpus/corpus.ts'
import {metadataAction} from '../testing/workflow-corpus/metadata-action.ts'
import {runWorkflow} from '../testing/workflow-corpus/workflow-run.ts'

async function main(): Promise<void> {
  const [version, bundle, ...names] = process.argv.slice(2)
  if (version === undefined || bundle === undefined) {
    console.error('Usage: node scripts/record-metadata.ts VERSION BUNDLE [WORKFLOW…]')
    process.exitCode = 2
    return
  }
  await using action = await metadataAction(path.resolve(bundle))
  for (const {name, text, about} of corpus()) {
    if (names.length > 0 && !names.includes(name)) continue
    const events: Record<string, ExpectedRun> = {}
    for (const id of about.events)
      events[id] = await runWorkflow({text, about, event: corpusEvent(id, about), actions: {metadata: action.run}})
    const recorded: Expected = {recordedWith: `docker/metadata-action ${version}`, events}
    writeFileSync(path.join(corpusFolder, name, 'expected.json'), `${JSON.stringify(recorded, null, 2)}\n`)
  }
}

await main()
