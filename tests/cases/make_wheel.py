# SPDX-License-Identifier: MIT
"""make_wheel.py DIR PROJECT VERSION [TAGS [REQUIRES_PYTHON [REQUIRES_DIST...]]]: a small real wheel

It has one module and a console script of the project's name, which prints the version.
"""
import base64
import hashlib
import os
import sys
import zipfile


def record_row(name, text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return "%s,sha256=%s,%d" % (name, digest.rstrip(b"=").decode(), len(text.encode()))


def main(where, project, version, tags="py3-none-any", requires=None, *dists):
    info = "%s-%s.dist-info/" % (project, version)
    metadata = ["Metadata-Version: 2.1", "Name: " + project, "Version: " + version]
    if requires:
        metadata.append("Requires-Python: " + requires)
    metadata += ["Requires-Dist: " + dist for dist in dists]
    files = {
        project + ".py": "def main():\n    print(%r)\n" % version,
        info + "METADATA": "\n".join(metadata + [""]),
        info + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\n"
                        "Root-Is-Purelib: true\nTag: %s\n" % tags,
        info + "entry_points.txt": "[console_scripts]\n%s = %s:main\n" % (project, project),
    }
    rows = [record_row(name, text) for name, text in files.items()]
    files[info + "RECORD"] = "\n".join(rows + [info + "RECORD,,", ""])
    path = os.path.join(where, "%s-%s-%s.whl" % (project, version, tags))
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


main(*sys.argv[1:])
