#!/bin/sh
#SBATCH --job-name=venvctl
#SBATCH --ntasks=4
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016 # each task's shell knows its own number
# A job of which each task has an environment of its own, on the disk of its node.
set -eu
# Who has no directory for jobs takes one below /tmp.
export JOB_DIR="${SLURM_TMPDIR:-/tmp}/venvctl-$SLURM_JOB_ID"
trap 'srun sh -c '\''rm -rf "$JOB_DIR"'\' EXIT

# One task a node makes the directory; one that is killed leaves nothing half-made.
srun sh -c 'mkdir -p "$JOB_DIR"'
srun sh -c 'exec venvctl create --json "$JOB_DIR/env-$SLURM_PROCID"'
# All tasks of a node in one environment: who comes first makes it, and the others wait.
srun venvctl create --json --wait --existing reuse "$JOB_DIR/env"

srun sh -c '"$JOB_DIR/env-$SLURM_PROCID/bin/python" -c "import sys; print(sys.prefix)"'
