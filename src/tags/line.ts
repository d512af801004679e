/** How versions of a line are compared. */
export type VersionScheme = 'semver' | 'pep440' | 'calver'

/** What a tag promises, and so how it may change. It follows from the rule that gave the tag. */
export type TagLine =
  /** Exact: this full version, for ever. */
  | {readonly kind: 'release'; readonly scheme: VersionScheme; readonly version: string}
  /** Exact: this commit, for ever. */
  | {readonly kind: 'commit'}
  /**
   * Floating: the highest version of a line. Exact tags of the line are `prefix`, a version, `suffix`; `minor`: those
   * with the same major and minor number; `major`: with the same major number; `all`: every stable version (`latest`).
   */
  | {
      readonly kind: 'version'
      readonly scheme: VersionScheme
      readonly version: string
      readonly level: 'all' | 'major' | 'minor'
      readonly prefix: string
      readonly suffix: string
    }
  /** Floating: the newest commit of what the tag is named after (a branch, `edge`, `nightly`, `pr-12`). */
  | {readonly kind: 'newest'}

export type VersionLine = Extract<TagLine, {kind: 'version'}>

/** `exact` names one content for ever, `floating` is expected to move. */
export type TagKind = 'exact' | 'floating'

export function kindOfLine({kind}: TagLine): TagKind {
  return kind === 'release' || kind === 'commit' ? 'exact' : 'floating'
}

/** What a rule's text promises, before anything stands around it. */
export type TextLine =
  | Exclude<TagLine, {kind: 'version'}>
  /** `number` is the part of the text that names the line: `1.2` of `v1.2`. */
  | (Pick<VersionLine, 'kind' | 'scheme' | 'version' | 'level'> & {readonly number: string})

/** A rule's text and what stands around it. */
export interface PlacedText {
  readonly prefix: string
  readonly text: string
  readonly suffix: string
}

/** The line of a whole tag. What is written around the number of a floating version stands around the exact ones too. */
export function placeLine(line: TextLine, {prefix, text, suffix}: PlacedText): TagLine {
  if (line.kind !== 'version') return line
  const {number, ...rest} = line
  const start = number === '' ? -1 : text.indexOf(number)
  const [before, after] = start === -1 ? ['', ''] : [text.slice(0, start), text.slice(start + number.length)]
  return {...rest, prefix: asInTag(`${prefix}${before}`), suffix: asInTag(`${after}${suffix}`)}
}

/** `latest` of a rule's version: the highest of all exact tags that look like the rule's own. */
export function latestLine(line: TextLine, {prefix, suffix}: PlacedText): TagLine {
  if (line.kind !== 'release' && line.kind !== 'version') return {kind: 'newest'}
  const {scheme, version} = line
  return {kind: 'version', scheme, version, level: 'all', prefix: asInTag(prefix), suffix: asInTag(suffix)}
}

/** The line when variant and environment are added to the tag. */
export function endLine(line: TagLine, ending: string): TagLine {
  return line.kind === 'version' ? {...line, suffix: `${line.suffix}${ending}`} : line
}

function asInTag(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-')
}
