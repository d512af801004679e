import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs for the scan of the image. */
export const scanSpecs = {
  scan: {form: 'lines', words: ['grype', 'trivy', 'snyk', 'scout']},
  'scan-fail-on': {form: 'choice', choices: ['high', 'critical', 'medium', 'low', 'none'], default: 'high'},
  'scan-ignore-unfixed': {form: 'boolean', default: 'true'},
  'scan-types': {form: 'items', words: ['os', 'library'], default: 'os,library'},
  'scan-only-new': {form: 'boolean', default: 'false'},
  'scan-baseline': {form: 'text'},
  'scan-ignore-file': {form: 'text'},
  'scan-vex': {form: 'plain-lines'},
  'scan-database': {form: 'plain-lines'},
  'scan-unavailable': {form: 'choice', choices: ['fail', 'warn'], default: 'fail'},
  'scan-scanner': {form: 'text'},
  'scan-report': {form: 'text'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `scanSpecs` for the documentation. */
export const scanTexts: Readonly<Record<keyof typeof scanSpecs, InputText>> = {
  scan: {
    description:
      'Scanners that look for vulnerabilities on every platform before a tag moves: `grype`, `trivy`, `snyk`, `scout`, or, on a line of its own, `run=` and a command that gets `$IMAGE` and writes SARIF to `$SCAN_OUTPUT`. See docs/scanning.md.',
  },
  'scan-fail-on': {
    description: 'Lowest severity that fails the scan. `none` only reports. An unknown severity counts as `low`.',
  },
  'scan-ignore-unfixed': {description: 'Whether vulnerabilities without a fix are reported but never fail the run.'},
  'scan-types': {
    description:
      'Types of packages that can fail the scan: `os` for those of the operating system, `library` for those of languages. The others are shown.',
  },
  'scan-only-new': {
    description: 'Whether only vulnerabilities that the baseline does not have can fail the scan.',
  },
  'scan-baseline': {
    description:
      'Image with which the findings are compared, as `name:tag` or `name@sha256:…`. Without `scan-only-new`, what is new is only marked.',
    fallback: 'with `scan-only-new`, the image that the first floating tag points to',
  },
  'scan-ignore-file': {
    description: 'Ignore file of Grype or Trivy.',
    fallback: '`.grype.yaml`, `.trivyignore.yaml` or `.trivyignore` in the workspace, if it exists',
  },
  'scan-vex': {description: 'OpenVEX documents for Grype or Trivy, as paths.'},
  'scan-database': {
    description:
      'Sources of the vulnerability database in order: addresses for Grype, repositories for Trivy, whose digest is checked if it is given. `local` does not update the database of this machine.',
    fallback: 'the public ones of the scanner',
  },
  'scan-unavailable': {
    description:
      'What happens if the scanner or its database cannot be fetched. `warn` publishes without a scan, with a warning.',
  },
  'scan-scanner': {
    description:
      'Program of Grype or Trivy: `path` for the one on the PATH, or a version and the SHA-256 of its release archive, as `0.116.1 sha256:…`.',
    fallback: 'on Linux, a release that Tagboat fetches and checks; else `path`',
  },
  'scan-report': {
    description:
      'Directory for `scan.sarif` and for the reports of the scanner about each platform. A relative path is relative to the workspace.',
  },
}
