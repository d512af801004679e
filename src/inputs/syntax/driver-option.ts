/** Buildx reads each as comma-separated `key=value`; quotes may stand around it. */
export function isDriverOption(text: string): boolean {
  return /^"?[^=,"\s]+=/.test(text)
}

export const notAnOption = 'this is no option of the form key=value'
export const optionRemedy = 'Write key=value, such as network=host.'
