/** What a frame carries (RFC 6455, 5.2). */
export const Opcode = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** Whether frames of `opcode` control the connection and may stand between fragments. */
export function isControl(opcode: number): boolean {
  return opcode >= Opcode.close;
}
