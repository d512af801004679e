import type {Io} from '../../io/io.ts'

/** Selects the references that a run with this marker can have created, from the state that the run saved. */
export function imagesOfRun(saved: string, marker: string): readonly string[] {
  if (marker === '') return []
  return saved.split(' ').filter((reference) => {
    const [, mark] = imageName.exec(reference) ?? []
    return mark === marker
  })
}

const imageName = /^[a-z0-9[][a-z0-9._:/[\]-]*:tagboat-test-([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?:-[\w.-]+)?$/

/**
 * Removes names of images from the engine, also if a container uses the image; other names of it stay. Cancellation does
 * not stop it.
 * @returns a line for each name that could not be removed.
 */
export async function removeTestImages(
  references: readonly string[],
  env: Readonly<Record<string, string>>,
  {lasting}: Pick<Io, 'lasting'>,
): Promise<readonly string[]> {
  if (references.length === 0) return []
  const {exitCode, stderr} = await lasting({file: 'docker', args: ['image', 'rm', '--force', ...references], env})
  if (exitCode === 0) return []
  return stderr.split('\n').filter((line) => line.trim() !== '' && !/no such image/i.test(line))
}
