import {platformNames, type Builder} from '../../buildx/inspect.ts'
import {TagboatError, type ErrorDetails} from '../../errors/error.ts'
import type {ErrorCode} from '../../errors/causes.ts'
import type {Platform} from '../../oci/platform.ts'
import {architecturesOf} from './foreign-platforms.ts'

/** Reason why a builder cannot run a platform, and its remedy. */
export interface GapReason extends Pick<ErrorDetails, 'evidence' | 'remedy'> {
  /** Default: `platform-missing`. */
  readonly code?: ErrorCode
}

/**
 * Error for a build step on a platform that the builder cannot run; undefined if no platform is missing. The error is
 * not thrown before such a step fails, because a cross-compiled platform needs none.
 */
export function platformGap(
  {name, platforms}: Pick<Builder, 'name' | 'platforms'>,
  missing: readonly Platform[],
  {code = 'platform-missing', evidence = [], remedy}: GapReason,
): TagboatError | undefined {
  if (missing.length === 0) return undefined
  return new TagboatError(code, {
    message: `The builder "${name}" cannot run ${platformNames(missing)}.`,
    evidence: [`platforms of the builder: ${platformNames(platforms)}`, ...evidence],
    ...(remedy === undefined ? {} : {remedy}),
  })
}

/** Reason for platforms without an emulator. */
export function noEmulator(platforms: readonly Platform[]): GapReason {
  return {
    evidence: [`there is no emulator for ${platformNames(platforms)}`],
    remedy: `Compile for it on the platform of the builder (${crossRemedy}), correct \`platforms\`, or add a native node for the platform (\`append\`).`,
  }
}

/** Reason for a builder whose machine Tagboat cannot install emulators on. */
export function outOfReach(
  {driver, nodes}: Pick<Builder, 'driver'> & {readonly nodes: readonly {readonly endpoint: string}[]},
  missing: readonly Platform[],
): GapReason {
  const places = nodes.map(({endpoint}) => endpoint).join(', ')
  const command = `docker run --rm --privileged tonistiigi/binfmt --install ${architecturesOf(missing).join(',')}`
  const install =
    driver === 'kubernetes'
      ? 'set `driver-opts: qemu.install=true`, which installs emulators on the machine of the pod'
      : `run \`${command}\` on the machine of the builder`
  return {
    evidence: [`emulators can be installed on Docker engines only; this builder (driver ${driver}) is at ${places}`],
    remedy: `Add a native node for the platform (\`append\`), ${install}, cross-compile (${crossRemedy}), or remove the platform from \`platforms\`.`,
  }
}

/**
 * Reason for emulators that did not help. The installer cannot replace an emulator that is already registered, such as
 * that of a distribution, which works in no container if it was registered without the flag F
 * (https://docs.kernel.org/admin-guide/binfmt-misc.html).
 */
export function withoutEffect(lines: readonly string[]): GapReason {
  const names = lines.flatMap((line) => /(?<!\S)(\S+) already registered$/.exec(line)?.[1] ?? [])
  if (names.length === 0) return {evidence: lines}
  const command = `docker run --rm --privileged tonistiigi/binfmt --uninstall ${names.join(',')}`
  return {
    evidence: [...lines, ...names.map((name) => `/proc/sys/fs/binfmt_misc/${name} was registered before this run`)],
    remedy: `Remove the emulator that is registered on this machine, which does not work in containers (\`${command}\`), and run the job again. The package that registered it may do so again at the next boot: remove the package (qemu-user, qemu-user-binfmt), or install its static variant.`,
  }
}

const crossRemedy = '`FROM --platform=$BUILDPLATFORM`'
