# SPDX-License-Identifier: MIT
"""wheelmaker.py - real wheels, and ones that only a bad person would make

As a program, wheelmaker.py DIR PROJECT VERSION [TAGS [REQUIRES_PYTHON [REQUIREMENT...]]]
makes one with a module and a console script of the project's name, which prints the version.
"""

import base64
import hashlib
import sys
import zipfile


def digest(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


class Wheel:
    """A wheel of NAME; files are added, then it is written."""

    def __init__(self, name="acme", version="1.0", tag="py3-none-any", purelib=True, headers=()):
        self.name, self.version, self.tag = name, version, tag
        self.info = "%s-%s.dist-info" % (name, version)
        self.entries = []           # (ZipInfo, data, row or None)
        self.record = self.info + "/RECORD"
        self.add(self.info + "/METADATA",
                 "".join(line + "\n" for line in ["Metadata-Version: 2.1", "Name: " + name,
                                                  "Version: " + version, *headers]))
        self.add(self.info + "/WHEEL",
                 "Wheel-Version: 1.0\nGenerator: wheelmaker\nRoot-Is-Purelib: %s\nTag: %s\n"
                 % (str(purelib).lower(), tag))

    def add(self, path, data=b"", mode=0o100644, row=True, **info):
        """ROW: True for a right one, None for none, a string for another."""
        if isinstance(data, str):
            data = data.encode()
        z = zipfile.ZipInfo(path, info.pop("date", (2024, 2, 29, 12, 30, 10)))
        z.create_system = 3
        z.external_attr = mode << 16
        z.compress_type = zipfile.ZIP_DEFLATED
        if row is True:
            quoted = '"%s"' % path if "," in path else path
            row = "%s,%s,%d" % (quoted, digest(data), len(data))
        self.entries.append((z, data, row))
        return self

    def write(self, directory, record=None):
        path = "%s/%s-%s-%s.whl" % (directory, self.name, self.version, self.tag)
        rows = [row for _, _, row in self.entries if row] + [self.record + ",,"]
        with zipfile.ZipFile(path, "w") as archive:
            for z, data, _ in self.entries:
                archive.writestr(z, data)
            if record is not False:
                archive.writestr(zipfile.ZipInfo(self.record, (2024, 2, 29, 12, 30, 10)),
                                 record or "\n".join(rows) + "\n")
        return path


def main(directory, name, version, tag="py3-none-any", python=None, *requirements):
    headers = ["Requires-Python: " + python] if python else []
    wheel = Wheel(name, version, tag,
                  headers=headers + ["Requires-Dist: " + text for text in requirements])
    wheel.add(name + ".py", "def main():\n    print(%r)\n" % version)
    wheel.add(wheel.info + "/entry_points.txt",
              "[console_scripts]\n%s = %s:main\n" % (name, name))
    wheel.write(directory)


if __name__ == "__main__":
    main(*sys.argv[1:])
