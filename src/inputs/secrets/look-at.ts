/** Function that returns the type of a file, or undefined if it does not exist. */
export type LookAt = (file: string) => Promise<'file' | 'directory' | 'other' | undefined>
