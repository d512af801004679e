/**
 * Maximum time until a cancelled step has ended, in milliseconds. The runner allows 7.5 s. A machine that also compiles and
 * runs other tests takes longer for the same work, so the tests allow more: what they interrupt takes a minute, or never
 * ends.
 */
export const promptEndMs = 20_000
