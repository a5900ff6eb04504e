# venvctl.m4 - build plugins of venvctl with autoconf            -*- autoconf -*-
# SPDX-License-Identifier: MIT

# VENVCTL_PLUGIN([MINIMUM-ABI])
#
# Sets VENVCTL_CFLAGS, VENVCTL_PLUGIN_LDFLAGS and venvctlplugindir, the directory in
# which plugins are found (--with-venvctl-plugindir).
AC_DEFUN([VENVCTL_PLUGIN], [
AC_REQUIRE([PKG_PROG_PKG_CONFIG])dnl
PKG_CHECK_MODULES([VENVCTL], [venvctl-plugin])
PKG_CHECK_VAR([VENVCTL_PLUGIN_ABI], [venvctl-plugin], [abi])
m4_ifval([$1], [AS_VERSION_COMPARE([$VENVCTL_PLUGIN_ABI], [$1],
  [AC_MSG_ERROR([version $1 of the plugin ABI of venvctl is needed, found $VENVCTL_PLUGIN_ABI])])])
PKG_CHECK_VAR([VENVCTL_PLUGINDIR], [venvctl-plugin], [plugindir])
AC_ARG_WITH([venvctl-plugindir],
  [AS_HELP_STRING([--with-venvctl-plugindir=DIR], [where to install plugins of venvctl])],
  [venvctlplugindir=$withval], [venvctlplugindir=$VENVCTL_PLUGINDIR])
AC_SUBST([venvctlplugindir])
AC_SUBST([VENVCTL_PLUGIN_LDFLAGS],
  ["-module -avoid-version -shared -no-undefined -export-symbols-regex _LTX_venv_plugin_v1\\\$\$"])
])
