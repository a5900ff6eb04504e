# SPDX-License-Identifier: MIT
"""The wheel of pyvenvctl, by itself or with venvctl in it.

The build backend of pyproject.toml: `pip install ./python` installs the package alone, which
loads the libvenvctl of the system.  tools/wheel.sh runs it as a program, with what it has built:

    pyvenvctl_build.py OUTDIR [tree=PREFIX platform=TAG [licenses=DIR] [sbom=FILE]]

From PREFIX come the tool, which is a script of the wheel as it is, and the library, modules,
plugins and manual pages, which lie beside it wherever the wheel is installed.
"""

import base64
import glob
import hashlib
import os
import sys
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
# What is taken from PREFIX, but for the tool.  A wheel has no links: the library has one name.
DATA = ("lib/libvenvctl.so.0", "lib/venvctl/modules/*.so", "lib/venvctl/plugins/*.so",
        "share/venvctl/**", "share/man/man*/*")


class UnsupportedOperation(Exception):
    """What a build frontend is told by."""


def project():
    try:
        import tomllib
    except ImportError:
        raise UnsupportedOperation("pyvenvctl is built with Python 3.11 or later") from None
    with open(os.path.join(HERE, "pyproject.toml"), "rb") as f:
        return tomllib.load(f)["project"]


def files_of(top, pattern):
    """The files below TOP that PATTERN means, by their names there."""
    found = glob.glob(os.path.join(top, pattern), recursive=True)
    return sorted(os.path.relpath(path, top) for path in found if os.path.isfile(path))


def licenses_of(table):
    """The licences of what is linked in, as tools/wheel/vendored has them."""
    with open(table) as f:
        rows = [line.split() for line in f if not line.startswith("#")]
    return sorted({row[1] for row in rows})


def metadata(p, licenses, extra):
    lines = ["Metadata-Version: 2.4", "Name: " + p["name"], "Version: " + p["version"],
             "Summary: " + p["description"], "Keywords: " + ",".join(p["keywords"]),
             "License-Expression: " + " AND ".join([p["license"]] + [
                 name for name in extra if name != p["license"]])]
    lines += ["License-File: " + name for name in licenses]
    lines += ["Classifier: " + name for name in p["classifiers"]]
    lines += ["Requires-Python: " + p["requires-python"],
              "Description-Content-Type: text/markdown", ""]
    with open(os.path.join(HERE, p["readme"])) as f:
        return "\n".join(lines) + "\n" + f.read()


def entry_points(p):
    return "\n".join("[%s]\n%s\n" % (group, "\n".join("%s = %s" % item for item in names.items()))
                     for group, names in p["entry-points"].items())


class Wheel:
    """One that is the same whenever it is made of the same."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        date = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", 315532800)))[:6]
        self.date = max(date, (1980, 1, 1, 0, 0, 0))
        self.record = []

    def add(self, name, data, mode=0o644):
        if isinstance(data, str):
            data = data.encode()
        info = zipfile.ZipInfo(name, self.date)
        info.external_attr = (0o100000 | mode) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append("%s,sha256=%s,%d" % (name, digest, len(data)))

    def add_file(self, name, path, mode=0o644):
        with open(path, "rb") as f:
            self.add(name, f.read(), mode)

    def end(self, name):
        self.add(name, "\n".join(self.record + [name + ",,"]) + "\n")
        self.zip.close()


def add_tree(wheel, data, tree):
    wheel.add_file(data + "/scripts/venvctl", os.path.join(tree, "bin", "venvctl"), 0o755)
    for pattern in DATA:
        for name in files_of(tree, pattern):
            mode = 0o755 if os.access(os.path.join(tree, name), os.X_OK) else 0o644
            wheel.add_file("%s/data/%s" % (data, name), os.path.join(tree, name), mode)


def build(directory, tree=None, platform="any", licenses=None, sbom=None):
    """Make the wheel in DIRECTORY, and return its name."""
    p = project()
    base = "%s-%s" % (p["name"], p["version"])
    info, tag = base + ".dist-info", "py3-none-" + platform
    name = "%s-%s.whl" % (base, tag)
    wheel = Wheel(os.path.join(directory, name))
    for path in files_of(HERE, "pyvenvctl/*.py") + ["pyvenvctl/py.typed", "pyvenvctl_virtualenv.py"]:
        wheel.add_file(path, os.path.join(HERE, path))
    if tree:
        add_tree(wheel, base + ".data", tree)
    texts = {"LICENSE": os.path.join(HERE, "..", "LICENSE")}
    for file in files_of(licenses, "*") if licenses else ():
        texts["vendored/" + file] = os.path.join(licenses, file)
    for file, path in texts.items():
        wheel.add_file("%s/licenses/%s" % (info, file), path)
    if sbom:
        wheel.add_file("%s/sboms/%s" % (info, os.path.basename(sbom)), sbom)
    vendored = os.path.join(HERE, "..", "tools", "wheel", "vendored")
    wheel.add(info + "/METADATA", metadata(p, texts, licenses_of(vendored) if licenses else ()))
    wheel.add(info + "/entry_points.txt", entry_points(p))
    wheel.add(info + "/WHEEL", "Wheel-Version: 1.0\nGenerator: pyvenvctl_build\n"
              "Root-Is-Purelib: %s\nTag: %s\n" % ("false" if tree else "true", tag))
    wheel.end(info + "/RECORD")
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return build(wheel_directory)


def build_sdist(sdist_directory, config_settings=None):
    raise UnsupportedOperation("the source is that of venvctl: see tools/wheel.sh there")


if __name__ == "__main__":
    print(build(sys.argv[1], **dict(word.split("=", 1) for word in sys.argv[2:])))
