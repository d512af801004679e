/** A group of pages in the sidebar. */
export interface Section {
  readonly title: string
  /** Paths in the repository, in the order of the sidebar. */
  readonly pages: readonly string[]
}

/** Every page of the site except the landing page. A test finds pages that are missing here. */
export const sections: readonly Section[] = [
  {
    title: 'Start',
    pages: [
      'README.md',
      'docs/README.md',
      'docs/requirements.md',
      'docs/recipes.md',
      'docs/trying.md',
      'docs/migrating.md',
    ],
  },
  {
    title: 'Look up',
    pages: ['docs/inputs.md', 'docs/outputs.md', 'docs/tags.md', 'docs/editors.md'],
  },
  {
    title: 'Publish safely',
    pages: [
      'docs/publishing.md',
      'docs/security.md',
      'docs/supply-chain.md',
      'docs/scanning.md',
      'docs/retention.md',
      'SECURITY.md',
    ],
  },
  {
    title: 'Build',
    pages: ['docs/builders.md', 'docs/distributed.md', 'docs/scale.md'],
  },
  {
    title: 'Solve a problem',
    pages: ['docs/troubleshooting.md', 'docs/errors.md'],
  },
  {
    title: 'Registries',
    pages: [
      'docs/registries/README.md',
      'docs/cloud-registries.md',
      'docs/registries/ghcr.md',
      'docs/registries/docker-hub.md',
      'docs/registries/amazon-ecr.md',
      'docs/registries/google.md',
      'docs/registries/azure.md',
      'docs/registries/gitlab.md',
      'docs/registries/quay.md',
      'docs/registries/harbor.md',
      'docs/registries/jfrog.md',
      'docs/registries/nexus.md',
      'docs/registries/forgejo.md',
      'docs/registries/gitea.md',
      'docs/registries/digitalocean.md',
      'docs/registries/scaleway.md',
      'docs/registries/ibm.md',
      'docs/registries/oracle.md',
      'docs/registries/alibaba.md',
      'docs/registries/own.md',
      'docs/registries/sources.md',
    ],
  },
  {
    title: 'Work on Tagboat',
    pages: ['CONTRIBUTING.md', 'docs/architecture.md', 'CHANGELOG.md'],
  },
]

/** Titles in the sidebar that differ from the heading of the page. */
const titles: Readonly<Record<string, string>> = {
  'README.md': 'First workflow',
  'docs/README.md': 'All pages by task',
  'docs/registries/README.md': 'Overview',
  'docs/registries/ghcr.md': 'GitHub (ghcr.io)',
  'docs/registries/alibaba.md': 'Alibaba Cloud',
  'docs/registries/azure.md': 'Azure',
  'docs/registries/digitalocean.md': 'DigitalOcean',
  'docs/registries/google.md': 'Google',
  'docs/registries/ibm.md': 'IBM Cloud',
  'docs/registries/jfrog.md': 'JFrog',
  'docs/registries/nexus.md': 'Sonatype Nexus',
  'docs/registries/oracle.md': 'Oracle Cloud',
  'docs/registries/scaleway.md': 'Scaleway',
  'docs/registries/sources.md': 'Chainguard, Cloudsmith',
  'SECURITY.md': 'Security policy',
}

/** Title of a page in the sidebar. `text` is its Markdown. */
export function pageTitle(page: string, text: string): string {
  return titles[page] ?? /^# (.*)$/m.exec(text)?.[1] ?? page
}

/** Page on the site for a file of the repository, as a path without the base: `docs/tags.md` is `docs/tags`. */
export function sitePath(page: string): string {
  const moved: Readonly<Record<string, string>> = {
    'README.md': 'docs/start',
    'CHANGELOG.md': 'docs/changelog',
    'CONTRIBUTING.md': 'docs/contributing',
    'SECURITY.md': 'docs/security-policy',
    'site/index.md': '',
  }
  return moved[page] ?? page.replace(/README\.md$/, '').replace(/\.md$/, '')
}

/** Files of Markdown that the site shows. */
export const pages: readonly string[] = ['site/index.md', ...sections.flatMap((section) => section.pages)]
