import type {JobModel} from '../job-model.ts'
import type {JobPlan} from '../plan-job.ts'
import type {Remarks} from '../remark-list.ts'
import type {Lines} from '../text/lines.ts'

/** Notes the comments of changed steps that the result does not have. Versions behind `uses` are not among them. */
export function droppedComments(
  {workflow}: JobModel,
  {removed, rewrites}: JobPlan,
  {lines, result, remarks}: {readonly lines: Lines; readonly result: string; readonly remarks: Remarks},
): void {
  const steps = [...removed, ...rewrites.map(({step}) => step)]
  const kept = new Set(result.split('\n').flatMap((line) => commentOf(line) ?? []))
  for (const {source} of steps) {
    const {lead, body} = source.block
    for (let at = lead.from; at < body.to; at += 1) {
      const line = lines.line(at)
      const comment = commentOf(line)
      if (comment === undefined || kept.has(comment)) continue
      if (/^\s*(?:-\s+)?["']?uses\b/.test(line) && isVersion(comment)) continue
      const start = lines.startOf(at) + line.indexOf(comment)
      const place = {
        start,
        end: Math.min(start + comment.length, workflow.text.length),
        line: at + 1,
        column: line.indexOf(comment) + 1,
      }
      remarks.note('comment-dropped', place, `the comment \`${comment}\` of a changed step is gone`)
    }
  }
}

/** Reports whether a comment only names the version of an action: `# v5.1.0`, `# pin@v4`, `# tag=v3`. */
function isVersion(comment: string): boolean {
  const text = comment.slice(1).trim()
  return /^(?:(?:version|tag|pin|release):? )?(?:[\w./-]{1,80}[@=:]){0,2}v?\d[\w.+-]*$/i.test(text)
}

/** Comment of a line, from its hash. Text in quotes and expressions has none. */
function commentOf(line: string): string | undefined {
  const bare = line.replaceAll(/"[^"]*"|'[^']*'|\$\{\{.*?\}\}/g, (found) => 'x'.repeat(found.length))
  const at = bare.search(/(?:^|\s)#/)
  return at === -1 ? undefined : line.slice(at).trim()
}
