# SPDX-License-Identifier: MIT
# Deactivate.ps1 - leave the Python environment that Activate.ps1 entered
if ($null -ne $function:deactivate) {
    deactivate
}
