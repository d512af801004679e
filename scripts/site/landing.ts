/** Two examples of the README with the number of their lines. */
export interface Comparison {
  readonly before: string
  readonly after: string
  readonly beforeLines: number
  readonly afterLines: number
}

/** Finds the workflow of the Docker actions and that of Tagboat in the README, so that the landing page shows the same. */
export function comparison(readme: string): Comparison {
  const section = readme.slice(readme.indexOf('## Before and after'), readme.indexOf('## What happens on each event'))
  const [before, after] = [...section.matchAll(/```yaml\n(.*?)\n```/gs)].map(([, text = '']) => text)
  if (before === undefined || after === undefined) throw new Error('README.md has no examples before and after')
  const count = (text: string): number => text.split('\n').length
  return {before, after, beforeLines: count(before), afterLines: count(after)}
}
