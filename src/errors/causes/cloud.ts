/** Failures of logins to clouds with the identity of the job, and of their APIs. Few runs load this table. */
export const cloudCauses = {
  'aws-role-missing': 'No role and no AWS keys are known for a registry of Amazon ECR.',
  'aws-role-refused': 'AWS did not let this job assume the role.',
  'aws-provider-missing': 'The AWS account does not accept ID tokens of this issuer and audience.',
  'aws-failed': 'AWS did not issue credentials for Amazon ECR.',
  'gcp-provider-unknown': 'Google Cloud has no such workload identity provider.',
  'gcp-condition-refused': 'The workload identity provider of Google Cloud refused the ID token of this job.',
  'gcp-impersonation-denied': 'Google Cloud did not let this job act as the service account.',
  'gcp-file-unusable': 'The credential file of Google Cloud cannot be used.',
  'gcp-failed': 'Google Cloud issued no token.',
  'azure-federation-refused': 'No federated credential of the Azure client accepts the ID token of this job.',
  'azure-client-unknown': 'Azure does not have the client or the tenant.',
  'azure-failed': 'Azure issued no token.',
  'dockerhub-connection-refused': 'Docker Hub issued no token for the OIDC connection.',
  'ecr-create-failed': 'The Amazon ECR repository could not be created.',
} as const
