# SPDX-License-Identifier: MIT
# Modules: libraries that most runs do not need, loaded when they are first needed.
