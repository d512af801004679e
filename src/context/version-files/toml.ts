import {brokenFile, type NoVersion} from './version-result.ts'

/** Parses a TOML file (https://toml.io). The parser is loaded with the first one. */
export async function parseToml(
  file: string,
  text: string,
): Promise<{readonly ok: true; readonly document: unknown} | NoVersion> {
  const {parse} = await import('smol-toml')
  try {
    return {ok: true, document: parse(text, {integersAsBigInt: 'asNeeded'})}
  } catch (error) {
    return brokenFile(file, 'TOML', error)
  }
}
