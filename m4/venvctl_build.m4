# venvctl_build.m4 - checks of our own configure                -*- autoconf -*-
# SPDX-License-Identifier: MIT

# VENVCTL_TRY_FLAG(VARIABLE, FLAG): append FLAG to VARIABLE if the compiler takes it
AC_DEFUN([VENVCTL_TRY_FLAG], [
AS_VAR_PUSHDEF([cache], [venvctl_cv_flag_$2])
AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
  venvctl_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AS_VAR_SET([cache], [yes])],
    [AS_VAR_SET([cache], [no])])
  CFLAGS=$venvctl_save_CFLAGS])
AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
AS_VAR_POPDEF([cache])
])

# VENVCTL_COMPILER_FLAGS: set VENVCTL_CFLAGS (warnings, hardening), VENVCTL_LDFLAGS and
# VENVCTL_MODULE_LDFLAGS
AC_DEFUN([VENVCTL_COMPILER_FLAGS], [
VENVCTL_CFLAGS=
VENVCTL_LDFLAGS=
m4_foreach_w([flag], [
  -Wall -Wextra -Wcast-align -Wdeclaration-after-statement=no -Wfloat-equal -Wformat=2
  -Winit-self -Wjump-misses-init -Wlogical-op -Wmissing-declarations
  -Wmissing-prototypes -Wnested-externs -Wold-style-definition -Wpointer-arith
  -Wredundant-decls -Wshadow -Wstrict-prototypes -Wsuggest-attribute=noreturn
  -Wundef -Wunused -Wvla -Wwrite-strings -Wno-unused-parameter=no
  -Wno-missing-field-initializers -Wno-parentheses
  -fstack-protector-strong -fstack-clash-protection -fcf-protection
], [m4_bmatch(flag, [=no$], [], [VENVCTL_TRY_FLAG([VENVCTL_CFLAGS], m4_defn([flag]))])])
m4_foreach_w([flag], [-Wl,--as-needed -Wl,-z,relro -Wl,-z,now],
  [VENVCTL_TRY_FLAG([VENVCTL_LDFLAGS], m4_defn([flag]))])
VENVCTL_MODULE_LDFLAGS=
VENVCTL_TRY_FLAG([VENVCTL_MODULE_LDFLAGS], [-Wl,-z,nodelete])
AC_SUBST([VENVCTL_MODULE_LDFLAGS])
AC_SUBST([VENVCTL_CFLAGS])
AC_SUBST([VENVCTL_LDFLAGS])
])

# VENVCTL_VERSION_SCRIPT: whether the linker takes a version script
AC_DEFUN([VENVCTL_VERSION_SCRIPT], [
AC_CACHE_CHECK([whether the linker takes a version script], [venvctl_cv_version_script], [
  venvctl_save_LDFLAGS=$LDFLAGS
  echo 'X { global: main; local: *; };' >conftest.map
  LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [venvctl_cv_version_script=yes],
    [venvctl_cv_version_script=no])
  rm -f conftest.map
  LDFLAGS=$venvctl_save_LDFLAGS])
AM_CONDITIONAL([HAVE_VERSION_SCRIPT], [test "$venvctl_cv_version_script" = yes])
])

# VENVCTL_MODULE(NAME, VARIABLE, PKG-CONFIG-MODULE, [WORDS]): a module that can be left out
AC_DEFUN([VENVCTL_MODULE], [
AC_ARG_ENABLE([$1-module],
  [AS_HELP_STRING([--disable-$1-module], [do not build the module $1, which needs ]m4_default([$4], [$3]))],
  [], [enable_$1_module=yes])
AS_IF([test "$enable_$1_module" = yes], [PKG_CHECK_MODULES([$2], [$3])])
AM_CONDITIONAL([MODULE_]m4_toupper([$1]), [test "$enable_$1_module" = yes])
])
