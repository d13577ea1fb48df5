import { MALFORMED } from "./malformed_cases.ts";

/** What one connection sends, and what it is then answered, byte for byte; `END` is its end. */
export type Step = readonly [connection: string, send: string, answer: string];

/** A conversation with a server that has just been started. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

const NAME = "n".repeat(200);

/** Every byte that there is, and what looks like the end of a body. */
const BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)) + "\r\n.\r\n";

/** A text whose characters are bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The text whose characters are these bytes. */
export function textOf(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Written from the protocol's description; the reference server passes them all. */
export const CASES: readonly Case[] = [
  ...MALFORMED,
  {
    name: "put, reserve and delete",
    steps: [
      ["a", "put 0 0 60 5\r\nhello\r\n", "INSERTED 1\r\n"],
      ["a", "put 0 0 60 0\r\n\r\n", "INSERTED 2\r\n"],
      ["b", "reserve\r\n", "RESERVED 1 5\r\nhello\r\n"],
      ["a", "delete 1\r\n", "NOT_FOUND\r\n"],
      ["b", "delete 1\r\n", "DELETED\r\n"],
      ["b", "delete 1\r\n", "NOT_FOUND\r\n"],
      ["b", "reserve-with-timeout 0\r\n", "RESERVED 2 0\r\n\r\n"],
      ["b", "reserve-with-timeout 0\r\n", "TIMED_OUT\r\n"],
      ["a", "put 0 0 60 2\r\n\r\n\r\n", "INSERTED 3\r\n"],
      ["a", "delete 3\r\n", "DELETED\r\n"],
    ],
  },
  {
    name: "a reserve waits for a put",
    steps: [
      ["a", "reserve\r\n", ""],
      ["b", "put 0 0 60 1\r\nx\r\n", "INSERTED 1\r\n"],
      ["a", "", "RESERVED 1 1\r\nx\r\n"],
      ["a", "reserve-with-timeout 60\r\n", ""],
      ["b", "put 0 0 60 1\r\ny\r\n", "INSERTED 2\r\n"],
      ["a", "", "RESERVED 2 1\r\ny\r\n"],
    ],
  },
  {
    name: "priorities, and the order within one",
    steps: [
      ["a", "put 10 0 60 1\r\na\r\n", "INSERTED 1\r\n"],
      ["a", "put 4294967295 0 60 1\r\nb\r\n", "INSERTED 2\r\n"],
      ["a", "put 0 0 60 1\r\nc\r\n", "INSERTED 3\r\n"],
      ["a", "put 10 0 60 1\r\nd\r\n", "INSERTED 4\r\n"],
      ["a", "peek-ready\r\n", "FOUND 3 1\r\nc\r\n"],
      [
        "a",
        "reserve\r\nreserve\r\nreserve\r\nreserve\r\n",
        "RESERVED 3 1\r\nc\r\nRESERVED 1 1\r\na\r\nRESERVED 4 1\r\nd\r\nRESERVED 2 1\r\nb\r\n",
      ],
    ],
  },
  {
    name: "pipelined commands are answered in order",
    steps: [
      [
        "a",
        "put 1 0 60 1\r\na\r\nput 0 0 60 1\r\nb\r\nreserve\r\nreserve\r\ndelete 1\r\ndelete 1\r\n" +
        "delete 2\r\nreserve-with-timeout 0\r\nuse t\r\nput 0 0 60 1\r\nc\r\npeek-ready\r\n",
        "INSERTED 1\r\nINSERTED 2\r\nRESERVED 2 1\r\nb\r\nRESERVED 1 1\r\na\r\nDELETED\r\n" +
        "NOT_FOUND\r\nDELETED\r\nTIMED_OUT\r\nUSING t\r\nINSERTED 3\r\nFOUND 3 1\r\nc\r\n",
      ],
    ],
  },
  {
    name: "tubes",
    steps: [
      ["a", "list-tube-used\r\n", "USING default\r\n"],
      ["a", "list-tubes-watched\r\n", "OK 14\r\n---\n- default\n\r\n"],
      ["a", "use mail\r\n", "USING mail\r\n"],
      ["a", "list-tubes\r\n", "OK 21\r\n---\n- default\n- mail\n\r\n"],
      ["a", "put 0 0 60 1\r\nm\r\n", "INSERTED 1\r\n"],
      ["a", "reserve-with-timeout 0\r\n", "TIMED_OUT\r\n"],
      ["a", "watch mail\r\nwatch mail\r\n", "WATCHING 2\r\nWATCHING 2\r\n"],
      ["a", "ignore default\r\nignore none\r\n", "WATCHING 1\r\nWATCHING 1\r\n"],
      ["a", "ignore mail\r\n", "NOT_IGNORED\r\n"],
      ["a", "list-tubes-watched\r\n", "OK 11\r\n---\n- mail\n\r\n"],
      ["a", "reserve\r\n", "RESERVED 1 1\r\nm\r\n"],
      [
        "a",
        "delete 1\r\nwatch default\r\nignore mail\r\n",
        "DELETED\r\nWATCHING 2\r\nWATCHING 1\r\n",
      ],
      ["a", "use default\r\nlist-tubes\r\n", "USING default\r\nOK 14\r\n---\n- default\n\r\n"],
      ["a", `use ${NAME}\r\n`, `USING ${NAME}\r\n`],
      ["a", "use a-+/;.$_()9\r\n", "USING a-+/;.$_()9\r\n"],
    ],
  },
  {
    name: "release, bury and kick",
    steps: [
      ["a", "put 5 0 60 1\r\na\r\nput 5 0 60 1\r\nb\r\n", "INSERTED 1\r\nINSERTED 2\r\n"],
      ["a", "release 1 0 0\r\nbury 1 0\r\ntouch 1\r\n", "NOT_FOUND\r\nNOT_FOUND\r\nNOT_FOUND\r\n"],
      ["a", "reserve\r\n", "RESERVED 1 1\r\na\r\n"],
      ["a", "touch 1\r\n", "TOUCHED\r\n"],
      ["b", "touch 1\r\nrelease 1 0 0\r\n", "NOT_FOUND\r\nNOT_FOUND\r\n"],
      ["a", "release 1 9 0\r\n", "RELEASED\r\n"],
      ["a", "reserve\r\nreserve\r\n", "RESERVED 2 1\r\nb\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "bury 2 0\r\nbury 1 7\r\n", "BURIED\r\nBURIED\r\n"],
      ["a", "peek-buried\r\npeek-ready\r\n", "FOUND 2 1\r\nb\r\nNOT_FOUND\r\n"],
      ["a", "kick 1\r\npeek-buried\r\n", "KICKED 1\r\nFOUND 1 1\r\na\r\n"],
      ["a", "kick-job 1\r\nkick-job 1\r\n", "KICKED\r\nNOT_FOUND\r\n"],
      ["a", "kick 10\r\n", "KICKED 0\r\n"],
      ["a", "put 0 100 60 1\r\nc\r\npeek-delayed\r\n", "INSERTED 3\r\nFOUND 3 1\r\nc\r\n"],
      ["a", "kick 10\r\npeek-delayed\r\n", "KICKED 1\r\nNOT_FOUND\r\n"],
      ["a", "reserve-job 3\r\nrelease 3 0 100\r\n", "RESERVED 3 1\r\nc\r\nRELEASED\r\n"],
      ["a", "kick-job 3\r\nkick-job 99\r\n", "KICKED\r\nNOT_FOUND\r\n"],
    ],
  },
  {
    name: "reserve-job",
    steps: [
      ["a", "put 0 0 60 1\r\na\r\nput 0 90 60 1\r\nb\r\n", "INSERTED 1\r\nINSERTED 2\r\n"],
      ["a", "reserve-job 2\r\n", "RESERVED 2 1\r\nb\r\n"],
      ["b", "reserve-job 2\r\nreserve-job 3\r\n", "NOT_FOUND\r\nNOT_FOUND\r\n"],
      ["a", "bury 2 0\r\n", "BURIED\r\n"],
      ["b", "reserve-job 2\r\nreserve-job 1\r\n", "RESERVED 2 1\r\nb\r\nRESERVED 1 1\r\na\r\n"],
      ["b", "peek 1\r\npeek 3\r\n", "FOUND 1 1\r\na\r\nNOT_FOUND\r\n"],
    ],
  },
  {
    name: "a job whose time to run is over comes back",
    steps: [
      ["a", "put 0 0 1 1\r\na\r\n", "INSERTED 1\r\n"],
      ["a", "reserve\r\n", "RESERVED 1 1\r\na\r\n"],
      ["b", "reserve-with-timeout 5\r\n", "RESERVED 1 1\r\na\r\n"],
      ["a", "delete 1\r\nbury 1 0\r\n", "NOT_FOUND\r\nNOT_FOUND\r\n"],
      ["b", "delete 1\r\n", "DELETED\r\n"],
    ],
  },
  {
    name: "a worker with little time left isn't made to wait",
    steps: [
      ["a", "put 0 0 2 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "reserve\r\n", "DEADLINE_SOON\r\n"],
      ["a", "reserve-with-timeout 0\r\n", "DEADLINE_SOON\r\n"],
      ["b", "put 0 0 60 1\r\nb\r\n", "INSERTED 2\r\n"],
      ["a", "reserve\r\n", "RESERVED 2 1\r\nb\r\n"],
      ["a", "touch 1\r\nreserve-with-timeout 0\r\n", "TOUCHED\r\nTIMED_OUT\r\n"],
    ],
  },
  {
    name: "time to run is at least a second, and waiting has an end",
    steps: [
      ["a", "put 0 0 0 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "reserve-with-timeout 9\r\n", "DEADLINE_SOON\r\n"],
      ["a", "delete 1\r\nreserve-with-timeout 1\r\n", "DELETED\r\nTIMED_OUT\r\n"],
    ],
  },
  {
    name: "delays and pauses",
    steps: [
      ["a", "put 0 1 60 1\r\na\r\nreserve-with-timeout 0\r\n", "INSERTED 1\r\nTIMED_OUT\r\n"],
      ["a", "reserve-with-timeout 5\r\n", "RESERVED 1 1\r\na\r\n"],
      ["a", "put 0 0 60 1\r\nb\r\npause-tube default 1\r\n", "INSERTED 2\r\nPAUSED\r\n"],
      ["a", "reserve-with-timeout 0\r\npeek-ready\r\n", "TIMED_OUT\r\nFOUND 2 1\r\nb\r\n"],
      ["a", "reserve-with-timeout 5\r\n", "RESERVED 2 1\r\nb\r\n"],
      ["a", "pause-tube none 1\r\n", "NOT_FOUND\r\n"],
      ["a", "pause-tube default 50\r\npause-tube default 0\r\n", "PAUSED\r\nPAUSED\r\n"],
      [
        "a",
        "put 0 0 60 1\r\nc\r\nreserve-with-timeout 5\r\n",
        "INSERTED 3\r\nRESERVED 3 1\r\nc\r\n",
      ],
    ],
  },
  {
    name: "what a connection had reserved is given back when it goes",
    steps: [
      ["a", "put 0 0 60 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "quit\r\n", ""],
      ["b", "reserve-with-timeout 5\r\n", "RESERVED 1 1\r\na\r\n"],
    ],
  },
  {
    name: "bodies of any bytes",
    steps: [
      ["a", `put 0 0 60 261\r\n${BYTES}\r\n`, "INSERTED 1\r\n"],
      ["a", "peek 1\r\n", `FOUND 1 261\r\n${BYTES}\r\n`],
      ["a", "reserve\r\n", `RESERVED 1 261\r\n${BYTES}\r\n`],
    ],
  },
  {
    name: "delete of jobs that nobody has reserved",
    steps: [
      ["a", "put 0 0 60 1\r\na\r\nput 0 90 60 1\r\nb\r\n", "INSERTED 1\r\nINSERTED 2\r\n"],
      ["a", "put 0 0 60 1\r\nc\r\n", "INSERTED 3\r\n"],
      ["a", "reserve-job 3\r\nbury 3 0\r\n", "RESERVED 3 1\r\nc\r\nBURIED\r\n"],
      ["b", "delete 1\r\ndelete 2\r\ndelete 3\r\n", "DELETED\r\n".repeat(3)],
      ["b", "peek 1\r\npeek 2\r\npeek 3\r\n", "NOT_FOUND\r\n".repeat(3)],
      ["b", "delete 18446744073709551615\r\n", "NOT_FOUND\r\n"],
    ],
  },
  {
    name: "kick, of buried jobs before delayed ones, in the used tube",
    steps: [
      ["a", "put 0 90 60 1\r\na\r\nput 0 50 60 1\r\nb\r\n", "INSERTED 1\r\nINSERTED 2\r\n"],
      ["a", "put 0 0 60 1\r\nc\r\nreserve\r\n", "INSERTED 3\r\nRESERVED 3 1\r\nc\r\n"],
      ["a", "bury 3 5\r\n", "BURIED\r\n"],
      ["b", "use other\r\nkick 5\r\npeek-buried\r\n", "USING other\r\nKICKED 0\r\nNOT_FOUND\r\n"],
      ["a", "kick 5\r\npeek-ready\r\n", "KICKED 1\r\nFOUND 3 1\r\nc\r\n"],
      ["a", "peek-delayed\r\nkick 1\r\n", "FOUND 2 1\r\nb\r\nKICKED 1\r\n"],
      ["a", "peek-delayed\r\n", "FOUND 1 1\r\na\r\n"],
      ["b", "kick-job 1\r\n", "KICKED\r\n"],
    ],
  },
  {
    name: "release with a delay, and with another priority",
    steps: [
      ["a", "put 5 0 60 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "release 1 4294967295 1\r\npeek-delayed\r\n", "RELEASED\r\nFOUND 1 1\r\na\r\n"],
      ["a", "reserve-with-timeout 0\r\n", "TIMED_OUT\r\n"],
      ["a", "put 6 2 60 1\r\nb\r\n", "INSERTED 2\r\n"],
      ["a", "reserve-with-timeout 5\r\n", "RESERVED 1 1\r\na\r\n"],
      ["a", "release 1 4294967296 0\r\nrelease 1 0 4294967296\r\n", "BAD_FORMAT\r\n".repeat(2)],
      ["a", "bury 1 4294967296\r\nbury 1 4294967295\r\n", "BAD_FORMAT\r\nBURIED\r\n"],
    ],
  },
  {
    name: "a pause, for those that wait already",
    steps: [
      ["a", "reserve\r\n", ""],
      ["b", "pause-tube default 1\r\n", "PAUSED\r\n"],
      ["b", "put 0 0 60 1\r\na\r\nreserve-with-timeout 0\r\n", "INSERTED 1\r\nTIMED_OUT\r\n"],
      ["a", "", "RESERVED 1 1\r\na\r\n"],
      ["b", "pause-tube default 4294967296\r\n", "BAD_FORMAT\r\n"],
    ],
  },
  {
    name: "a time to run that touch starts anew",
    steps: [
      ["a", "put 0 0 3 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["b", "reserve-with-timeout 2\r\n", "TIMED_OUT\r\n"],
      ["a", "touch 1\r\n", "TOUCHED\r\n"],
      ["b", "reserve-with-timeout 2\r\n", "TIMED_OUT\r\n"],
      ["a", "delete 1\r\n", "DELETED\r\n"],
    ],
  },
  {
    name: "quit",
    steps: [
      ["a", "put 0 0 60 1\r\na\r\nreserve\r\n", "INSERTED 1\r\nRESERVED 1 1\r\na\r\n"],
      ["a", "quit\r\n", "END"],
      ["b", "reserve-with-timeout 5\r\n", "RESERVED 1 1\r\na\r\n"],
    ],
  },
  {
    name: "stats of jobs and tubes",
    steps: [
      [
        "a",
        "put 3 0 60 1\r\na\r\nstats-job 1\r\n",
        "INSERTED 1\r\nOK 144\r\n---\nid: 1\ntube: default\nstate: ready\npri: 3\nage: 0\ndelay: 0\n" +
        "ttr: 60\ntime-left: 0\nfile: 0\nreserves: 0\ntimeouts: 0\nreleases: 0\nburies: 0\n" +
        "kicks: 0\n\r\n",
      ],
      ["a", "reserve\r\nrelease 1 4 0\r\n", "RESERVED 1 1\r\na\r\nRELEASED\r\n"],
      ["a", "reserve\r\nbury 1 5\r\n", "RESERVED 1 1\r\na\r\nBURIED\r\n"],
      [
        "a",
        "stats-job 1\r\n",
        "OK 145\r\n---\nid: 1\ntube: default\nstate: buried\npri: 5\nage: 0\ndelay: 0\n" +
        "ttr: 60\ntime-left: 0\nfile: 0\nreserves: 2\ntimeouts: 0\nreleases: 1\nburies: 1\n" +
        "kicks: 0\n\r\n",
      ],
      ["a", "put 0 0 60 1\r\nb\r\ndelete 2\r\n", "INSERTED 2\r\nDELETED\r\n"],
      [
        "a",
        "stats-tube default\r\n",
        "OK 265\r\n---\nname: default\ncurrent-jobs-urgent: 0\ncurrent-jobs-ready: 0\n" +
        "current-jobs-reserved: 0\ncurrent-jobs-delayed: 0\ncurrent-jobs-buried: 1\n" +
        "total-jobs: 2\ncurrent-using: 1\ncurrent-watching: 1\ncurrent-waiting: 0\n" +
        "cmd-delete: 1\ncmd-pause-tube: 0\npause: 0\npause-time-left: 0\n\r\n",
      ],
    ],
  },
];
