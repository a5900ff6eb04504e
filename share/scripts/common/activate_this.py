# SPDX-License-Identifier: MIT
"""activate_this.py - enter this environment from a Python that runs already

    import runpy
    deactivate = runpy.run_path("bin/activate_this.py")["deactivate"]

Modules are found in the environment from now on, and so are programs that are
started. deactivate() takes it back; what was imported stays imported.
"""


def _activate(file, run_as):
    import builtins
    import os
    import runpy
    import site
    import sys
    import sysconfig

    names = "PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"
__VENV_IF_VIRTUALENV__    names += "PKG_CONFIG_PATH",
__VENV_IF_TCL__    names += "TCL_LIBRARY",
__VENV_IF_TK__    names += "TK_LIBRARY",

    if run_as == "__main__" or os.path.basename(file) != "activate_this.py":
        raise SystemExit("activate_this.py changes the Python that runs it: "
                         "You must use import runpy; runpy.run_path(this_file)")

    # Bytes where the system has them: a locale may read some that it writes otherwise.
    if os.supports_bytes_environ:
        environ, key = os.environb, os.fsencode
    else:
        environ, key = os.environ, os.fsdecode
    names = [key(name) for name in names]

    def text(name):
        decoded = os.fsdecode(name)
        if os.fsencode(decoded) != name:
            raise ValueError("the encoding of file names cannot hold '%a'" % name)
        return decoded

    def run_hooks(name):
        hooks = os.path.join(directory, "etc", "venvctl", name)
        for hook in sorted(os.listdir(hooks)) if os.path.isdir(hooks) else ():
            if hook.endswith(".py"):
                runpy.run_path(os.path.join(hooks, hook))

    def deactivate():
        if getattr(sys, "_venv_deactivate", None) is not deactivate:
            return
        run_hooks("deactivate.d")
        for name in names:
            if name in old:
                environ[name] = old[name]
            else:
                environ.pop(name, None)
        sys.path[:] = [entry for entry in sys.path if entry not in added]
        sys.prefix, sys.exec_prefix = prefixes
        sysconfig.get_config_vars().update(variables)
        del sys._venv_deactivate

    # The directory as it was given, unless this file is somewhere else by now.
    directory = text(__VENV_DIR__)
    place = os.path.dirname(os.path.dirname(os.path.realpath(file)))
    if os.path.isfile(os.path.join(place, "pyvenv.cfg")) \
            and not (directory and place == os.path.realpath(directory)):
        directory = place
__VENV_IF_RELOCATABLE__    if not directory:
__VENV_IF_RELOCATABLE__        raise ValueError("no environment is there, as far as '%s' tells" % place)
    if os.pathsep in directory:
        raise ValueError("'%s': PATH cannot hold a '%s'" % (directory, os.pathsep))

    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else \
        "nt" if os.name == "nt" else "posix_prefix"
    base = {"base": directory, "platbase": directory}
    libraries = [sysconfig.get_path("purelib", scheme, base)]
    if sysconfig.get_path("platlib", scheme, base) not in libraries:
        libraries.append(sysconfig.get_path("platlib", scheme, base))
    if not os.path.isdir(libraries[0]):
        raise ImportError("'%s' is no environment for Python %d.%d"
                          % (directory, sys.version_info[0], sys.version_info[1]))

    # Whoever was active.
    getattr(sys, "_venv_deactivate", lambda: None)()
    old = dict((name, environ[name]) for name in names if name in environ)
    prefixes = sys.prefix, sys.exec_prefix
    os.environ["VIRTUAL_ENV"] = directory
    environ[key("VIRTUAL_ENV_PROMPT")] = key(__VENV_PROMPT_NAME__)
    # An empty entry would stand for the current directory.
    os.environ["PATH"] = os.pathsep.join(
        [os.path.join(directory, text(__VENV_BIN_NAME__))]
        + [entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry])
    os.environ.pop("PYTHONHOME", None)
__VENV_IF_VIRTUALENV__    os.environ["PKG_CONFIG_PATH"] = os.pathsep.join(
__VENV_IF_VIRTUALENV__        [os.path.join(directory, "lib", "pkgconfig")]
__VENV_IF_VIRTUALENV__        + [entry for entry in [os.environ.get("PKG_CONFIG_PATH")] if entry])
__VENV_IF_TCL__    os.environ["TCL_LIBRARY"] = text(__VENV_TCL_LIBRARY__)
__VENV_IF_TK__    os.environ["TK_LIBRARY"] = text(__VENV_TK_LIBRARY__)

    # sysconfig keeps what sys.prefix was when it was imported, before Python 3.12.8.
    names_of_prefix = "prefix", "exec_prefix", "base", "platbase"
    kept = sysconfig.get_config_vars()
    variables = dict((name, kept[name]) for name in names_of_prefix if name in kept)
    sys.prefix = sys.exec_prefix = directory
    sysconfig.get_config_vars().update((name, directory) for name in variables)

    # What .pth files import comes from the standard library, the environment, and then
    # from whatever else there is; afterwards the environment is in front of all.
    standard = os.path.dirname(os.path.realpath(os.__file__))
    standard = [standard, os.path.join(standard, "lib-dynload"),
                os.path.join(os.path.dirname(standard), "python%d%d.zip" % sys.version_info[:2]),
                os.path.realpath(sysconfig.get_path("platstdlib"))]
    before = list(sys.path)
    first = [entry for entry in before if entry and os.path.realpath(entry) in standard]
    sys.path[:] = first + [entry for entry in libraries if entry not in before] \
        + [entry for entry in before if entry not in first]
    for library in libraries:
        site.addsitedir(library)
    added = [entry for entry in sys.path if entry not in before]
    sys.path[:] = added + before
    sys._venv_deactivate = deactivate
    run_hooks("activate.d")
    return deactivate


deactivate = _activate(globals().get("__file__", ""), globals().get("__name__"))
