import type { EventLoop } from "../../loop/mod.ts";
import type { MemoryBudget } from "../protocol/memory_budget.ts";
import type { Unmasker } from "../protocol/unmasker.ts";
import type { AddressLimit } from "./address_limit.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { FrameWriter } from "./frame_writer.ts";
import type { Roster } from "./roster.ts";
import type { ServerCounters } from "./server_stats.ts";
import type { ServerSettings } from "./server_options.ts";

/** What the connections of one server share. */
export interface ServerContext {
  readonly loop: EventLoop;
  readonly settings: ServerSettings;
  readonly dispatcher: Dispatcher;
  readonly writer: FrameWriter;
  readonly unmasker: Unmasker;
  readonly unfinished: MemoryBudget;
  readonly addresses: AddressLimit;
  readonly counters: ServerCounters;
  readonly roster: Roster;
  /** Whether no connections are taken any more. */
  draining: boolean;
}
