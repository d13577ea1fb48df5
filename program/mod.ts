/**
 * What the programs of all modules share: flags, help, config files, logs, exit
 * codes and signals. Only programs import it.
 *
 * @module
 */
export {
  type CommandLine,
  type Flag,
  type FlagTable,
  type FlagValues,
  parseFlags,
} from "./flags.ts";
export { helpText, type ProgramText } from "./help.ts";
export {
  Log,
  LOG_LEVELS,
  type LogFields,
  type LogFormat,
  type LogLevel,
  type LogOptions,
} from "./log.ts";
export { messageOf } from "./message_of.ts";
export {
  COMMON_FLAGS,
  type Program,
  type ProgramCall,
  readGivenFile,
  runProgram,
  whenAborted,
} from "./run_program.ts";
export {
  isPermitted,
  netOf,
  type Permission,
  someOf,
  storePermissions,
  wholeOf,
} from "./permissions.ts";
export { Progress, type Screen } from "./progress.ts";
export { readToken, serveHttp, type ServeHttpOptions } from "./serve_http.ts";
export { openTelemetry, type OpenTelemetryOptions, type ProgramTelemetry } from "./telemetry.ts";
export { UsageError } from "./usage_error.ts";
export { restartOnChange, type RestartOptions } from "./restart_on_change.ts";
export { version } from "./version.ts";
