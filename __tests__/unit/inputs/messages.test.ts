import {expect, test} from '@jest/globals'
import {formatNotice, formatProblem, Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import type {ActionName} from '../../../src/inputs/spec/action-names.ts'

interface Row {
  readonly action?: ActionName
  readonly given: Readonly<Record<string, string>>
  readonly says: readonly string[]
}

const severalLines =
  'Quote a value of several lines together with its id ("id=value"), or set it in `env` of this step and name the variable in `secret-envs`.'
const pasted = 'Write password: ${{ toJSON(secrets.NAME) }}, without quotes around it. Write a comment on its own line.'
const ecr =
  'Remove the login to Amazon ECR here: Tagboat requests the password itself, with `aws-role` or with the variables of aws-actions/configure-aws-credentials.'
const digest = `sha256:${'a'.repeat(64)}`

/** Every message about inputs: problems, then warnings, then notices. Other tests check positions and values only. */
test.each<Row>([
  {
    given: {platfroms: 'linux/amd64'},
    says: [
      'platfroms: unknown input. Did you mean "platforms"? If it is an environment variable of the job, rename INPUT_PLATFROMS.',
    ],
  },
  {
    given: {xyzzyxyzzy: ''},
    says: [
      'xyzzyxyzzy: unknown input. Remove it. docs/inputs.md lists all inputs. If it is an environment variable of the job, rename INPUT_XYZZYXYZZY.',
    ],
  },
  {
    given: {constructor: 'x'},
    says: [
      'constructor: unknown input. Remove it. docs/inputs.md lists all inputs. If it is an environment variable of the job, rename INPUT_CONSTRUCTOR.',
    ],
  },
  {
    given: {config: 'x'},
    says: [
      'config: unknown input. Use `buildkitd-config`, its name in docker/setup-buildx-action since version 3. If it is an environment variable of the job, rename INPUT_CONFIG.',
    ],
  },
  {
    given: {'config-inline': 'x'},
    says: [
      'config-inline: unknown input. Use `buildkitd-config-inline`, its name in docker/setup-buildx-action since version 3. If it is an environment variable of the job, rename INPUT_CONFIG-INLINE.',
    ],
  },
  {
    given: {install: 'x'},
    says: [
      'install: unknown input. Remove it: Tagboat always builds with Buildx. If a later step runs `docker build`, write `docker buildx build` there. If it is an environment variable of the job, rename INPUT_INSTALL.',
    ],
  },
  {
    given: {name: 'x'},
    says: [
      'name: unknown input. Use `builder` for an existing builder, or remove it: a new builder gets a name, which is the output `name`. If it is an environment variable of the job, rename INPUT_NAME.',
    ],
  },
  {
    given: {use: 'x'},
    says: [
      'use: unknown input. Remove it: Tagboat does not change the current builder. If it is an environment variable of the job, rename INPUT_USE.',
    ],
  },
  {
    given: {cleanup: 'x'},
    says: [
      'cleanup: unknown input. Remove it: Tagboat always removes a builder that it created. If it is an environment variable of the job, rename INPUT_CLEANUP.',
    ],
  },
  {
    given: {'cache-binary': 'x'},
    says: [
      'cache-binary: unknown input. Remove it: Tagboat uses the Buildx of the runner. If it is an environment variable of the job, rename INPUT_CACHE-BINARY.',
    ],
  },
  {
    given: {image: 'x'},
    says: [
      'image: unknown input. Use `images` for the image to publish, or `qemu-image` for the image that installs emulators. If it is an environment variable of the job, rename INPUT_IMAGE.',
    ],
  },
  {
    given: {'cache-image': 'x'},
    says: [
      'cache-image: unknown input. Remove it: the image of the emulators is pulled only if it is needed. If it is an environment variable of the job, rename INPUT_CACHE-IMAGE.',
    ],
  },
  {
    given: {reset: 'x'},
    says: [
      'reset: unknown input. Remove it: Tagboat keeps the emulators of the machine. If it is an environment variable of the job, rename INPUT_RESET.',
    ],
  },
  ...['lab:latest', 'cloud:latest', 'https://github.com/docker/buildx.git#abc'].map((version) => ({
    given: {version},
    says: [
      'version: it is the version of the image, but this names a Buildx, as in docker/setup-buildx-action. Remove it: Tagboat uses the Buildx of the runner.',
    ],
  })),
  {given: {'extra-args': '--debug'}, says: ['extra-args: this input is not supported yet. Remove it from the step.']},
  {
    given: {'aws-role': 'arn:aws:iam::123456789012:role/ci\nci'},
    says: [
      'aws-role, line 2, column 1: "ci" is not the ARN of a role. Write the ARN of a role: arn:aws:iam::123456789012:role/name.',
    ],
  },
  {
    given: {'aws-region': 'Ireland'},
    says: ['aws-region: "Ireland" is not a region. Write a region such as eu-west-1.'],
  },
  {
    given: {
      'gcp-workload-identity-provider': 'projects/my-project/locations/global/workloadIdentityPools/p/providers/q',
    },
    says: [
      'gcp-workload-identity-provider: "projects/my-project/locations/global/workloadIdentityPools/p/providers/q" is not the full name of a provider. Write projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER, with the number of the project.',
    ],
  },
  {
    given: {'gcp-service-account': 'ci@p.iam.gserviceaccount.com'},
    says: ['gcp-service-account: it has no effect alone. Set gcp-workload-identity-provider, too.'],
  },
  {
    given: {'azure-client-id': '11111111-1111-1111-1111-111111111111'},
    says: ['azure-client-id: it has no effect without azure-tenant-id. Set azure-tenant-id, too.'],
  },
  {
    given: {'azure-client-id': 'app', 'azure-tenant-id': 'x'},
    says: [
      'azure-client-id: "app" is not a UUID. Write the application (client) ID.',
      'azure-tenant-id: "x" is neither a UUID nor a domain. Write the ID of the tenant.',
    ],
  },
  {
    given: {'dockerhub-connection-id': 'x'},
    says: ['dockerhub-connection-id: this is not a UUID. Copy the ID of the connection in Docker Home.'],
  },
  {
    given: {scope: '@push'},
    says: [
      'scope: unknown input. Write it as a key of an item of `registry-auth` (docs/cloud-registries.md). If it is an environment variable of the job, rename INPUT_SCOPE.',
    ],
  },
  {
    action: 'publish',
    given: {digests: 'x'},
    says: [
      'digests: unknown input. Remove it: it is an input of tagboat/tagboat/promote@v1. If it is an environment variable of the job, rename INPUT_DIGESTS.',
    ],
  },
  {
    action: 'stage',
    given: {from: 'app:1'},
    says: [
      'from: unknown input. Remove it: it is an input of tagboat/tagboat/promote@v1. If it is an environment variable of the job, rename INPUT_FROM.',
    ],
  },
  {
    action: 'promote',
    given: {target: 'x'},
    says: [
      'target: unknown input. Remove it: it is an input of tagboat/tagboat@v1 and tagboat/tagboat/stage@v1. If it is an environment variable of the job, rename INPUT_TARGET.',
    ],
  },
  {given: {pull: 'yes'}, says: ['pull: "yes" is neither true nor false. Write true or false.']},
  {given: {push: 'yes'}, says: ['push: "yes" is not an allowed value. Use one of: auto, true, false.']},
  {
    given: {'max-tag-length': '7'},
    says: ['max-tag-length: "7" is not a whole number from 8 to 128. Write a whole number from 8 to 128.'],
  },
  {
    given: {logout: 'false'},
    says: [
      'logout: it has no effect: this step uses a private Docker configuration and always removes it. Set export-login to keep the credentials for later steps.',
    ],
  },
  {given: {labels: 'a'}, says: ['labels, line 1, column 1: the = is missing. Write one key=value per line.']},
  {
    given: {labels: '=a'},
    says: ['labels, line 1, column 1: the key before the = is missing. Write one key=value per line.'],
  },
  {
    given: {labels: 'a =b'},
    says: ['labels, line 1, column 2: there is whitespace before the =. Write one key=value per line.'],
  },
  {
    given: {labels: '"a'},
    says: [
      'labels, line 1, column 1: the closing quote is missing. An item that begins with a double quote ends at the next one, followed by a line break. Double a quote inside it ("").',
    ],
  },
  {
    given: {labels: '"a=b" c'},
    says: [
      'labels, line 1, column 7: the closing quote must be followed by a line break. An item that begins with a double quote ends at the next one, followed by a line break. Double a quote inside it ("").',
    ],
  },
  {
    given: {images: 'GHCR.io/Owner/App'},
    says: ['images, line 1, column 1: image names are lower case, so ghcr.io/owner/app is used.'],
  },
  {
    given: {images: 'user/app:1.0'},
    says: [
      'images, line 1, column 9: an image name has no tag here. Write host/path, such as ghcr.io/owner/app, or a name on Docker Hub, such as user/app. Tags belong in `tags`.',
    ],
  },
  {
    given: {images: 'name=a,enabled=true'},
    says: ['images, line 1, column 8: unknown attribute "enabled". Did you mean "enable"?'],
  },
  {
    given: {images: 'name=a,enable=yes'},
    says: [
      'images, line 1, column 15: enable is "yes", which is neither true nor false. Write true, false, or an expression for one of them, such as {{is_default_branch}}.',
    ],
  },
  {
    given: {images: 'enable=true'},
    says: ['images, line 1, column 1: the image has no name. Write name=…, such as name=ghcr.io/owner/app.'],
  },
  {
    given: {images: 'a,b,enable=true'},
    says: ['images, line 1, column 3: the line has attributes and several names. Write one image per line.'],
  },
  {
    given: {images: '"name=a'},
    says: ['images, line 1, column 1: the closing quote is missing. Close the quote, or remove it.'],
  },
  {
    given: {images: '"name=a"b'},
    says: ['images, line 1, column 9: the closing quote must be followed by a comma. Close the quote, or remove it.'],
  },
  {given: {flavor: 'sufix=-x'}, says: ['flavor, line 1, column 1: unknown attribute "sufix". Did you mean "suffix"?']},
  {
    given: {flavor: 'latest=yes'},
    says: ['flavor, line 1, column 8: latest cannot be "yes". Use one of: auto, true, false.'],
  },
  {
    given: {flavor: 'suffix=-x # y'},
    says: [
      'flavor, line 1, column 11: the comment would be part of suffix. Write the comment on its own line. If it belongs to the value, quote the attribute: "suffix=…".',
    ],
  },
  {
    given: {flavor: 'onlatest=true'},
    says: [
      'flavor, line 1, column 1: onlatest does not follow a prefix or a suffix. Write it after its prefix or suffix: prefix=…,onlatest=true.',
    ],
  },
  {
    given: {flavor: 'latest'},
    says: ['flavor, line 1, column 1: "latest" has no =. Write name=value, such as latest=auto.'],
  },
  {
    given: {variant: 'alpine', flavor: 'suffix=-alpine'},
    says: ['flavor, line 1, column 8: tags end in -alpine-alpine: `variant` adds its name to the suffix of `flavor`.'],
  },
  {
    given: {environment: 'a/b'},
    says: [
      'environment: "a/b" is not valid in a tag. Use a short name of letters, digits and single dashes, such as staging.',
    ],
  },
  {
    given: {environment: 'a..b', 'environment-style': 'repository'},
    says: [
      'environment: "a..b" is not valid in an image name. Use a short name of letters, digits and single dashes, such as staging.',
    ],
  },
  {
    given: {environment: 'a'.repeat(12), 'max-tag-length': '20'},
    says: [
      'environment: "aaaaaaaaaaaa" is too long for tags of at most 20 characters. Use a short name of letters, digits and single dashes, such as staging.',
    ],
  },
  {
    given: {variant: 'a/b'},
    says: [
      'variant: "a/b" is not valid in a tag. Use at most 64 letters, digits, dots, dashes and underscores, such as alpine or python3.12.',
    ],
  },
  {
    given: {'default-variant': 'true'},
    says: ['default-variant: the input variant is empty. Set `variant`, or remove this input.'],
  },
  {
    given: {component: '.a'},
    says: [
      'component: ".a" is not a valid component. Write the name at the beginning of the Git tags: api for api/v1.2.3, api-v1.2.3 or @scope/api@1.2.3.',
    ],
  },
  {given: {version: 'package.json'}, says: ['version: "package.json" is a file. Did you mean "file:package.json"?']},
  {
    given: {'bake-target': 'a b'},
    says: ['bake-target: "a b" is not a valid target name. Use letters, digits, - and _.'],
  },
  {given: {annotations: 'indx:a=1'}, says: ['annotations, line 1: unknown level "indx". Did you mean "index"?']},
  {
    given: {annotations: 'index[linux/amd64]:a=1'},
    says: ['annotations, line 1: an index has no platform ("index[linux/amd64]"). Write index without a platform.'],
  },
  {
    given: {annotations: 'manifest[amd64/]:a=1'},
    says: ['annotations, line 1: "amd64/" is not a platform. Write os/architecture, such as manifest[linux/amd64].'],
  },
  {
    given: {annotations: 'manifest[linux/amd64]:a='},
    says: [
      'annotations, line 1: an annotation cannot be removed for a single platform ("manifest[linux/amd64]"). Write the level without a platform, or a value.',
    ],
  },
  {
    given: {'annotation-levels': 'indexes'},
    says: ['annotation-levels, line 1, column 1: unknown level "indexes". Did you mean "index"?'],
  },
  {
    given: {platforms: 'linux/arm64,linux/arm64/v8'},
    says: ['platforms, line 1, column 13: linux/arm64 is listed twice and built once.'],
  },
  {
    given: {platforms: 'arm64'},
    says: ['platforms, line 1, column 1: "arm64" is not a platform. Did you mean "linux/arm64"?'],
  },
  {
    given: {platforms: 'local'},
    says: [
      'platforms, line 1, column 1: "local" is not a platform. Write os/architecture or os/architecture/variant, such as linux/amd64 or linux/arm/v7.',
    ],
  },
  {
    given: {platforms: 'linux/rsicv64'},
    says: ['platforms, line 1, column 1: "linux/rsicv64" is not a known platform. Did you mean "linux/riscv64"?'],
  },
  {
    given: {provenance: 'max'},
    says: ['provenance, column 1: "max" has no =. Write true, false, or attributes such as mode=max.'],
  },
  {given: {provenance: 'mode=maxx'}, says: ['provenance, column 6: unknown mode "maxx". Did you mean "max"?']},
  {
    given: {sbom: 'yes'},
    says: ['sbom, column 1: "yes" has no =. Write true, false, or attributes such as generator=image.'],
  },
  {
    given: {provenance: 'true', attests: 'type=provenance,mode=max'},
    says: [
      'attests, line 1, column 1: the input provenance already requests this attestation. Remove this line, or the input provenance.',
    ],
  },
  {
    given: {reproducible: 'true', sbom: 'true'},
    says: [
      'reproducible: the digest of each platform is reproducible, but the digest of the index is not, because `sbom` includes the time of the build.',
    ],
  },
  {
    given: {'build-args': 'a b'},
    says: [
      'build-args, line 1, column 1: the = is missing. Write NAME=value, or NAME alone to use the value of that environment variable.',
    ],
  },
  {
    given: {'no-cache': 'true', 'no-cache-filters': 'a'},
    says: [
      'no-cache: it cannot be combined with no-cache-filters. Remove one of them: no-cache applies to all stages, no-cache-filters to the listed stages.',
    ],
  },
  {
    given: {push: 'true', call: 'outline,format=json'},
    says: [
      'push: there is nothing to push, because `call: outline` does not build an image. Remove `call` to build and push, or set `push: auto` or `push: false`.',
    ],
  },
  {
    given: {load: 'true', outputs: 'out', call: 'check'},
    says: [
      'load: ignored, because `call: check` does not build an image.',
      'outputs: ignored, because `call: check` does not build an image.',
    ],
  },
  {given: {secrets: 'a='}, says: ['secrets, line 1: this build secret is empty and left out.']},
  {given: {secrets: 'a=xyz'}, says: ['secrets, line 1: this build secret is too short to be masked in the log.']},
  {
    given: {secrets: 'a b=secret'},
    says: [`secrets, line 1: an id has only letters, digits, dots, dashes and underscores. ${severalLines}`],
  },
  {given: {secrets: 'a'}, says: [`secrets, line 1, column 1: the = is missing. ${severalLines}`]},
  {
    given: {secrets: 'a=secret\nAbCd=='},
    says: [`secrets, line 2: this is the last line of a Base64 text. ${severalLines}`],
  },
  {
    given: {secrets: 'a=-----BEGIN PRIVATE KEY-----'},
    says: [`secrets, line 1: the value is only the first line of a PEM text. ${severalLines}`],
  },
  {
    given: {secrets: 'a={'},
    says: [`secrets, line 1: the value is only the first line of a JSON text. ${severalLines}`],
  },
  {
    given: {secrets: 'a=[default]'},
    says: [`secrets, line 1: the value is only the first line of an INI text. ${severalLines}`],
  },
  {
    given: {secrets: 'env=A=secret\nB=secret'},
    says: [
      'secrets, line 1: the value looks like the first line of a file, and ends at the end of this line. If the next lines belong to it, quote the value together with its id ("id=value"); quotes also remove this warning.',
    ],
  },
  {
    given: {'secret-files': '"a b=c"'},
    says: [
      'secret-files, line 1: the id of a secret must not contain whitespace, commas or quotes. Write id=path with an id such as npm_token.',
    ],
  },
  {
    given: {secrets: 'a=long', 'secret-files': 'a=A'},
    says: ['secret-files, line 1: the id is already used in secrets, line 1. Set each build secret once.'],
  },
  {
    given: {secrets: `a=${'x'.repeat(102_401)}`},
    says: [
      'secrets, line 1: this build secret is larger than 100 KiB. Write it to a file in an earlier step, and add the file to `secret-files`.',
    ],
  },
  {
    given: {'secret-envs': 'a='},
    says: ['secret-envs, line 1: a variable name is missing after the =. Write id=…, followed by a variable name.'],
  },
  {
    given: {'secret-envs': 'a=B C'},
    says: ['secret-envs, line 1: this is not a valid variable name. Write id=VARIABLE_NAME.'],
  },
  {
    given: {'secret-files': 'a='},
    says: ['secret-files, line 1: a path is missing after the =. Write id=…, followed by a path.'],
  },
  {
    given: {outputs: 'type=registry,push-by-digest=true'},
    says: [
      'outputs, line 1, column 1: Tagboat always pushes by digest before it pushes a tag. Remove this output, and add its name to `images`. To build an image in several jobs, use `tagboat/tagboat/stage@v1` and `tagboat/tagboat/promote@v1` (docs/distributed.md).',
    ],
  },
  {
    given: {outputs: 'type=registry', push: 'false'},
    says: [
      'outputs, line 1, column 1: this output pushes, but the input push is false. Remove the output or its attributes that push (push=true, type=registry), or set `push: auto`, which does not push for pull requests.',
    ],
  },
  {
    given: {outputs: 'type=docker,push=true'},
    says: ['outputs, line 1, column 1: type=docker cannot push. Remove push=true, or write type=image.'],
  },
  {
    given: {outputs: 'type=image,push=yes'},
    says: ['outputs, line 1, column 1: push=yes is neither true nor false. Write true or false.'],
  },
  {
    given: {outputs: 'type=image,name=a/b@c,push=true'},
    says: [
      'outputs, line 1, column 1: "a/b@c" cannot be pushed: an image name has no digest here. Write name:tag, such as user/app:1.0.',
    ],
  },
  {
    given: {outputs: 'type=image,compression=zstd\ntype=image,compression=gzip'},
    says: [
      'outputs, line 2, column 1: compression is "gzip" here but "zstd" on line 1, and a build publishes one image. Set it once, or build the other image in a separate step.',
    ],
  },
  {
    given: {outputs: 'type=image,annotation-indx.a=b'},
    says: ['outputs, line 1: unknown level "indx". Did you mean "index"?'],
  },
  {
    given: {outputs: 'type=image,push'},
    says: [
      'outputs, line 1, column 12: "push" has no =. Write key=value pairs separated by commas, such as type=local,dest=out.',
    ],
  },
  {
    given: {outputs: 'type=image,name={{branch}}'},
    says: [
      'outputs, line 1, column 1: expressions are not allowed in outputs. Write the name in `images` and the tag in `tags`, for example `type=semver,pattern={{version}}`.',
    ],
  },
  {
    given: {builder: '--help'},
    says: ['builder: it begins with "-", like an option of Docker. Write a name or an address.'],
  },
  {
    given: {builder: 'mine', driver: 'remote'},
    says: [
      'driver: it applies to a new builder only, but `builder` selects an existing one. Remove it, or leave `builder` empty to create a new builder.',
    ],
  },
  {
    given: {driver: 'docker', 'keep-state': 'true'},
    says: [
      'keep-state: it applies to a new builder only, but `driver: docker` selects the builder of the engine. Remove it, or set `driver` to docker-container.',
    ],
  },
  {
    given: {driver: 'remote'},
    says: [
      'endpoint: `driver: remote` requires the address of a BuildKit daemon. Set `endpoint` to its address, such as tcp://host:1234.',
    ],
  },
  {
    given: {driver: 'remote', endpoint: 'tcp://a:1', 'buildkitd-flags': '--debug'},
    says: [
      'buildkitd-flags: `driver: remote` uses a BuildKit daemon that is already running. Remove it, or start the remote BuildKit daemon with it.',
    ],
  },
  {
    given: {driver: 'remote', endpoint: 'tcp://a:1', 'keep-state': 'true'},
    says: [
      'keep-state: `driver: remote` uses a BuildKit daemon that is already running. Remove it. The remote BuildKit daemon keeps its state anyway.',
    ],
  },
  {
    given: {driver: 'kubernetes', endpoint: 'tcp://a:1'},
    says: [
      'endpoint: `driver: kubernetes` uses the current cluster. Remove it, and set the kubectl context or KUBECONFIG before this step.',
    ],
  },
  {
    given: {'buildkitd-config': 'file', 'buildkitd-config-inline': 'debug = true'},
    says: ['buildkitd-config-inline: it cannot be combined with buildkitd-config. Remove one of them.'],
  },
  {
    given: {'driver-opts': 'oops'},
    says: [
      'driver-opts, line 1, column 1: this is not an option of the form key=value. Write key=value, such as network=host.',
    ],
  },
  {
    given: {append: 'endpoint: one'},
    says: ['append: this is not a YAML list. Write a YAML list: each node begins with "- endpoint:" or "- name:".'],
  },
  {
    given: {append: '[]'},
    says: ['append: the list is empty. Write a YAML list: each node begins with "- endpoint:" or "- name:".'],
  },
  {
    given: {append: '- one'},
    says: [
      'append, line 1, column 3: this item is not a node. Write a YAML list: each node begins with "- endpoint:" or "- name:".',
    ],
  },
  {
    given: {append: '- endpont: one'},
    says: ['append, line 1, column 3: unknown key "endpont". Did you mean "endpoint"?'],
  },
  {
    given: {append: '- name: a\n  platforms: arm64'},
    says: ['append, line 2, column 14: this is not a platform. Write os/architecture, such as linux/arm64.'],
  },
  {
    given: {append: '- name: a\n  driver-opts: [[x]]'},
    says: [
      'append, line 2, column 17: this item of driver-opts is not text. Check the indentation, and put values with special characters in single quotes.',
    ],
  },
  {
    given: {append: '- name: 1a'},
    says: [
      'append, line 1, column 3: a node name may only contain letters, digits, ".", "-" and "_". Start it with a letter.',
    ],
  },
  {
    given: {append: '- name: a\n- name: a'},
    says: ['append, line 2, column 3: another node has the same name. Use a different name for each node.'],
  },
  {
    given: {append: '- name: "'},
    says: [
      'append, line 1, column 10: the YAML is not valid: a closing quote is missing. Check the indentation, and put values with special characters in single quotes.',
    ],
  },
  {
    given: {append: '- name: *a'},
    says: [
      'append, line 1, column 9: the value begins with *, which refers to an unknown value. Check the indentation, and put values with special characters in single quotes.',
    ],
  },
  {
    given: {append: '- name: [a]'},
    says: [
      'append, line 1, column 9: the value of name is not text. Write the value after the colon, in single quotes if it has special characters.',
    ],
  },
  {
    given: {driver: 'remote', endpoint: 'tcp://a:1', append: '- buildkitd-flags: --debug'},
    says: [
      'append, line 1, column 3: a node of the driver remote requires an endpoint. Write "endpoint: tcp://host:port".',
      'append, line 1, column 3: a node of the driver remote is already running. Remove buildkitd-flags, or start the remote BuildKit daemon with them.',
    ],
  },
  {
    given: {driver: 'kubernetes', append: '- endpoint: tcp://b:1'},
    says: [
      'append, line 1, column 3: a node of the driver kubernetes has no endpoint: it runs in the current cluster. Remove endpoint.',
    ],
  },
  {
    given: {mirrors: 'mirror.example.com'},
    says: [
      'mirrors, line 1, column 1: the = is missing. Write one registry=host per line, such as docker.io=mirror.example.com.',
    ],
  },
  {
    given: {mirrors: 'docker.io='},
    says: [
      'mirrors, line 1, column 11: the mirror is missing after the =. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'not a host=m.example'},
    says: [
      'mirrors, line 1, column 1: this is not a registry host. Write one registry=host per line, such as docker.io=mirror.example.com.',
    ],
  },
  {
    given: {mirrors: 'docker.io=m_m'},
    says: [
      'mirrors, line 1, column 11: the host of the mirror is not valid. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'docker.io=me:hunter2@m.example'},
    says: [
      'mirrors, line 1, column 11: the address of a mirror must not contain credentials, which belong in `registry-auth`. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'docker.io=oci://m.example'},
    says: [
      'mirrors, line 1, column 11: a mirror must use http:// or https://. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'docker.io=m.example/Up'},
    says: [
      'mirrors, line 1, column 11: the path of the mirror is not valid in an image name. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'docker.io=docker.io'},
    says: [
      'mirrors, line 1, column 11: the registry is its own mirror. Write a host with an optional port and path, such as mirror.example.com:5000/hub.',
    ],
  },
  {
    given: {mirrors: 'docker.io=m.example', builder: 'mine'},
    says: [
      'mirrors, line 1: base images are not pulled from the mirrors, because the builder in `builder` has its own configuration. Configure the mirrors when you create the builder, or leave `builder` empty.',
    ],
  },
  {
    given: {mirrors: 'docker.io=m.example', driver: 'docker'},
    says: [
      'mirrors, line 1: base images are not pulled from the mirrors, because the engine pulls them with `driver: docker`. Set `registry-mirrors` for docker.io in the daemon.json of the engine, or set `driver: auto`.',
    ],
  },
  {
    given: {mirrors: 'docker.io=m.example', driver: 'remote', endpoint: 'tcp://a:1'},
    says: [
      'mirrors, line 1: base images are not pulled from the mirrors, because a remote BuildKit daemon has its own configuration. Configure the mirrors in its buildkitd.toml.',
    ],
  },
  {
    given: {registry: 'user:hunter2@ghcr.io'},
    says: ['registry: this is not a registry host. Write only the host, such as ghcr.io or registry.example:5000.'],
  },
  {
    given: {'registry-auth': '- registry: ghcr.io', username: 'a'},
    says: ['registry-auth: it cannot be combined with username. Add the login to the list, or remove the list.'],
  },
  {
    given: {'registry-auth': '- usrname: hunter2'},
    says: ['registry-auth, line 1, column 3: unknown key "usrname". Did you mean "username"?'],
  },
  {
    given: {'registry-auth': '- hunter2: ghcr.io'},
    says: [
      'registry-auth, line 1, column 3: unknown key. Use one of: registry, username, password, scope, enable, ecr, logout, aws-role, aws-region, role-session-name, role-duration-seconds, audience, gcp-workload-identity-provider, gcp-service-account, project-id, azure-client-id, azure-tenant-id, subscription-id, dockerhub-connection-id, robot, provider-name, project-key, identity-mapping-name, platform, type.',
    ],
  },
  {
    given: {'registry-auth': '- enable: maybe'},
    says: [
      "registry-auth, line 1, column 3: enable is neither true nor false. Write true, false, or an expression for one of them, such as ${{ secrets.NAME != '' }}.",
    ],
  },
  {
    given: {'registry-auth': '- password: hunter2 #x'},
    says: [`registry-auth, line 1, column 13: password: YAML reads the end of the value as a comment (#). ${pasted}`],
  },
  {
    given: {'registry-auth': '- password: &hunter2'},
    says: [
      `registry-auth, line 1, column 21: password: YAML reads the beginning of the value as an anchor (&). ${pasted}`,
    ],
  },
  {
    given: {'registry-auth': '- password: !hunter2'},
    says: [`registry-auth, line 1, column 21: password: YAML reads the beginning of the value as a tag (!). ${pasted}`],
  },
  {
    given: {'registry-auth': '- password: |'},
    says: [
      `registry-auth, line 1, column 13: password: YAML reads the value as the header of a block (| or >). ${pasted}`,
    ],
  },
  {
    given: {'registry-auth': '- password: hunter2\n    hunter3'},
    says: [`registry-auth, line 1, column 13: password: the value has several lines, which YAML joins. ${pasted}`],
  },
  {
    given: {'registry-auth': '- password: @hunter2'},
    says: [
      'registry-auth, line 1, column 13: the YAML is not valid: a value begins with a character that needs quotes. Check the indentation, and write secrets as ${{ toJSON(secrets.NAME) }}, without quotes around it.',
    ],
  },
  {
    given: {username: 'me', password: '"p"'},
    says: [
      'password: the password is used with its double quotes, or is the word null; toJSON is only for registry-auth.',
    ],
  },
  {
    given: {'registry-auth': `- username: me\n  password: '"p"'`},
    says: [
      'registry-auth, line 2, column 3: the password is used with its double quotes, or is the word null; write toJSON without quotes around it.',
    ],
  },
  {
    given: {registry: 'gcr.io', username: '_json_key', password: '/w/key.json'},
    says: [
      'password: the password is the path of a file. Write the content of the file, as a secret: ${{ secrets.GCP_KEY }}. The file of google-github-actions/auth needs no login here: remove the user name and the password.',
    ],
  },
  {
    given: {registry: 'gcr.io', username: '_json_key_base64', password: '{}'},
    says: ['password: the password is plain JSON, which _json_key_base64 does not accept. Write username: _json_key.'],
  },
  {
    given: {registry: 'gcr.io', username: '_json_key', password: '{"type": "external_account"}'},
    says: [
      'password: the password describes a workload identity, and cannot be used to log in. Remove the login, and set gcp-workload-identity-provider, or keep google-github-actions/auth, whose file is used without a login.',
    ],
  },
  {
    given: {registry: 'gcr.io', username: '_json_key', password: '{"type": "service_account"}'},
    says: [
      'password: the password is JSON, but no service account key. Store the whole key file, with type, client_email and private_key.',
    ],
  },
  {
    given: {username: 'AKIAIOSFODNN7EXAMPLE', password: 'p'},
    says: [`username: the user name is an AWS access key, which a registry does not accept. ${ecr}`],
  },
  {
    given: {'registry-auth': '- registry: public.ecr.aws\n  username: me\n  password: p'},
    says: [
      `registry-auth, line 2, column 3: Amazon ECR accepts only the user name AWS, with a token, or an access key. ${ecr}`,
    ],
  },
  {
    given: {'registry-auth': '- username: a\n  password: p\n- registry: docker.io\n  username: b\n  password: p'},
    says: [
      'registry-auth, line 3: another login is for the same registry. Write one login for each registry, or add scope with the beginning of the repositories to each. The first one begins on line 1.',
    ],
  },
  {
    given: {'registry-auth': 'hunter2'},
    says: [
      'registry-auth: this is not a YAML list. Write a YAML list: each login begins with "- registry:", and has username and password, or an identity.',
    ],
  },
  {
    action: 'promote',
    given: {digests: 'sha256:abc'},
    says: [
      'digests, line 1, column 1: "sha256:abc" is not a digest. Write one digest per line, as sha256:… or name@sha256:…, or JSON such as ${{ toJSON(needs.build.outputs) }}.',
    ],
  },
  {
    action: 'promote',
    given: {digests: '{"digest":'},
    says: [
      'digests, line 1, column 1: it begins like JSON, but is not valid JSON. Write one digest per line, as sha256:… or name@sha256:…, or JSON such as ${{ toJSON(needs.build.outputs) }}.',
    ],
  },
  {
    action: 'promote',
    given: {digests: `${'['.repeat(40)}${']'.repeat(40)}`},
    says: [
      'digests, line 1, column 1: the JSON has more than 32 levels. Write one digest per line, as sha256:… or name@sha256:…, or JSON such as ${{ toJSON(needs.build.outputs) }}.',
    ],
  },
  {
    action: 'promote',
    given: {from: 'ghcr.io/octo/app'},
    says: [
      'from, line 1, column 17: a whole reference needs a tag: name:tag. Write name:tag or name@sha256:…, such as ghcr.io/owner/app:1.2.3-staging.',
    ],
  },
  {
    action: 'promote',
    given: {from: 'app:1', digests: digest},
    says: ['from: it cannot be combined with digests. Remove one of them.'],
  },
])('$given', async ({action, given, says}) => {
  const problems = new Problems()
  await readInputs(new Map(Object.entries(given)), problems, action)
  expect([
    ...problems.all.map(formatProblem),
    ...problems.warnings.map(formatNotice),
    ...problems.notices.map(formatNotice),
  ]).toEqual(says)
})
