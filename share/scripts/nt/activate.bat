@rem SPDX-License-Identifier: MIT
@rem activate.bat - enter this Python environment from cmd; "deactivate" leaves it
@rem
@rem No "echo off", which would outlive this file. Values are put in as text that stands
@rem outside of quotes with each special character behind a caret.

@rem With cmd /V:ON a "!" in a name would be taken for a variable.
@if "!!"=="" (echo activate.bat cannot be used with delayed expansion, see cmd /V>&2 & exit /b 1)

@rem Names are UTF-8.
@for /f "tokens=2 delims=:." %%A in ('chcp') do @set _OLD_CODEPAGE=%%A
@if defined _OLD_CODEPAGE chcp 65001 >nul

@rem Whoever was active.
@if defined _OLD_VIRTUAL_PATH set "PATH=%_OLD_VIRTUAL_PATH%"
@if defined _OLD_VIRTUAL_PROMPT set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@if defined _OLD_VIRTUAL_PYTHONHOME set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"

@set _OLD_VIRTUAL_PROMPT=
@set _OLD_VIRTUAL_PYTHONHOME=
@if defined PYTHONHOME set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@set PYTHONHOME=
@set "_OLD_VIRTUAL_PATH=%PATH%"

@set VIRTUAL_ENV=__VENV_DIR__
@set VIRTUAL_ENV_PROMPT=__VENV_PROMPT_NAME__
@rem No path has a double quote in it, and without one nothing in it means anything here.
@set "PATH=%VIRTUAL_ENV:"=%\__VENV_BIN_NAME__;%PATH%"
@if not defined PROMPT set PROMPT=$P$G
@if not defined VIRTUAL_ENV_DISABLE_PROMPT set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@if not defined VIRTUAL_ENV_DISABLE_PROMPT set PROMPT=__VENV_PROMPT_CMD__%PROMPT%

@if defined _OLD_CODEPAGE chcp %_OLD_CODEPAGE% >nul
@set _OLD_CODEPAGE=
