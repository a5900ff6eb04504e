# SPDX-License-Identifier: MIT
# The shipped plugins: built as a third party would build them, from the header alone.
