const keepAws =
  'Remove it. For this setting, keep aws-actions/configure-aws-credentials as a step before this one: the keys that it exports are used.'
const noTags = 'Remove it: the session of an ID token has no tags.'
const item = 'Write it as a key of an item of `registry-auth` (docs/cloud-registries.md).'
const proxy = 'Remove it, and set the variables https_proxy and no_proxy in `env`.'
const noCredentials = 'Remove it: credentials of clouds are neither outputs nor exported.'
const noFile = 'Remove it: no file with credentials is written.'
const noIdToken = 'Remove it: ID tokens of Google are not requested.'
const useRetries = 'Use `retries`, which counts for all requests to registries and clouds.'

/** Remedies for inputs of the login actions of clouds. The runner passes names in lower case. */
export const foreignCloudInputs: readonly (readonly [string, string])[] = [
  // Several of them
  ['audience', item],
  ['http-proxy', proxy],
  ['no-proxy', proxy],
  // aws-actions/amazon-ecr-login
  ['registries', 'Remove it: write the host of each registry in `images`.'],
  ['registry-type', 'Remove it: write public.ecr.aws in `images` for the public registry.'],
  ['mask-password', 'Remove it: passwords are always masked, and are not outputs.'],
  ['skip-logout', 'Remove it. For later steps, set `export-login: true`.'],
  // aws-actions/configure-aws-credentials
  ['role-to-assume', 'Use `aws-role`.'],
  ['role-session-name', item],
  ['role-duration-seconds', item],
  ['aws-access-key-id', 'Use `aws-role`, or set AWS_ACCESS_KEY_ID in `env`.'],
  ['aws-secret-access-key', 'Use `aws-role`, or set AWS_SECRET_ACCESS_KEY in `env`.'],
  ['aws-session-token', 'Use `aws-role`, or set AWS_SESSION_TOKEN in `env`.'],
  ['aws-profile', keepAws],
  ['overwrite-aws-profile', keepAws],
  ['web-identity-token-file', keepAws],
  ['role-chaining', keepAws],
  ['role-external-id', keepAws],
  ['inline-session-policy', keepAws],
  ['managed-session-policies', keepAws],
  ['role-skip-session-tagging', noTags],
  ['transitive-tag-keys', noTags],
  ['custom-tags', noTags],
  ['allowed-account-ids', 'Remove it: the account is in the ARN of `aws-role`.'],
  ['mask-aws-account-id', 'Remove it: account IDs are not masked.'],
  ['output-credentials', noCredentials],
  ['output-env-credentials', noCredentials],
  ['unset-current-credentials', 'Remove it: `aws-role` has priority over variables.'],
  ['use-existing-credentials', 'Remove it: without `aws-role`, the keys in the environment are used.'],
  ['force-skip-oidc', 'Remove it: without `aws-role`, no ID token is requested for AWS.'],
  ['disable-retry', useRetries],
  ['retry-max-attempts', useRetries],
  ['special-characters-workaround', 'Remove it: no program gets the keys as text.'],
  ['action-timeout-s', 'Remove it, and set `timeout-minutes` of the step.'],
  ['sts-endpoint', 'Remove it: the region determines the endpoint.'],
  // google-github-actions/auth
  ['workload_identity_provider', 'Use `gcp-workload-identity-provider`.'],
  ['service_account', 'Use `gcp-service-account`.'],
  ['credentials_json', 'Use `password`, with `username: _json_key` and `registry`.'],
  ['project_id', 'Remove it: the project is in the name of the image.'],
  ['create_credentials_file', noFile],
  ['cleanup_credentials', noFile],
  ['export_environment_variables', noCredentials],
  ['token_format', noCredentials],
  ['access_token_lifetime', 'Remove it: tokens are renewed.'],
  ['access_token_scopes', 'Remove it: tokens have the scope that Artifact Registry needs.'],
  ['access_token_subject', 'Remove it: Artifact Registry needs no user of a domain.'],
  ['id_token_audience', noIdToken],
  ['id_token_include_email', noIdToken],
  ['delegates', 'Remove it, and let the workload act as the last service account directly.'],
  [
    'universe',
    'Remove it: only googleapis.com is supported. For another universe, log in with an access token of google-github-actions/auth.',
  ],
  ['request_reason', 'Remove it: requests have no such header.'],
  // azure/login and azure/docker-login
  ['client-id', 'Use `azure-client-id`.'],
  ['tenant-id', 'Use `azure-tenant-id`.'],
  ['subscription-id', 'Remove it: only the role on the registry counts.'],
  ['creds', 'Use `azure-client-id` and `azure-tenant-id`, or `username` and `password` with `registry`.'],
  ['allow-no-subscriptions', 'Remove it: no subscription is needed.'],
  ['auth-type', 'Remove it. For the identity of a machine, run azure/login and `az acr login` before this step.'],
  ['enable-azpssession', 'Remove it: no session of PowerShell is started.'],
  ['login-server', 'Use `registry`.'],
]
