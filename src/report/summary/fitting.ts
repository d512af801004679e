/** GitHub accepts 1 MiB from a step, and rejects a larger summary as a whole. */
const maxBytes = 1024 * 1024
const omitted = 'Parts that do not fit into a job summary are omitted here; the log has them.'

/** Parts of a summary that fit into it, in order; a last one says that others are missing. */
export function fitting(parts: readonly string[]): readonly string[] {
  const fits = (kept: readonly string[]): boolean => new TextEncoder().encode(kept.join('\n\n')).length < maxBytes
  if (fits(parts)) return parts
  return [
    ...parts.reduce<readonly string[]>((kept, part) => (fits([...kept, part, omitted]) ? [...kept, part] : kept), []),
    omitted,
  ]
}
