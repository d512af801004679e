/** Default seed of the properties and of the chaos rounds. */
const fixedSeed = 20_261_129

/** Number of rounds of a costly test: `count` by default. `TAGBOAT_TEST_FACTOR` multiplies it; `.ci/run` sets 10. */
export function times(count: number): number {
  return Math.ceil(count * numberFrom('TAGBOAT_TEST_FACTOR', 1))
}

/** Seed of this run of the suite: a fixed seed by default, or that of `TAGBOAT_TEST_SEED`, which may be `random`. */
export function testSeed(): number {
  const isRandom = process.env['TAGBOAT_TEST_SEED'] === 'random'
  return isRandom ? Math.floor(Math.random() * 2 ** 31) : numberFrom('TAGBOAT_TEST_SEED', fixedSeed)
}

function numberFrom(name: string, usual: number): number {
  const text = process.env[name] ?? ''
  const number = text === '' ? usual : Number(text)
  if (!Number.isFinite(number)) throw new Error(`${name} is not a number: ${text}`)
  return number
}
