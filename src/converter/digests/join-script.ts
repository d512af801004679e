/** Script that joins the images of a directory of digests under tags. */
export interface JoinScript {
  /** Tags that the script names itself; none if they come from the metadata of the job. */
  readonly tags: readonly string[]
  /** Directory that the script changes to. */
  readonly directory: string | undefined
}

const jqTags = String.raw`\$\(\s*(?:echo\s+"?(?:\$\{?DOCKER_METADATA_OUTPUT_JSON\}?|\$\{\{[^}]*\.json\s*\}\})"?\s*\|\s*)?jq\s+-\w+\s+'(?<filter>[^']*)'\s*(?:<<<\s*"?'?(?:\$\{?DOCKER_METADATA_OUTPUT_JSON\}?|\$\{\{[^}]*\.json\s*\}\})'?"?\s*)?\)`
const writtenTags = String.raw`(?:(?:-t|--tag)[ =]["']?(?:\$\{\{[^}]*\}\}|[^\s"'$])+["']?\s*)+`
const images = String.raw`\$\(\s*printf\s+(?<quote>["'])[^"']+@sha256:%s (?:\k<quote>)\s+\*\s*\)`
const create = new RegExp(
  String.raw`^docker buildx imagetools create\s+(?:(?<jq>${jqTags})|(?<tags>${writtenTags}))\s*${images}$`,
)
const inspect = /^docker buildx imagetools inspect\s+\S.*$/

/** Reads a script that joins digests. Undefined if it does anything else. */
export function readJoinScript(script: string): JoinScript | undefined {
  const commands = commandsOf(script)
  const directory = commands.flatMap(
    (command) => /^cd\s+["']?(?<path>[^"']+?)["']?$/.exec(command)?.groups?.['path'] ?? [],
  )[0]
  const rest = commands.filter((command) => !/^(?:cd|set)\s/.test(command) && !inspect.test(command))
  const matches = rest.map((command) => create.exec(command)?.groups)
  if (matches.length === 0 || matches.some((groups) => groups === undefined)) return undefined
  const isFiltered = matches.some(
    (groups) =>
      groups?.['filter'] !== undefined &&
      !/^\s*\.tags\s*\|\s*map\(\s*"-t "\s*\+\s*\.\s*\)\s*\|\s*join\(\s*" "\s*\)\s*$/.test(groups['filter']),
  )
  if (isFiltered) return undefined
  const tags = matches.flatMap((groups) => tagsOf(groups?.['tags'] ?? ''))
  const fromMetadata = matches.some((groups) => groups?.['jq'] !== undefined)
  return fromMetadata && tags.length > 0 ? undefined : {tags, directory}
}

/** Reports whether a script only shows an image. */
export function onlyInspects(script: string): boolean {
  const commands = commandsOf(script)
  return commands.length > 0 && commands.every((command) => inspect.test(command))
}

/** Reports whether a script joins images at all. */
export function joinsImages(script: string): boolean {
  return /\b(?:imagetools\s+create|docker\s+manifest\s+(?:create|push))\b/.test(script)
}

function tagsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:-t|--tag)[ =]["']?((?:\$\{\{[^}]*\}\}|[^\s"'$])+)/g)].map(([, tag = '']) => tag)
}

/** Commands of a script, without comments and line continuations. */
function commandsOf(script: string): readonly string[] {
  return script
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '' && !line.startsWith('#'))
}
