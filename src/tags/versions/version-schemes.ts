import type {SchemeName} from '../tag-role.ts'
import {calverScheme} from './calver-scheme.ts'
import {numericScheme} from './numeric-scheme.ts'
import {pep440Scheme} from './pep440.ts'
import {semverScheme} from './semver.ts'
import type {VersionScheme} from './version-scheme.ts'

/** Version schemes by name. */
export const versionSchemes: Readonly<Record<SchemeName, VersionScheme>> = {
  semver: semverScheme,
  pep440: pep440Scheme,
  calver: calverScheme,
  numeric: numericScheme,
}
