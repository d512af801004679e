import {describe, expect, test} from '@jest/globals'
import {scanningCauses as causes} from '../../../src/errors/causes/scanning.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {readGrype} from '../../../src/scanning/read-grype.ts'
import {readSarif} from '../../../src/scanning/read-sarif.ts'
import {readTrivy} from '../../../src/scanning/read-trivy.ts'
import {readReport} from '../../../src/scanning/require-scanned.ts'

const digest = digestOf(Buffer.from('manifest'))
const target = {platform: {os: 'linux', architecture: 'amd64'}, digest}

/** Report as Grype 0.121 writes it, with the fields that are read. */
const grype = {
  matches: [
    {
      vulnerability: {
        id: 'GHSA-jf85-cpcp-j695',
        dataSource: 'https://github.com/advisories/GHSA-jf85-cpcp-j695',
        severity: 'Critical',
        fix: {versions: ['4.17.12'], state: 'fixed'},
      },
      relatedVulnerabilities: [{id: 'CVE-2019-10744'}],
      artifact: {
        name: 'lodash',
        version: '4.17.11',
        type: 'npm',
        purl: 'pkg:npm/lodash@4.17.11',
        locations: [{path: '/app/package.json', layerID: 'sha256:aa'}],
      },
    },
  ],
  ignoredMatches: [
    {
      vulnerability: {id: 'CVE-2005-2541', severity: 'High', fix: {versions: [], state: 'wont-fix'}},
      artifact: {name: 'tar', version: '1.34', type: 'deb'},
      appliedIgnoreRules: [{vulnerability: 'CVE-2005-2541', reason: 'not reachable'}],
    },
  ],
  source: {type: 'image', target: {manifestDigest: digest, architecture: 'amd64', os: 'linux'}},
  descriptor: {
    name: 'grype',
    version: '0.121.2',
    db: {status: {built: '2026-11-29T04:00:00Z', from: 'https://grype.example/v6/db.tar.zst?checksum=sha256%3Aab12'}},
  },
}

/** Report as Trivy 0.74 writes it, with the fields that are read. */
const trivy = {
  SchemaVersion: 2,
  Trivy: {Version: '0.74.0'},
  ArtifactType: 'container_image',
  Metadata: {
    RepoDigests: [`127.0.0.1:4000/staged@${digest}`],
    ImageConfig: {os: 'linux', architecture: 'amd64'},
  },
  Results: [
    {
      Target: 'staged (debian 12.8)',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2024-5535',
          PkgName: 'openssl',
          PkgIdentifier: {PURL: 'pkg:deb/debian/openssl@3.0.11'},
          InstalledVersion: '3.0.11',
          FixedVersion: '3.0.15, 3.1.2',
          Status: 'fixed',
          Severity: 'CRITICAL',
          Layer: {DiffID: 'sha256:aa'},
          PrimaryURL: 'https://avd.aquasec.com/nvd/cve-2024-5535',
        },
        {
          VulnerabilityID: 'CVE-2005-2541',
          PkgName: 'tar',
          InstalledVersion: '1.34',
          Status: 'end_of_life',
          Severity: 'LOW',
        },
      ],
      ExperimentalModifiedFindings: [
        {
          Type: 'vulnerability',
          Status: 'ignored',
          Statement: 'until May',
          Finding: {VulnerabilityID: 'CVE-2023-45853', PkgName: 'zlib', InstalledVersion: '1.2', Severity: 'HIGH'},
        },
      ],
    },
    {Target: 'app/package.json', Class: 'lang-pkgs', Type: 'node-pkg'},
  ],
}

/** Report of Snyk, with the fields that are read. */
const snyk = {
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'Snyk Container',
          semanticVersion: '1.1300.0',
          rules: [
            {
              id: 'SNYK-1',
              helpUri: 'https://snyk.io/vuln/1',
              properties: {cve: ['CVE-2024-1'], purl: 'pkg:deb/debian/a%2Bb@1.0'},
            },
          ],
        },
      },
      results: [{ruleId: 'SNYK-1', level: 'error', message: {text: 'one'}}],
    },
  ],
}

/** Report of Docker Scout, with the fields that are read. */
const scout = {
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'docker scout',
          version: '1.20.0',
          rules: [
            {
              id: 'CVE-2024-2',
              properties: {purls: ['pkg:npm/%40a/b@2.0.0'], fixed_version: '2.0.1', 'security-severity': '9.8'},
            },
            {
              id: 'CVE-2024-3',
              properties: {purls: ['pkg:golang/x.org/y@1'], fixed_version: 'not fixed', 'security-severity': '3.1'},
            },
          ],
        },
      },
      results: [
        {ruleId: 'CVE-2024-2', ruleIndex: 0, kind: 'fail'},
        {ruleIndex: 1, suppressions: [{justification: 'accepted'}]},
        {ruleId: 'CVE-2024-2', kind: 'pass'},
      ],
    },
  ],
}

function bytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

describe('a report', () => {
  test('of Grype has findings, the database, and what is ignored', () => {
    const report = readReport(bytes(grype), readGrype, target)
    expect(report).toMatchObject({
      tool: {name: 'grype', version: '0.121.2'},
      data: {source: 'https://grype.example/v6/db.tar.zst', digest: 'sha256:ab12', date: '2026-11-29T04:00:00Z'},
      findings: [
        {
          id: 'GHSA-jf85-cpcp-j695',
          aliases: ['CVE-2019-10744'],
          severity: 'critical',
          kind: 'library',
          fixed: ['4.17.12'],
          state: 'fixed',
          layer: 'sha256:aa',
        },
        {id: 'CVE-2005-2541', kind: 'os', state: 'wont-fix', suppressed: 'not reachable'},
      ],
    })
  })

  test('of Trivy has findings, and what is ignored', () => {
    expect(readReport(bytes(trivy), readTrivy, target)).toMatchObject({
      tool: {name: 'trivy', version: '0.74.0'},
      findings: [
        {
          id: 'CVE-2024-5535',
          type: 'deb',
          kind: 'os',
          fixed: ['3.0.15', '3.1.2'],
          severity: 'critical',
          layer: 'sha256:aa',
        },
        {id: 'CVE-2005-2541', state: 'wont-fix', fixed: []},
        {id: 'CVE-2023-45853', suppressed: 'until May, ignored'},
      ],
    })
  })

  test('of Snyk and Docker Scout, in SARIF, has packages and severities', () => {
    expect(readReport(bytes(snyk), readSarif, target)).toMatchObject({
      tool: {name: 'snyk container', version: '1.1300.0'},
      findings: [
        {
          id: 'SNYK-1',
          aliases: ['CVE-2024-1'],
          severity: 'high',
          package: 'a+b',
          type: 'deb',
          kind: 'os',
          installed: '1.0',
          state: 'unstated',
        },
      ],
    })
    expect(readReport(bytes(scout), readSarif, target).findings).toMatchObject([
      {id: 'CVE-2024-2', package: '@a/b', severity: 'critical', fixed: ['2.0.1'], kind: 'library'},
      {id: 'CVE-2024-3', package: 'x.org/y', severity: 'low', fixed: [], suppressed: 'accepted'},
    ])
  })

  const other = digestOf(Buffer.from('other'))

  test.each<{name: string; report: unknown; read: typeof readGrype; says: string}>([
    {
      name: 'another platform (Grype)',
      report: {...grype, source: {target: {...grype.source.target, architecture: 'arm64'}}},
      read: readGrype,
      says: 'linux/arm64',
    },
    {
      name: 'another digest (Grype)',
      report: {...grype, source: {target: {...grype.source.target, manifestDigest: other}}},
      read: readGrype,
      says: other,
    },
    {name: 'no image (Grype)', report: {...grype, source: {}}, read: readGrype, says: 'no image'},
    {
      name: 'another platform (Trivy)',
      report: {...trivy, Metadata: {...trivy.Metadata, ImageConfig: {os: 'linux', architecture: 'arm64'}}},
      read: readTrivy,
      says: 'linux/arm64',
    },
    {
      name: 'another digest (Trivy)',
      report: {...trivy, Metadata: {...trivy.Metadata, RepoDigests: [`x@${other}`]}},
      read: readTrivy,
      says: other,
    },
    {name: 'the format of another scanner', report: trivy, read: readGrype, says: 'format'},
    {name: 'nothing', report: {}, read: readTrivy, says: 'format'},
    {name: 'a list', report: [], read: readSarif, says: 'format'},
    {name: 'no run', report: {version: '2.1.0', runs: []}, read: readSarif, says: 'format'},
    {name: 'null', report: null, read: readGrype, says: 'format'},
  ])('about $name is refused', ({report, read, says}) => {
    expect(() => readReport(bytes(report), read, target)).toThrow(
      expect.objectContaining({message: causes['scan-failed'], evidence: [expect.stringContaining(says)]}),
    )
  })

  const incomplete = (change: object): unknown => ({...snyk, runs: [{...snyk.runs[0], ...change}]})

  test.each<{name: string; report: unknown; read: typeof readGrype; says: string}>([
    {
      name: 'a scan that was not successful',
      report: incomplete({results: [], invocations: [{executionSuccessful: false}]}),
      read: readSarif,
      says: 'executionSuccessful',
    },
    {
      name: 'a scan of which one part was not successful',
      report: {...snyk, runs: [...snyk.runs, {...snyk.runs[0], invocations: [{}, {executionSuccessful: false}]}]},
      read: readSarif,
      says: 'executionSuccessful',
    },
    {name: 'no list of results', report: incomplete({results: undefined}), read: readSarif, says: 'lacks its results'},
    {name: 'results of null', report: incomplete({results: null}), read: readSarif, says: 'lacks its results'},
    {
      name: 'a result without a rule',
      report: incomplete({results: [{message: {text: 'critical'}}, {ruleId: 'SNYK-1'}]}),
      read: readSarif,
      says: '1 of 2 results',
    },
    {
      name: 'a match without a vulnerability (Grype)',
      report: {...grype, matches: [...grype.matches, {artifact: {name: 'b'}}, null]},
      read: readGrype,
      says: '2 of 3 results',
    },
    {
      name: 'a vulnerability without a package (Trivy)',
      report: {...trivy, Results: [...trivy.Results, {Vulnerabilities: [{VulnerabilityID: 'CVE-1'}]}]},
      read: readTrivy,
      says: '1 of 1 results',
    },
  ])('with $name is refused', ({report, read, says}) => {
    expect(() => readReport(bytes(report), read, target)).toThrow(
      expect.objectContaining({message: causes['scan-failed'], evidence: [expect.stringContaining(says)]}),
    )
  })

  const extended = {
    driver: {name: 'x', rules: [{id: 'A'}, {id: 'B', properties: {'security-severity': '9.5'}}]},
    extensions: [{name: 'plugin', rules: [{id: 'C', defaultConfiguration: {level: 'error'}}]}],
  }

  test.each<{name: string; result: object; finding: object}>([
    {name: 'by its index', result: {rule: {index: 1}}, finding: {id: 'B', severity: 'critical'}},
    {name: 'by its name', result: {rule: {id: 'B'}}, finding: {id: 'B', severity: 'critical'}},
    {
      name: 'of an extension, by index',
      result: {rule: {index: 0, toolComponent: {index: 0}}},
      finding: {id: 'C', severity: 'high'},
    },
    {
      name: 'of an extension, by name',
      result: {rule: {id: 'C', toolComponent: {name: 'plugin'}}},
      finding: {id: 'C', severity: 'high'},
    },
    {name: 'that is unknown', result: {rule: {id: 'D'}, kind: 'open'}, finding: {id: 'D', severity: 'medium'}},
    {name: 'of an accepted result', result: {ruleId: 'A', suppressions: [{}]}, finding: {suppressed: 'a suppression'}},
  ])('in SARIF refers to a rule $name', ({result, finding}) => {
    const report = {version: '2.1.0', runs: [{tool: extended, results: [result]}]}
    expect(readReport(bytes(report), readSarif, target).findings).toEqual([expect.objectContaining(finding)])
  })

  test.each(['rejected', 'underReview'])('in SARIF is not suppressed by what is %s', (status) => {
    const results = [{ruleId: 'SNYK-1', suppressions: [{justification: 'later'}, {status}]}]
    const {findings} = readReport(bytes(incomplete({results})), readSarif, target)
    expect(findings.map(({suppressed}) => suppressed)).toEqual([undefined])
  })

  test.each([
    {name: 'cut off', content: bytes(grype).subarray(0, 300), says: 'JSON'},
    {name: 'empty', content: new Uint8Array(), says: 'no report'},
    {name: 'missing', content: undefined, says: 'no report'},
  ])('that is $name is refused', ({content, says}) => {
    expect(() => readReport(content, readGrype, target)).toThrow(
      expect.objectContaining({evidence: [expect.stringContaining(says)]}),
    )
  })

  test('with hostile texts has findings without control characters and links', () => {
    const hostile = {
      ...grype,
      matches: [
        {
          vulnerability: {id: 'CVE-1\n::error::x', severity: {}, dataSource: 'javascript:alert(1)', fix: 7},
          artifact: {name: '\u001b[31ma\u202Eb', version: ['1'], locations: 'x', type: null},
        },
      ],
    }
    expect(readReport(bytes(hostile), readGrype, target).findings[0]).toMatchObject({
      id: 'CVE-1 ::error::x',
      package: '[31ma b',
      severity: 'unknown',
      installed: '',
      state: 'unknown',
    })
    expect(readReport(bytes(hostile), readGrype, target).findings).toHaveLength(2)
  })
})
