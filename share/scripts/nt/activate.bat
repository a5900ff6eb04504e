@rem SPDX-License-Identifier: MIT
@rem activate.bat - enter this Python environment from cmd; "deactivate" leaves it
@rem
@rem No "echo off", which would outlive this file. Values are put in as text that stands
@rem outside of quotes with each special character behind a caret. A variable is read from
@rem what "set" prints: in %X% a quote would let what follows it be run.

@rem With cmd /V:ON a "!" in a name would be taken for a variable.
@if "!!"=="" (echo activate.bat cannot be used with delayed expansion, see cmd /V>&2 & exit /b 1)

@rem Names are UTF-8.
@set _VENV_CODEPAGE=
@for /f "tokens=2 delims=:." %%I in ('"%SystemRoot%\System32\chcp.com"') do @set "_VENV_CODEPAGE=%%I"
@if defined _VENV_CODEPAGE "%SystemRoot%\System32\chcp.com" 65001 >nul

@rem Whoever was active, this script or another that keeps its PATH there. What lies about
@rem without an environment is nobody's.
@if defined VIRTUAL_ENV call :leave
@for %%V in (PATH PROMPT PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT ACTIVE DRAWN MORE) do @set _OLD_VIRTUAL_%%V=

@rem The cmd that prints them may have some by itself: so only what is here.
@for /f "tokens=1* delims==" %%I in ('set') do @for %%V in (PATH PROMPT PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT) do @if defined %%V if /i "%%I"=="%%V" set "_OLD_VIRTUAL_%%V=%%J"
@set _OLD_VIRTUAL_ACTIVE=yes
__VENV_IF_VIRTUALENV__@for %%V in (PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @set _OLD_VIRTUAL_%%V=
__VENV_IF_VIRTUALENV__@for /f "tokens=1* delims==" %%I in ('set') do @for %%V in (PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @if defined %%V if /i "%%I"=="%%V" set "_OLD_VIRTUAL_%%V=%%J"
__VENV_IF_VIRTUALENV__@set _OLD_VIRTUAL_MORE=yes

__VENV_IF_FIXED__@set VIRTUAL_ENV=__VENV_DIR__
__VENV_IF_RELOCATABLE__@for %%I in ("%~dp0..") do @set "VIRTUAL_ENV=%%~fI"
@set VIRTUAL_ENV_PROMPT=__VENV_PROMPT_NAME__
@set PYTHONHOME=

__VENV_IF_FIXED__@set _VENV_PATH=__VENV_DIR__\__VENV_BIN_NAME__;
__VENV_IF_FIXED__@if not defined PATH set PATH=__VENV_DIR__\__VENV_BIN_NAME__
__VENV_IF_RELOCATABLE__@for %%I in ("%~dp0.") do @set "_VENV_PATH=%%~fI;"
__VENV_IF_RELOCATABLE__@if not defined PATH for %%I in ("%~dp0.") do @set "PATH=%%~fI"
@if defined _OLD_VIRTUAL_PATH call :before PATH

__VENV_IF_VIRTUALENV____VENV_IF_FIXED__@set _VENV_PKG_CONFIG_PATH=__VENV_DIR__\lib\pkgconfig;
__VENV_IF_VIRTUALENV____VENV_IF_FIXED__@if not defined PKG_CONFIG_PATH set PKG_CONFIG_PATH=__VENV_DIR__\lib\pkgconfig
__VENV_IF_VIRTUALENV____VENV_IF_RELOCATABLE__@for %%I in ("%~dp0..\lib\pkgconfig") do @set "_VENV_PKG_CONFIG_PATH=%%~fI;"
__VENV_IF_VIRTUALENV____VENV_IF_RELOCATABLE__@if not defined PKG_CONFIG_PATH for %%I in ("%~dp0..\lib\pkgconfig") do @set "PKG_CONFIG_PATH=%%~fI"
__VENV_IF_VIRTUALENV__@if defined _OLD_VIRTUAL_PKG_CONFIG_PATH call :before PKG_CONFIG_PATH
__VENV_IF_VIRTUALENV__@set _VENV_PKG_CONFIG_PATH=
__VENV_IF_TCL__@set TCL_LIBRARY=__VENV_TCL_LIBRARY__
__VENV_IF_TK__@set TK_LIBRARY=__VENV_TK_LIBRARY__
__VENV_IF_VIRTUALENV__
@set _VENV_PROMPT=__VENV_PROMPT_CMD__
@if defined VIRTUAL_ENV_DISABLE_PROMPT set _OLD_VIRTUAL_PROMPT=
@if not defined VIRTUAL_ENV_DISABLE_PROMPT set _OLD_VIRTUAL_DRAWN=yes
@if not defined PROMPT if defined _OLD_VIRTUAL_DRAWN set PROMPT=$P$G
@if defined _OLD_VIRTUAL_DRAWN call :before PROMPT

@if defined _VENV_CODEPAGE "%SystemRoot%\System32\chcp.com" %_VENV_CODEPAGE% >nul
@for %%V in (CODEPAGE PATH PROMPT) do @set _VENV_%%V=
@exit /b 0

@rem before NAME: what _VENV_NAME holds, in front of what NAME does.
:before
@for /f "tokens=1* delims==" %%I in ('set _VENV_%1') do @for /f "tokens=1* delims==" %%K in ('set %1') do @if /i "%%I=%%K"=="_VENV_%1=%1" set "%1=%%J%%L"
@exit /b 0

@rem As in deactivate.bat, which may be another's here.
:leave
@if not defined _OLD_VIRTUAL_ACTIVE if not defined _OLD_VIRTUAL_PATH exit /b 0
@if defined _OLD_VIRTUAL_DRAWN set PROMPT=
@if not defined _OLD_VIRTUAL_PATH set PATH=
@for %%V in (PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT) do @set %%V=
@if defined _OLD_VIRTUAL_MORE for %%V in (PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @set %%V=
@for /f "tokens=1* delims==" %%I in ('set _OLD_VIRTUAL_') do @for %%V in (PATH PROMPT PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT PKG_CONFIG_PATH TCL_LIBRARY TK_LIBRARY) do @if /i "%%I"=="_OLD_VIRTUAL_%%V" set "%%V=%%J"
@exit /b 0
