#!/bin/sh
# For the SPANK plugin slurm-singularity-exec (script=… in its configuration): starts a job's container with an
# image that the trust daemon of the node admits.
#
#   slurm-singularity-wrapper.sh IMAGE COMMAND …
#
# It runs as the user, in the task. A refusal ends the step with vouch-gate's exit code and its reason on stderr;
# it never drains the node, as a failing Prolog would.
set -u
: "${SLURM_SINGULARITY_GLOBAL=}" "${SLURM_SINGULARITY_ARGS=}" "${SLURM_SINGULARITY_BIND=}"
: "${VOUCH_RUN=/usr/libexec/vouch/vouch-run}" "${VOUCH_RUNTIME=singularity}"

if [ $# -lt 1 ]; then
  echo 'slurm-singularity-wrapper: no image' >&2
  exit 64
fi
bind=
[ -z "$SLURM_SINGULARITY_BIND" ] || bind=--bind=$SLURM_SINGULARITY_BIND

# The plugin gives flags as one text: they are split at blanks, and "*" in them is no pattern.
set -f
# shellcheck disable=SC2086 # see above
exec "$VOUCH_RUN" "$VOUCH_RUNTIME" $SLURM_SINGULARITY_GLOBAL exec ${bind:+"$bind"} $SLURM_SINGULARITY_ARGS -- "$@"
