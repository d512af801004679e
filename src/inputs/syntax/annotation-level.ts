import {baseLevels, platformLevels, type AnnotationLevel} from '../../oci/annotation-level.ts'
import {formatPlatform, parsePlatform} from '../../oci/platform.ts'
import {suggestion} from './nearest.ts'

type ParsedLevel =
  | {readonly ok: true; readonly level: AnnotationLevel}
  | {readonly ok: false; readonly message: string; readonly remedy: string}

/** Parses `index` or `manifest[linux/amd64]`: https://docs.docker.com/reference/cli/docker/buildx/build/#annotation */
export function parseLevel(text: string): ParsedLevel {
  const [, name = text, platformText] = /^([^[]*)\[(.*)\]$/.exec(text) ?? []
  const base = baseLevels.find((known) => known === name)
  if (base === undefined) return {ok: false, message: `unknown level "${name}"`, remedy: suggestion(name, baseLevels)}
  if (platformText === undefined) return {ok: true, level: base}
  const ofPlatform = platformLevels.find((known) => known === base)
  if (ofPlatform === undefined) {
    return {ok: false, message: `an index has no platform ("${text}")`, remedy: `Write ${base} without a platform.`}
  }
  const platform = parsePlatform(platformText)
  if (platform !== undefined) return {ok: true, level: `${ofPlatform}[${formatPlatform(platform)}]`}
  const remedy = `Write os/architecture, such as ${ofPlatform}[linux/amd64].`
  return {ok: false, message: `"${platformText}" is not a platform`, remedy}
}
