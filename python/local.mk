# SPDX-License-Identifier: MIT
# The Python package pyvenvctl.  Nothing of it is built or installed by make.
EXTRA_DIST += \
	python/README.md \
	python/pyproject.toml \
	python/pyvenvctl/__init__.py \
	python/pyvenvctl/__main__.py \
	python/pyvenvctl/_interrupt.py \
	python/pyvenvctl/_lib.py \
	python/pyvenvctl/_tree.py \
	python/pyvenvctl/_undo.py \
	python/pyvenvctl/_work.py \
	python/pyvenvctl/py.typed \
	python/pyvenvctl_build.py \
	python/pyvenvctl_virtualenv.py \
	$(NULL)
