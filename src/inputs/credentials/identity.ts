import type {Secret} from '../../errors/secret.ts'
import type {LoginScope} from './login-scope.ts'

/** Identity for Amazon ECR. */
export type AwsIdentity =
  | {
      /** Role that the job assumes with its ID token. */
      readonly kind: 'role'
      /** ARN of the role. */
      readonly role: string
      /** Audience of the ID token, if it is not that of the partition. */
      readonly audience?: string | undefined
      /** Name of the session, which appears in CloudTrail. */
      readonly sessionName?: string | undefined
      /** Lifetime of the session, in seconds. */
      readonly sessionSeconds?: number | undefined
    }
  /** Keys of the environment. */
  | {readonly kind: 'keys'}
  /** Key pair of a login. */
  | {readonly kind: 'pair'; readonly accessKeyId: string; readonly secretAccessKey: Secret}

/** Workload identity of Google Cloud: https://cloud.google.com/iam/docs/workload-identity-federation */
export interface GoogleIdentity {
  /** `projects/1/locations/global/workloadIdentityPools/pool/providers/provider` */
  readonly provider: string
  /** E-mail of the service account to impersonate. Without it, the token is that of the workload and lasts five minutes. */
  readonly serviceAccount: string | undefined
  /** Audience of the ID token, if it is not the name of the provider. */
  readonly audience?: string | undefined
}

/** Credential file of Google Cloud that an earlier step has exported, such as google-github-actions/auth. */
export interface GoogleFile {
  readonly variable: 'GOOGLE_GHA_CREDS_PATH' | 'GOOGLE_APPLICATION_CREDENTIALS'
  readonly path: string
}

/** Application or managed identity of Entra ID with a federated credential for this job. */
export interface AzureIdentity {
  readonly clientId: string
  readonly tenantId: string
  /** Audience of the ID token, if it is not that of the cloud. */
  readonly audience?: string | undefined
}

/** OIDC connection of an organization on Docker Hub: https://docs.docker.com/enterprise/security/oidc-connections/ */
export interface DockerHubIdentity {
  readonly connectionId: string
  /** Organization, the user name of its tokens. */
  readonly username: string
}

/** Robot of Quay that is federated with the issuer of the ID token. */
export interface QuayIdentity {
  /** `organization+robot` */
  readonly robot: string
  /** Audience of the ID token, if it is not the host of the registry. */
  readonly audience?: string | undefined
}

/** OIDC integration of a JFrog platform. */
export interface JFrogIdentity {
  readonly providerName: string
  readonly projectKey?: string | undefined
  readonly mappingName?: string | undefined
  readonly audience?: string | undefined
  /** Host of the platform, if it is not that of the registry. */
  readonly platform?: string | undefined
}

/** Identity of this job for a vendor. */
export type Identity =
  | {readonly vendor: 'aws'; readonly identity: AwsIdentity; readonly region: string | undefined}
  | {readonly vendor: 'google'; readonly identity: GoogleIdentity}
  | {readonly vendor: 'google-file'; readonly identity: GoogleFile}
  | {readonly vendor: 'azure'; readonly identity: AzureIdentity}
  | {readonly vendor: 'docker-hub'; readonly identity: DockerHubIdentity}
  | {readonly vendor: 'quay'; readonly identity: QuayIdentity}
  | {readonly vendor: 'jfrog'; readonly identity: JFrogIdentity}

/** Item of `registry-auth` with an identity, for which the vendor of the registry issues the credentials. */
export interface IdentityItem {
  /** Normalized host of the registry. */
  readonly host: string
  /** Part of the registry that the identity is for; undefined for all of it. */
  readonly scope?: LoginScope | undefined
  readonly identity: Identity
  /** 1-based line number in `registry-auth`; undefined for the single inputs. */
  readonly line?: number | undefined
}
