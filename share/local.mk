# SPDX-License-Identifier: MIT
# What third parties build plugins with.
pkgconfig_DATA += share/venvctl-plugin.pc
