import {csvField} from './output-entry.ts'

export const notAnOption = 'this is not an option of the form key=value'
export const optionRemedy = 'Write key=value, such as network=host.'

/**
 * Parses the driver options of a line and formats them as Buildx does, with quotes around an option that contains a comma.
 * A part without `=` belongs to the value before its comma: `env.no_proxy=localhost,127.0.0.1` is one option, and
 * `image=a,network=host` are two. Returns undefined for any other text.
 */
export function formatDriverOption(text: string): string | undefined {
  const fields = fieldsOf(text)
  const options: string[] = []
  for (const field of fields) {
    const last = options.at(-1)
    if (last === undefined ? !isOption(field) : continues(last, field)) {
      if (last === undefined) return undefined
      options[options.length - 1] = `${last},${field}`
    } else options.push(field)
  }
  return options.length === 0 ? undefined : options.map(csvField).join(',')
}

/** Fields separated by commas. A field or a value in double quotes may contain commas. */
function fieldsOf(text: string): readonly string[] {
  const pattern = /\s*(?:(?:"((?:[^"]|"")*)"|([^=,"\s]+=)"((?:[^"]|"")*)")\s*(?:,|$)|([^,]*)(?:,|$))/y
  const fields: string[] = []
  while (pattern.lastIndex < text.length) {
    const [, quoted, key = '', value = '', plain] = pattern.exec(text) ?? []
    const field = plain?.trimEnd() ?? (quoted ?? `${key}${value}`).replaceAll('""', '"')
    if (field !== '') fields.push(field)
  }
  return fields
}

function isOption(field: string): boolean {
  return /^[^=,"\s]+=/.test(field)
}

/** Options of the driver kubernetes whose value is a list of `key=value`. */
const listOptions = ['annotations', 'labels', 'nodeselector', 'tolerations']
/** Options that may follow such a list: https://docs.docker.com/build/builders/drivers/kubernetes/ */
const afterList =
  /^(?:image|namespace|default-load|replicas|(?:requests|limits)\.[a-z-]+|buildkit-root-volume-memory|annotations|labels|nodeselector|tolerations|serviceaccount|schedulername|timeout|rootless|loadbalance|qemu\.[a-z]+|env\.\w+)=/

/** Reports whether a field belongs to the value of the option before it. */
function continues(option: string, field: string): boolean {
  if (!isOption(field)) return true
  const [key = ''] = option.split('=', 1)
  return listOptions.includes(key) && !afterList.test(field)
}
