/** Pattern of the Docker CLI, Buildx and Go for a socket that the user may not open. */
export const deniedEngine =
  /permission denied while trying to connect|docker\.sock: connect: permission denied|connect EACCES \S*docker\.sock/i

/** Remedy for a Docker engine that exists, but refuses this user. */
export const deniedEngineRemedy =
  'The user of the runner may not access the socket of the engine: add the user to the group `docker` and restart the runner, or set DOCKER_HOST to an engine that the user may access.'
