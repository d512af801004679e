/**
 * Maximum size of the outputs `metadata` and `plan`. Linux limits a variable to 128 KiB (execve(2), MAX_ARG_STRLEN), and
 * a later step may put both into one variable, as JSON in JSON: `toJSON(steps.image.outputs)`.
 */
export const maxOutputBytes = 40 * 1024

/** Output that fits, and the names of the fields that were left out. */
interface LimitedOutput {
  readonly text: string
  readonly omitted: readonly string[]
}

/** Limits build metadata: without white space if necessary, then without its largest fields, such as the provenance. */
export function limitMetadata(text: string): LimitedOutput {
  if (fits(text)) return {text, omitted: []}
  const value: unknown = JSON.parse(text)
  const fields: readonly (readonly [string, unknown])[] =
    typeof value === 'object' && value !== null ? Object.entries(value) : []
  const removable = fields
    .filter(([name]) => !isEssential(name))
    .map(([name, value]) => ({name, bytes: bytesOf(JSON.stringify(value))}))
    .sort((a, b) => b.bytes - a.bytes)
  for (let count = 0; count <= removable.length; count += 1) {
    const omitted = removable.slice(0, count).map(({name}) => name)
    const rest = JSON.stringify(Object.fromEntries(fields.filter(([name]) => !omitted.includes(name))))
    if (fits(rest)) return {text: rest, omitted}
  }
  return {text: '', omitted: fields.map(([name]) => name)}
}

/** Reports whether a field identifies the image or the build. */
function isEssential(name: string): boolean {
  return name.startsWith('containerimage.') || name === 'buildx.build.ref' || name === 'image.name'
}

/** Plan in the format of the output, with the lists that can be shortened. */
interface LongPlan {
  readonly tags: readonly object[]
  readonly skippedRules: readonly object[]
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/**
 * Limits the plan. Annotations and labels, which have their own outputs, are left out first, then the rules without a
 * tag, then the last tags. The field `omitted` names the lists that are not complete.
 */
export function limitPlan(plan: LongPlan): LimitedOutput {
  const whole = JSON.stringify(plan)
  if (fits(whole)) return {text: whole, omitted: []}
  const omitted: string[] = []
  let short: LongPlan = plan
  for (const name of ['annotations', 'labels', 'skippedRules'] as const) {
    omitted.push(name)
    short = {...short, [name]: []}
    const text = JSON.stringify({...short, omitted})
    if (fits(text)) return {text, omitted}
  }
  omitted.push('tags')
  return {text: withTagsThatFit(short, omitted), omitted}
}

function withTagsThatFit(plan: LongPlan, omitted: readonly string[]): string {
  const withTags = (count: number): string => JSON.stringify({...plan, tags: plan.tags.slice(0, count), omitted})
  let [low, high] = [0, plan.tags.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(withTags(middle))) low = middle
    else high = middle - 1
  }
  return withTags(low)
}

function fits(text: string): boolean {
  return bytesOf(text) <= maxOutputBytes
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
