import type {InputSpec, InputText} from './spec-row.ts'

/** Inputs with the identities for which clouds issue credentials. None of them is a secret. */
export const cloudSpecs = {
  'aws-role': {form: 'lines'},
  'aws-region': {form: 'text'},
  ecr: {form: 'choice', choices: ['auto', 'true', 'false'], default: 'auto'},
  'ecr-create': {form: 'yaml', default: 'false'},
  'gcp-workload-identity-provider': {form: 'text'},
  'gcp-service-account': {form: 'text'},
  'azure-client-id': {form: 'text'},
  'azure-tenant-id': {form: 'text'},
  'dockerhub-connection-id': {form: 'text'},
} as const satisfies Readonly<Record<string, InputSpec>>

/** Texts of `cloudSpecs` for the documentation. */
export const cloudTexts: Readonly<Record<keyof typeof cloudSpecs, InputText>> = {
  'aws-role': {
    description:
      'ARN of the role that the job assumes with its ID token for Amazon ECR. With several roles, each registry gets the one of its account.',
  },
  'aws-region': {
    description:
      'Region of a registry of Amazon ECR whose host does not name one (`ecr: true`). Any other host names its region itself.',
    fallback: '`AWS_REGION`',
  },
  ecr: {
    description:
      'Whether registries are Amazon ECR. `auto` recognizes them by their hosts; `true` also requests a password of Amazon ECR for other hosts without a login; `false` requests none.',
  },
  'ecr-create': {
    description:
      'Creates missing repositories in Amazon ECR before the build: `true`, or settings as YAML with `immutable`, `mutable-tags`, `lifecycle`, `kms-key`, `tags` and `policy`. An existing repository is never changed.',
  },
  'gcp-workload-identity-provider': {
    description:
      'Full name of the workload identity provider for Google Artifact Registry: `projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`.',
    fallback: 'the file of `GOOGLE_GHA_CREDS_PATH` or `GOOGLE_APPLICATION_CREDENTIALS`',
  },
  'gcp-service-account': {
    description:
      'E-mail of the service account to act as. Without it, the identity of the job itself is used, whose credentials last five minutes and are renewed.',
  },
  'azure-client-id': {
    description: 'ID of the application or managed identity with a federated credential for Azure Container Registry.',
    fallback: '`AZURE_CLIENT_ID`',
  },
  'azure-tenant-id': {description: 'Tenant of `azure-client-id`.', fallback: '`AZURE_TENANT_ID`'},
  'dockerhub-connection-id': {
    description: 'ID of the OIDC connection of an organization on Docker Hub.',
    fallback: '`DOCKERHUB_OIDC_CONNECTIONID`',
  },
}
