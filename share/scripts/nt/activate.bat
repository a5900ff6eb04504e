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

@rem Whoever was active is left first. Variables are copied by "for", which puts values in
@rem when the line was read already: nothing in them means anything any more.
@if defined _OLD_VIRTUAL_PATH set VIRTUAL_ENV=
@if defined _OLD_VIRTUAL_PATH set VIRTUAL_ENV_PROMPT=
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

@if not defined PROMPT set PROMPT=$P$G
@if defined PATH for /f "tokens=1* delims==" %%A in ('set PATH') do @if /i "%%A"=="PATH" set "_OLD_VIRTUAL_PATH=%%B"
@if defined PROMPT for /f "tokens=1* delims==" %%A in ('set PROMPT') do @if /i "%%A"=="PROMPT" set "_OLD_VIRTUAL_PROMPT=%%B"
@if defined PYTHONHOME for /f "tokens=1* delims==" %%A in ('set PYTHONHOME') do @if /i "%%A"=="PYTHONHOME" set "_OLD_VIRTUAL_PYTHONHOME=%%B"
@if defined VIRTUAL_ENV for /f "tokens=1* delims==" %%A in ('set VIRTUAL_ENV') do @if /i "%%A"=="VIRTUAL_ENV" set "_OLD_VIRTUAL_ENV=%%B"
@if defined VIRTUAL_ENV_PROMPT for /f "tokens=1* delims==" %%A in ('set VIRTUAL_ENV_PROMPT') do @if /i "%%A"=="VIRTUAL_ENV_PROMPT" set "_OLD_VIRTUAL_ENV_PROMPT=%%B"
@if defined VIRTUAL_ENV_DISABLE_PROMPT set _OLD_VIRTUAL_PROMPT=

@set PYTHONHOME=
@set VIRTUAL_ENV=__VENV_DIR__
@set VIRTUAL_ENV_PROMPT=__VENV_PROMPT_NAME__
@rem Without double quotes, which PATH does not need, nothing in it means anything here.
@if defined PATH set "PATH=%VIRTUAL_ENV:"=%\__VENV_BIN_NAME__;%PATH:"=%"
@if not defined PATH set "PATH=%VIRTUAL_ENV:"=%\__VENV_BIN_NAME__"
@if not defined VIRTUAL_ENV_DISABLE_PROMPT set PROMPT=__VENV_PROMPT_CMD__%PROMPT%

@if defined _OLD_CODEPAGE chcp %_OLD_CODEPAGE% >nul
@set _OLD_CODEPAGE=
