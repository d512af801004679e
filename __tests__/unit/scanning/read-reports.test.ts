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

/** Report in the form in which Trivy 0.74 writes it, as the golden files of its tests have it. */
const trivy = {
  SchemaVersion: 2,
  Trivy: {Version: '0.74.0'},
  CreatedAt: '2026-11-30T12:20:30.000000005Z',
  ArtifactName: `127.0.0.1:4000/staged@${digest}`,
  ArtifactType: 'container_image',
  Metadata: {
    OS: {Family: 'debian', Name: '12.8', EOSL: true},
    ImageID: 'sha256:961769676411f082461f9ef46626dd7a2d1e2b2a38e6a44364bcbecf51e66dd4',
    DiffIDs: ['sha256:aa'],
    RepoDigests: [`127.0.0.1:4000/staged@${digest}`],
    ImageConfig: {
      os: 'linux',
      architecture: 'amd64',
      created: '2026-11-30T12:00:00Z',
      rootfs: {type: 'layers', diff_ids: ['sha256:aa']},
      config: {Cmd: ['/bin/sh']},
    },
  },
  Results: [
    {
      Target: 'staged (debian 12.8)',
      Class: 'os-pkgs',
      Type: 'debian',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2024-5535',
          VendorIDs: ['DSA-5764-1'],
          PkgID: 'openssl@3.0.11',
          PkgName: 'openssl',
          PkgIdentifier: {PURL: 'pkg:deb/debian/openssl@3.0.11?arch=amd64&distro=debian-12.8', UID: '57f1b0a2'},
          InstalledVersion: '3.0.11',
          FixedVersion: '3.0.15, 3.1.2',
          Status: 'fixed',
          Severity: 'CRITICAL',
          Layer: {Digest: 'sha256:bb', DiffID: 'sha256:aa'},
          SeveritySource: 'nvd',
          PrimaryURL: 'https://avd.aquasec.com/nvd/cve-2024-5535',
          DataSource: {ID: 'debian', Name: 'Debian Security Tracker', URL: 'https://security-tracker.debian.org/'},
          Title: 'openssl: SSL_select_next_proto buffer overread',
          CweIDs: ['CWE-125'],
          CVSS: {nvd: {V3Vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H', V3Score: 9.1}},
          References: ['https://access.redhat.com/security/cve/CVE-2024-5535'],
          PublishedDate: '2024-06-27T11:15:24.447Z',
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
    {Target: 'app/key.pem', Class: 'secret', Secrets: [{RuleID: 'private-key', Severity: 'HIGH'}]},
  ],
}

/**
 * Report of Snyk in the form in which its CLI 1.1300 writes it: a run for each part of the image, the package in the place of
 * a result, its manager in the tags and the CVE numbers in the description of a rule (`createSarifOutputForContainers`).
 */
const snyk = {
  $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: {
          name: 'Snyk Container',
          semanticVersion: '1.1300.0',
          version: '1.1300.0',
          informationUri: 'https://docs.snyk.io/',
          properties: {artifactsScanned: 2},
          rules: [
            {
              id: 'SNYK-DEBIAN12-OPENSSL-7411371',
              shortDescription: {text: 'Low severity - Out-of-bounds Read vulnerability in openssl'},
              fullDescription: {text: '(CVE-2024-5535,CVE-2024-0001) openssl/libssl3@3.0.11-1~deb12u2'},
              help: {text: '', markdown: '## Overview'},
              defaultConfiguration: {level: 'warning'},
              properties: {
                tags: ['security', 'CWE-125', 'deb'],
                cvssv3_baseScore: 9.1,
                'security-severity': '9.1',
              },
            },
          ],
        },
      },
      results: [
        {
          ruleId: 'SNYK-DEBIAN12-OPENSSL-7411371',
          level: 'error',
          message: {text: 'This file introduces a vulnerable openssl package with a critical severity vulnerability.'},
          locations: [
            {
              physicalLocation: {artifactLocation: {uri: '127.0.0.1_4000/staged'}, region: {startLine: 1}},
              logicalLocations: [{fullyQualifiedName: 'openssl/libssl3@3.0.11-1~deb12u2'}],
            },
          ],
        },
      ],
    },
    {
      tool: {
        driver: {
          name: 'Snyk Container',
          semanticVersion: '1.1300.0',
          rules: [
            {
              id: 'SNYK-JS-BABELTRAVERSE-5962462',
              fullDescription: {text: '(CVE-2023-45133) @babel/traverse@7.20.0'},
              properties: {tags: ['security', 'npm'], cvssv3_baseScore: null, 'security-severity': 'null'},
            },
          ],
        },
      },
      results: [
        {
          ruleId: 'SNYK-JS-BABELTRAVERSE-5962462',
          level: 'note',
          message: {
            text: 'This file introduces a vulnerable @babel/traverse package with a low severity vulnerability.',
          },
          locations: [{logicalLocations: [{fullyQualifiedName: '@babel/traverse@7.20.0'}]}],
          fixes: [
            {
              description: {text: 'Upgrade to @babel/traverse@7.23.2'},
              artifactChanges: [
                {
                  artifactLocation: {uri: 'package.json'},
                  replacements: [{deletedRegion: {startLine: 1}, insertedContent: {text: '@babel/traverse@7.23.2'}}],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
}

/** A short report in SARIF. */
const short = {
  version: '2.1.0',
  runs: [
    {
      tool: {driver: {name: 'x', rules: [{id: 'SNYK-1', helpUri: 'https://snyk.io/vuln/1'}]}},
      results: [{ruleId: 'SNYK-1', level: 'error', message: {text: 'one'}}],
    },
  ],
}

/** Report of Docker Scout, in the form of reports that users have published. */
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
              name: 'OsPackageVulnerability',
              shortDescription: {text: 'CVE-2024-2: OWASP Top Ten 2017 Category A9'},
              helpUri: 'https://scout.docker.com/v/CVE-2024-2',
              properties: {
                affected_version: '<2.0.1',
                cvssV3_severity: 'CRITICAL',
                fixed_version: '2.0.1',
                purls: ['pkg:npm/%40a/b@2.0.0'],
                'security-severity': '9.8',
                tags: ['CRITICAL'],
              },
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
          id: 'SNYK-DEBIAN12-OPENSSL-7411371',
          aliases: ['CVE-2024-5535', 'CVE-2024-0001'],
          severity: 'critical',
          package: 'openssl/libssl3',
          type: 'deb',
          kind: 'os',
          installed: '3.0.11-1~deb12u2',
          fixed: [],
          state: 'unstated',
        },
        {
          aliases: ['CVE-2023-45133'],
          severity: 'low',
          package: '@babel/traverse',
          kind: 'library',
          installed: '7.20.0',
          fixed: ['7.23.2'],
          state: 'fixed',
        },
      ],
    })
    expect(readReport(bytes(scout), readSarif, target).findings).toMatchObject([
      {id: 'CVE-2024-2', package: '@a/b', severity: 'critical', fixed: ['2.0.1'], kind: 'library'},
      {id: 'CVE-2024-3', package: 'x.org/y', severity: 'low', fixed: [], state: 'not-fixed', suppressed: 'accepted'},
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

  const incomplete = (change: object): unknown => ({...short, runs: [{...short.runs[0], ...change}]})

  test.each<{name: string; report: unknown; read: typeof readGrype; says: string}>([
    {
      name: 'a scan that was not successful',
      report: incomplete({results: [], invocations: [{executionSuccessful: false}]}),
      read: readSarif,
      says: 'executionSuccessful',
    },
    {
      name: 'a scan of which one part was not successful',
      report: {...short, runs: [...short.runs, {...short.runs[0], invocations: [{}, {executionSuccessful: false}]}]},
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
