@echo off
rem Starts the module that owns a command, with that module's class path only. Windows' djinn.
setlocal
set "root=%~dp0.."
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "DJINN_HOME=%root%"
set "DJINN_COMMAND=djinn"
if not defined ORT_DISABLE_TELEMETRY set "ORT_DISABLE_TELEMETRY=1"

set "command=%~1"
set "module="
if "%command%"=="" goto help
if "%command%"=="help" goto help
if "%command%"=="--help" goto help
if "%command%"=="version" goto version
for %%c in (train sweep watch presets data classifier) do if "%command%"=="%%c" set "module=trainer"
for %%c in (export verify evaluate doctor) do if "%command%"=="%%c" set "module=exporter"
for %%c in (sample serve inspect bench) do if "%command%"=="%%c" set "module=server"
if "%module%"=="" (
  >&2 echo djinn: unknown command '%command%' ^(see djinn help^)
  exit /b 2
)
if not exist "%root%\lib\djinn-%module%.jar" (
  >&2 echo djinn: %command% is not in djinn-serve, which samples and serves; take the full archive
  exit /b 1
)
if "%module%"=="trainer" set "main=dev.djinn.trainer.cli.TrainerMain"
if "%module%"=="exporter" set "main=dev.djinn.exporter.cli.ExporterMain"
if "%module%"=="server" set "main=dev.djinn.server.cli.ServerMain"
set "log="
if not "%module%"=="server" set "log=-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
"%java%" %log% --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true -Dfile.encoding=UTF-8 ^
  -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 %DJINN_JAVA_OPTS% ^
  -cp "%root%\lib\djinn-%module%.jar" %main% %*
exit /b %ERRORLEVEL%

:version
"%java%" -cp "%root%\lib\djinn-server.jar" dev.djinn.server.cli.ServerMain --version
exit /b %ERRORLEVEL%

:help
if "%~2"=="" goto usage
call "%~f0" %2 --help
exit /b %ERRORLEVEL%

:usage
echo Djinn: train GANs in Java, serve them anywhere.
echo.
echo Usage: djinn COMMAND [OPTIONS]        djinn help COMMAND shows its options and examples
echo.
echo   train      train a generator against a discriminator
echo   sweep      train a recipe under settings that vary, and say which is best
echo   presets    list the networks that come with Djinn, or print one
echo   data       list the data sets, or look at one
echo   watch      show runs in the browser while they train, and after
echo   classifier train what evaluate compares pictures with
echo   doctor     what Djinn would run on here, and whether it does
echo   export     write a trained generator to ONNX and prove it
echo   verify     compare an ONNX file with the run it came from
echo   evaluate   say how good generated pictures are
echo   sample     draw pictures from an ONNX generator
echo   serve      serve ONNX generators over HTTP
echo   inspect    show what an ONNX generator says about itself
echo   bench      measure a generator here, or a server by its address
echo.
echo   help       this text, or that of a COMMAND
echo   version    versions of Djinn, Java and the native engines
exit /b 0
