// SPDX-License-Identifier: MIT
module hello-go

go 1.19
