import { MemoryModstampStore } from "../../modstamp/mod.ts";
import { testStore } from "./store_conformance.ts";

testStore("MemoryModstampStore", () => Promise.resolve(new MemoryModstampStore()));
