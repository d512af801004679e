import {formatBytes} from '../oci/byte-size.ts'

/** Interval of the lines about a transfer, as in the output of a build. */
const intervalMs = 5_000

/** Returns a function that counts uploaded bytes, and writes a log line every five seconds while an upload lasts. */
export function transferLog(write: (line: string) => void, now: () => Date): (bytes: number) => void {
  let sent = 0
  let last: number | undefined
  return (bytes) => {
    const time = now().getTime()
    sent += bytes
    last ??= time
    if (time - last < intervalMs) return
    last = time
    write(`Pushing: ${formatBytes(sent)} sent`)
  }
}
