/** Levels that may name a platform. */
export const platformLevels = ['manifest', 'manifest-descriptor'] as const
type PlatformLevel = (typeof platformLevels)[number]

/** Levels without a platform. */
export const baseLevels = ['manifest', 'index', 'manifest-descriptor', 'index-descriptor'] as const
export type BaseLevel = (typeof baseLevels)[number]

/** Level of an annotation (docker buildx build --annotation), which may be for a single platform. */
export type AnnotationLevel = BaseLevel | `${PlatformLevel}[${string}]`

/** Level without its platform. */
export function baseLevel(level: AnnotationLevel): BaseLevel {
  const base = baseLevels.find((known) => level === known || level.startsWith(`${known}[`))
  if (base === undefined) throw new TypeError(`unknown level ${level}`)
  return base
}
