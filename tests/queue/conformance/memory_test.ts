import { MemoryJobStore } from "../../../queue/mod.ts";
import { testJobStore } from "./suite.ts";

testJobStore(
  "MemoryJobStore",
  (loop, limits) => Promise.resolve(new MemoryJobStore({ loop, ...limits })),
);
