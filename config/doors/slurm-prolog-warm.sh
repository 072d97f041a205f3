#!/bin/sh
# For Prolog= in slurm.conf: has the trust daemon read a job's images before the job starts, so that the job does
# not wait for it. Users name them in the comment of the job: sbatch --comment="/srv/images/app.sif …".
#
# It never says no. A Prolog that fails drains the node and puts the job back into the queue: a user could drain
# nodes with images that are refused. Hence exit 0 whatever happens; the door that refuses is the job's own.
set -uf
PATH=/usr/local/bin:/usr/bin:/bin
export PATH
: "${SLURM_JOB_COMMENT=}" "${VOUCH_GATE=/usr/libexec/vouch/vouch-gate}"

# The daemon goes on reading after it has answered, so nothing is waited for.
asked=0
for word in $SLURM_JOB_COMMENT; do
  case $word in
    /*.sif)
      [ "$asked" -lt 8 ] || break
      asked=$((asked + 1))
      "$VOUCH_GATE" --quiet --wait 0 "$word" >/dev/null 2>&1 || :
      ;;
  esac
done
exit 0
