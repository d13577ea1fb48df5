import type { Case } from "./cases.ts";

const LONG = "x".repeat(65_536);
const NAME = "n".repeat(200);

/** Commands that can't be carried out. */
export const MALFORMED: readonly Case[] = [
  {
    name: "malformed puts",
    steps: [
      ["a", `put 0 0 60 65536\r\n${LONG}\r\n`, "JOB_TOO_BIG\r\n"],
      ["a", `put 0 0 60 65535\r\n${LONG.slice(1)}\r\n`, "INSERTED 1\r\n"],
      ["a", "put 0 0 60 2\r\nabcd", "EXPECTED_CRLF\r\n"],
      ["a", "list-tube-used\r\n", "USING default\r\n"],
      ["a", "put 4294967296 0 60 1\r\n", "BAD_FORMAT\r\n"],
      ["a", "put 0 4294967296 60 1\r\n", "BAD_FORMAT\r\n"],
      ["a", "put -1 0 60 1\r\n", "BAD_FORMAT\r\n"],
      ["a", "put 0 0 60 1x\r\n", "BAD_FORMAT\r\n"],
      ["a", "put 0 0 60 1 \r\n", "BAD_FORMAT\r\n"],
      ["a", "put 0 0 60\r\n", "BAD_FORMAT\r\n"],
      ["a", "put\r\n", "UNKNOWN_COMMAND\r\n"],
    ],
  },
  {
    name: "malformed commands",
    steps: [
      ["a", "\r\nfoo\r\nUSE a\r\n", "UNKNOWN_COMMAND\r\n".repeat(3)],
      ["a", "use\r\nwatch\r\ntouch\r\nkick\r\n", "UNKNOWN_COMMAND\r\n".repeat(4)],
      ["a", "use -a\r\nuse a b\r\nuse a \r\nuse é\r\nuse \r\n", "BAD_FORMAT\r\n".repeat(5)],
      ["a", `use ${NAME}n\r\nuse ${"n".repeat(500)}\r\n`, "BAD_FORMAT\r\n".repeat(2)],
      ["a", "use a\0b\r\n", "BAD_FORMAT\r\n"],
      ["a", "stats x\r\nreserve x\r\nreservex\r\npeek-readyx\r\n", "BAD_FORMAT\r\n".repeat(4)],
      ["a", "delete x\r\ndelete 1 2\r\ndelete 1 \r\ndelete -1\r\n", "BAD_FORMAT\r\n".repeat(4)],
      ["a", "peek 99999999999999999999\r\n", "BAD_FORMAT\r\n"],
      ["a", "peek 18446744073709551615\r\npeek  1\r\n", "NOT_FOUND\r\n".repeat(2)],
      ["a", "bury 1\r\nrelease 1 2\r\nrelease 1 2 3 4\r\n", "BAD_FORMAT\r\n".repeat(3)],
      ["a", "pause-tube default\r\npause-tube -x 1\r\n", "BAD_FORMAT\r\n".repeat(2)],
      ["a", "kick 5x\r\nkick -1\r\n", "KICKED 0\r\n".repeat(2)],
      ["a", "kick x\r\n", "BAD_FORMAT\r\n"],
      ["a", "stats-job 1\r\nstats-tube none\r\n", "NOT_FOUND\r\n".repeat(2)],
    ],
  },
];
