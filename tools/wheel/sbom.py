# SPDX-License-Identifier: MIT
"""sbom.py TAKEN REQUIREMENTS: what the wheel has of others, as CycloneDX"""

import json
import os
import sys
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))


def rows(path):
    with open(path) as f:
        return [line.split() for line in f if line.strip() and not line.startswith("#")]


def component(name, version, licence, purl, **more):
    licence = {"expression": licence} if " " in licence else {"license": {"id": licence}}
    return dict({"type": "library", "bom-ref": purl, "name": name, "version": version,
                 "licenses": [licence], "purl": purl}, **more)


def main(taken, requirements):
    licences = {row[0]: row[1] for row in rows(os.path.join(HERE, "vendored"))}
    components = []
    for name, version, digest in rows(taken):
        purl = "pkg:deb/debian/%s@%s?arch=source" % (
            name, version.replace("+", "%2B").replace(":", "%3A"))
        components.append(component(
            name, version, licences[name], purl,
            properties=[{"name": "sha256 of the .dsc", "value": digest}]))
    pins = dict(row[0].split("==") for row in rows(requirements))
    zig = "pkg:pypi/ziglang@" + pins["ziglang"]
    # What a linker adds by itself.
    components.append(component(
        "compiler_rt", pins["ziglang"], "MIT", zig + "#compiler_rt",
        description="functions that the compiler calls"))
    components.append(component(
        "libc_nonshared", "2.28", "LGPL-2.1-or-later", zig + "#glibc",
        description="of glibc, as zig brings it: what may be linked into any program"))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"])))
    known = json.dumps(components, sort_keys=True)
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": "urn:uuid:%s" % uuid.uuid5(uuid.NAMESPACE_URL, known),
        "metadata": {
            "timestamp": stamp,
            "component": {"type": "library", "name": "pyvenvctl", "bom-ref": "pyvenvctl",
                          "licenses": [{"license": {"id": "MIT"}}]},
            "tools": {"components": [{"type": "application", "name": "zig",
                                      "version": pins["ziglang"], "purl": zig}]}},
        "components": components,
        "dependencies": [{"ref": "pyvenvctl",
                          "dependsOn": [c["bom-ref"] for c in components]}],
    }, sys.stdout, indent=1)
    print()


main(*sys.argv[1:])
