/** Who builds, as the first line of Buildx's plain progress says it. */
export interface BuilderName {
  readonly name: string
  readonly driver: string
}

/** `#0 building with "default" instance using docker driver`. Undefined when the output does not say. */
export function builderName(output: string): BuilderName | undefined {
  const match = /^#0 building with "([^"]+)" instance using (\S+) driver/m.exec(output)
  const [, name, driver] = match ?? []
  return name === undefined || driver === undefined ? undefined : {name, driver}
}
