/** The bytes as JSON; undefined when they are none. What is in it is for the caller to check. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}
