# SPDX-License-Identifier: MIT
# unit: C programs (cmocka) against the layers; cases: the installed tool (bats).
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	$(NULL)

unit_tests =
UNIT_LIBS = $(LAYERS) src/libpaths.la $(CMOCKA_LIBS)
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

unit_tests += tests/unit/test-base
tests_unit_test_base_SOURCES = tests/unit/test-base.c tests/unit/unit.h
tests_unit_test_base_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_base_LDADD = $(UNIT_LIBS)

unit_tests += tests/unit/test-ini
tests_unit_test_ini_SOURCES = tests/unit/test-ini.c tests/unit/unit.h
tests_unit_test_ini_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ini_LDADD = $(UNIT_LIBS)

unit_tests += tests/unit/test-python
tests_unit_test_python_SOURCES = tests/unit/test-python.c tests/unit/unit.h
tests_unit_test_python_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_python_LDADD = $(UNIT_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
