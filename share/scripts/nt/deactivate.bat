@rem SPDX-License-Identifier: MIT
@rem deactivate.bat - leave the Python environment that activate.bat entered
@if not defined _OLD_VIRTUAL_PATH exit /b 0
@for /f "tokens=2 delims=:." %%A in ('chcp') do @set _OLD_CODEPAGE=%%A
@if defined _OLD_CODEPAGE chcp 65001 >nul

@rem Copied by "for", as activate.bat does, and for its reason.
@set VIRTUAL_ENV=
@set VIRTUAL_ENV_PROMPT=
@if defined _OLD_VIRTUAL_PATH for /f "tokens=1* delims==" %%A in ('set _OLD_VIRTUAL_PATH') do @if "%%A"=="_OLD_VIRTUAL_PATH" set "PATH=%%B"
@if defined _OLD_VIRTUAL_PROMPT for /f "tokens=1* delims==" %%A in ('set _OLD_VIRTUAL_PROMPT') do @if "%%A"=="_OLD_VIRTUAL_PROMPT" set "PROMPT=%%B"
@if defined _OLD_VIRTUAL_PYTHONHOME for /f "tokens=1* delims==" %%A in ('set _OLD_VIRTUAL_PYTHONHOME') do @if "%%A"=="_OLD_VIRTUAL_PYTHONHOME" set "PYTHONHOME=%%B"
@if defined _OLD_VIRTUAL_ENV for /f "tokens=1* delims==" %%A in ('set _OLD_VIRTUAL_ENV') do @if "%%A"=="_OLD_VIRTUAL_ENV" set "VIRTUAL_ENV=%%B"
@if defined _OLD_VIRTUAL_ENV_PROMPT for /f "tokens=1* delims==" %%A in ('set _OLD_VIRTUAL_ENV_PROMPT') do @if "%%A"=="_OLD_VIRTUAL_ENV_PROMPT" set "VIRTUAL_ENV_PROMPT=%%B"
@set _OLD_VIRTUAL_PATH=
@set _OLD_VIRTUAL_PROMPT=
@set _OLD_VIRTUAL_PYTHONHOME=
@set _OLD_VIRTUAL_ENV=
@set _OLD_VIRTUAL_ENV_PROMPT=

@if defined _OLD_CODEPAGE chcp %_OLD_CODEPAGE% >nul
@set _OLD_CODEPAGE=
